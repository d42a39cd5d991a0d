"""``softcert verify``: whether a certificate is what it says it is, and whether its verdict comes again."""

from __future__ import annotations

from pathlib import Path

from softcert.certification.plan import Plan
from softcert.commands.certify import Run
from softcert.commands.replay import resolve_recorded
from softcert.commands.trust import NOTHING, Trust
from softcert.executors import sources
from softcert_reports import document as doc
from softcert_reports.exports import certificate as certificates

UNFOUNDED, OTHERWISE = 2, 1
"""Exit codes: the certificate does not follow from its results; a new run judges otherwise."""


def verify(path: Path, results: Path | None, rerun: bool, trust: Trust = NOTHING) -> tuple[list[str], list[str], int]:
    """Problems of a certificate, notes about it, and the exit code. `DocumentError` for files that are none."""
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
    if problems := certificates.verify(text, document):
        return problems, notes, UNFOUNDED
    if rerun:
        problems = _rerun(document, trust)
        notes.append("certified again from the same seed")
    return problems, notes, OTHERWISE if problems else 0


def _rerun(document: doc.Document, trust: Trust) -> list[str]:
    problems = []
    for subject in document.subjects:
        trust.require(subject)  # all of them before any is run
    for subject in document.subjects:
        plan = Plan.of(document.effort, document.asked_level, document.seed, ops=subject.operations or None)
        run = Run(plan, [resolve_recorded(subject, trust=trust)])
        run.certify()
        again = run.results[0]
        if subject.source_digest and sources.digest(again.implementation) != subject.source_digest:
            problems.append(f"{subject.name}: its source was changed since it was certified")
        level = again.level()
        if again.verdict != subject.verdict or str(level) != str(subject.level):
            problems.append(
                f"{subject.name}: the certificate says {subject.verdict} ({subject.level}), "
                f"the rerun {again.verdict} ({level})"
            )
    return problems
