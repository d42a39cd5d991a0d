"""Every form in which a document leaves the harness: report, files for machines, text, and what CI systems read."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from softcert_reports import document as doc
from softcert_reports.document.atomic import write_whole
from softcert_reports.exports import badge as badges
from softcert_reports.exports import certificate as certificates
from softcert_reports.exports import github, text
from softcert_reports.exports import gitlab as gitlabs
from softcert_reports.exports import junit as junits
from softcert_reports.exports import sarif as sarifs
from softcert_reports.page import compare, render


def summary(document: doc.Document) -> str:
    """The run as plain text: verdicts, worst findings with witness and remedy."""
    return text.summary(document)


EXPORTS: Mapping[str, Callable[[doc.Document], str]] = {
    "junit": junits.junit,
    "sarif": sarifs.sarif,
    "gitlab": gitlabs.code_quality,
    "badge": badges.badge,
    "certificate": certificates.certificate,
}
"""What can be written beside the report and the results, by the name of its option."""


def write(document: doc.Document, *, report: Path | None, results: Path | None, **files: Path | None) -> list[Path]:
    """Write the outputs that were asked for, each whole or not at all.

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

    Returns
    -------
    The paths that were written.
    """
    written: list[Path] = []
    # The results first: whatever fails after this, they are kept, and a page can be made of them later.
    if results is not None:
        results.parent.mkdir(parents=True, exist_ok=True)
        doc.save(document, results)
        written.append(results)
    if report is not None:
        written.append(render.write(document, report))
    for kind, path in files.items():
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
            write_whole(path, EXPORTS[kind](document))
            written.append(path)
    return written


def page(documents: Sequence[doc.Document], names: Sequence[str], folder: Path) -> Path:
    """One document as a report, or several side by side; the page's path."""
    folder.mkdir(parents=True, exist_ok=True)
    if len(documents) == 1:
        render.write(documents[0], folder)
    else:
        write_whole(folder / "index.html", compare.compare(documents, names))
    return folder / "index.html"


def continuous_integration(document: doc.Document) -> None:
    """What the CI system that runs us understands, found by its own environment variables."""
    if os.environ.get("GITHUB_ACTIONS") == "true":
        print(github.annotations(document))
        if path := os.environ.get("GITHUB_STEP_SUMMARY"):
            with Path(path).open("a", encoding="utf-8") as file:
                file.write(github.job_summary(document))
    if os.environ.get("GITLAB_CI") == "true" and not os.environ.get("SOFTCERT_NO_GITLAB"):
        write_whole(Path("gl-code-quality-report.json"), gitlabs.code_quality(document))
