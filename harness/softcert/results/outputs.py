"""Every form in which a document leaves the harness: report, files for machines, text, and what CI systems read."""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from softcert.results import baseline as baselines
from softcert.results import expectations
from softcert_reports import document as doc
from softcert_reports.document.atomic import write_whole
from softcert_reports.exports import text
from softcert_reports.formatting.sanitise import one_line


def summary(document: doc.Document, report: Path | None = None, results: Path | None = None) -> str:
    """The run as plain text: verdicts, and each cause with witness and remedy.

    Parameters
    ----------
    document
        The results document.
    report, results
        Where the page and the document were written: there the causes stand that are too many for a terminal.
    """
    if report is not None:
        return text.summary(document, in_full=f"all in {one_line(str(report / 'index.html'))}")
    if results is not None:
        return text.summary(document, in_full=f"softcert report {one_line(str(results))} shows all")
    return text.summary(document)


def _export_of(module: str, function: str) -> Callable[[doc.Document], str]:
    """A function of `softcert_reports.exports`, whose module is loaded when it is called."""

    def export(document: doc.Document) -> str:
        exported: str = getattr(importlib.import_module(f"softcert_reports.exports.{module}"), function)(document)
        return exported

    return export


EXPORTS: Mapping[str, Callable[[doc.Document], str]] = {
    "junit": _export_of("junit", "junit"),
    "ctrf": _export_of("ctrf", "ctrf"),
    "sarif": _export_of("sarif", "sarif"),
    "gitlab": _export_of("gitlab", "code_quality"),
    "badge": _export_of("badge", "badge"),
    "certificate": _export_of("certificate", "certificate"),
}
"""What can be written beside the report and the results, by the name of its option."""


@dataclass(frozen=True)
class Written:
    """What became of the files that were asked for.

    Attributes
    ----------
    paths
        The files that were written.
    problems
        A sentence for each file that could not be written.
    """

    paths: tuple[Path, ...]
    problems: tuple[str, ...]

    def __add__(self, other: Written) -> Written:
        """What became of the files of both."""
        return Written(self.paths + other.paths, self.problems + other.problems)


def write(document: doc.Document, *, report: Path | None, results: Path | None, **files: Path | None) -> Written:
    """Write the outputs that were asked for, each whole or not at all, and none at the cost of another.

    Parameters
    ----------
    document
        The results document.
    report
        Folder for the page and its results.json.
    results
        File for the results document.
    **files
        Files by the names of `EXPORTS`.
    """
    writers: dict[Path, Callable[[Path], object]] = {}
    # The results first: whatever fails after this, they are kept, and a page can be made of them later.
    if results is not None:
        writers[results] = lambda path: doc.save(document, path)
    if report is not None:
        writers.setdefault(report / "results.json", lambda path: doc.save(document, path))
        writers[report / "index.html"] = lambda path: _write_page(path, document)
    writers |= {path: _export(document, kind) for kind, path in files.items() if path is not None}
    return write_each(writers)


def _write_page(path: Path, document: doc.Document) -> None:
    from softcert_reports.page import render  # and Jinja, for a run that writes a page

    write_whole(path, render.render(document))


def _export(document: doc.Document, kind: str) -> Callable[[Path], object]:
    return lambda path: write_whole(path, EXPORTS[kind](document))


def write_each(writers: Mapping[Path, Callable[[Path], object]]) -> Written:
    """Call each writer with its path; one that fails costs no other.

    Parameters
    ----------
    writers
        By its path, what writes a file.
    """
    paths, problems = [], []
    for path, writer in writers.items():
        try:
            writer(path)
        except Exception as error:  # a full disk, or a fault of ours in one export: the others are written all the same
            if os.environ.get("SOFTCERT_DEBUG") and not isinstance(error, doc.DocumentError | OSError):
                raise
            problems.append(_problem(path, error))
        else:
            paths.append(path)
    return Written(tuple(paths), tuple(problems))


def _problem(path: Path, error: Exception) -> str:
    if isinstance(error, doc.DocumentError):
        return str(error)
    reason = error.strerror if isinstance(error, OSError) and error.strerror else f"{type(error).__name__}: {error}"
    return f"{path} cannot be written: {reason}."


def baseline(document: doc.Document, old: baselines.Baseline | None, path: Path) -> Written:
    """Write the baseline anew, from a run that judged every subject: what was not reached would count as mended."""
    if not document.complete or any(s.verdict in ("harness error", "not run") for s in document.subjects):
        return Written((), (f"{path} was not written: the run is incomplete, and a baseline needs a whole one.",))
    return write_each({path: lambda path: baselines.save(expectations.updated(document, old), path)})


def page(documents: Sequence[doc.Document], names: Sequence[str], folder: Path) -> Path:
    """One document as a report, or several side by side; the page's path."""
    from softcert_reports.page import compare, render

    if len(documents) == 1:
        render.write(documents[0], folder)
    else:
        write_whole(folder / "index.html", compare.compare(documents, names))
    return folder / "index.html"


def continuous_integration(document: doc.Document) -> Written:
    """Write the files that the CI system reads which runs us; it is found by its own environment variables."""
    writers: dict[Path, Callable[[Path], object]] = {}
    if _on_github() and (path := os.environ.get("GITHUB_STEP_SUMMARY")):
        writers[Path(path)] = lambda path: _append(path, _job_summary(document))
    if os.environ.get("GITLAB_CI") == "true" and not os.environ.get("SOFTCERT_NO_GITLAB"):
        report = Path("gl-code-quality-report.json")
        writers[report] = lambda path: write_whole(path, EXPORTS["gitlab"](document))
    return write_each(writers)


def _job_summary(document: doc.Document) -> str:
    from softcert_reports.exports import github

    return github.job_summary(document)


def workflow_commands(document: doc.Document) -> str:
    """The commands for the log of a GitHub workflow that annotate the findings; "" anywhere else."""
    if not _on_github():
        return ""
    from softcert_reports.exports import github

    return github.annotations(document)


def _on_github() -> bool:
    return os.environ.get("GITHUB_ACTIONS") == "true"


def _append(path: Path, text: str) -> None:
    with path.open("a", encoding="utf-8") as file:
        file.write(text)
