"""``softcert verify``: whether a certificate is what it says it is, and whether its verdict comes again."""

from __future__ import annotations

from pathlib import Path

from softcert.commands.rerun import rerun as certify_again
from softcert.commands.trust import NOTHING, Trust
from softcert.results import baseline as baselines
from softcert.results.expectations import recorded
from softcert_oracle.errors import UsageError
from softcert_reports import document as doc
from softcert_reports.document.verdicts.baseline import key_of
from softcert_reports.exports import certificate as certificates
from softcert_reports.formatting import wording

UNFOUNDED, OTHERWISE = 2, 1
"""Exit codes: the certificate does not follow from its results; a new run judges otherwise."""


def verify(
    path: Path,
    results: Path | None,
    rerun: bool,
    baseline: str | None = None,
    trust: Trust = NOTHING,
    *,
    jobs: int | None = None,
) -> tuple[list[str], list[str], int]:
    """Hold a certificate against its results, and its results against their own cells.

    Parameters
    ----------
    path
        The certificate.
    results
        Its results document; results.json beside it where None.
    rerun
        Whether the subjects are certified again.
    baseline
        The baseline that the run was held against, where it has moved since.
    trust
        What may be run again because the document names it.
    jobs
        How many processes share a new run.

    Returns
    -------
    Problems, notes about the certificate, and the exit code.

    Raises
    ------
    DocumentError
        For files that cannot be read, and for results that contradict themselves.
    UsageError
        For a baseline or a subject that cannot be found, or that may not be run because a document names it.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise doc.DocumentError(f"{path} cannot be read: {error.strerror or error}. Give a certificate.") from None
    except UnicodeDecodeError:
        raise doc.DocumentError(f"{path} is no certificate: it is not even UTF-8 text.") from None
    beside = results or path.with_name("results.json")
    if results is None and not beside.exists():
        raise doc.DocumentError(f"{path}: no results.json lies beside it. Give its results document with --results.")
    document = doc.load(beside)
    notes = ["unsigned: the digests bind the certificate to its results, not to a person"]
    if caution := wording.unisolated(document):
        notes.append(caution)
    problems = certificates.verify(text, document)
    if document.baseline is not None:
        count = len(document.baseline.entries)
        notes.append(f"held against the baseline {document.baseline.path!r}, which expects {count} failures")
        problems += _invented(document.baseline, document, beside.parent, baseline)
    if problems:
        return problems, notes, UNFOUNDED
    if rerun:
        problems, more = certify_again(document, trust, jobs)
        notes += more
    return problems, notes, OTHERWISE if problems else 0


def _invented(stated: doc.Baseline, document: doc.Document, folder: Path, given: str | None) -> list[str]:
    """Entries of a document's baseline that its file does not have, and the other way round."""
    where = given or _place(stated.path, folder)
    if where is None:
        return [
            f"its baseline {stated.path!r} is not there, so its exceptions rest on nothing: give it with --baseline"
        ]
    try:
        entries = recorded(baselines.load(where)).entries
    except UsageError as error:
        return [str(error)]
    run = {s.name for s in document.subjects}
    mine, theirs = ({key_of(e): e for e in some if e.subject in run} for some in (entries, stated.entries))
    return [
        f"its baseline is not the one in {where!r}: they differ in {' / '.join(key)!r}"
        for key in list(dict.fromkeys((*mine, *theirs)))
        if mine.get(key) != theirs.get(key)
    ]


def _place(path: str, folder: Path) -> str | None:
    """Where a document's baseline lies now: as the path says, or in the folder of the document."""
    if path == "bundled":
        return path
    try:
        found = [place for place in (Path(path), folder / Path(path).name) if place.is_file()]
    except (OSError, ValueError):  # no name that a file could have
        return None
    return str(found[0]) if found else None
