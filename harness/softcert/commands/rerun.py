"""A run again from its document: the same subjects, plan and baseline, and what comes out otherwise."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from softcert.certification.plan import Plan
from softcert.commands.certify import Run
from softcert.commands.replay import resolve_recorded
from softcert.commands.trust import Trust
from softcert.results import gate
from softcert.results.plain_data import plain
from softcert_implementations.contract import Contract
from softcert_implementations.implementation import Implementation
from softcert_oracle.errors import UsageError
from softcert_reports import document as doc

_VERSIONS = ("softcert", "battery", "recipe", "limits")


def rerun(document: doc.Document, trust: Trust, jobs: int | None = None) -> tuple[list[str], list[str]]:
    """Certify the subjects of a document again.

    The subjects run in processes of their own, whatever the isolation of the first run was.

    Parameters
    ----------
    document
        The results document.
    trust
        What may be run because the document names it.
    jobs
        How many processes share the work; None for as many as it is worth.

    Returns
    -------
    What differs, one sentence each, and notes about the new run.

    Raises
    ------
    UsageError
        Where a subject cannot be found again, or may not be run.
    """
    for subject in document.subjects:
        trust.require(subject)  # all of them before any is run
    plan = Plan.of(document.effort, document.asked_level, document.seed, ops=document.asked_operations)
    subjects = [as_recorded(resolve_recorded(subject, trust=trust), subject) for subject in document.subjects]
    run = Run(plan, subjects, jobs=jobs)
    run.certify()
    again = run.document("softcert verify --rerun")
    if document.baseline is not None:
        again = gate.decide(replace(again, baseline=document.baseline))
    return list(differences(document, again)), list(_notes(document, again))


def as_recorded(found: Implementation, subject: doc.Subject) -> Implementation:
    """A subject that was described again, with the name, the operations and the contract that its document records."""
    missing = [o for o in subject.operations if o not in found.ops]
    if missing:
        raise UsageError(f"{subject.name} no longer has {', '.join(missing)}; it has {', '.join(found.ops)}.")
    same = replace(found, name=subject.name, ops={o: found.ops[o] for o in subject.operations})
    recorded = doc.Subject(name="", verdict="not run", contract_deviations=plain(same.contract.deviations()))
    if _canonical(recorded) == _canonical(subject):
        return same
    return replace(same, contract=Contract(dict(subject.contract_deviations)))


def _canonical(subject: doc.Subject) -> object:
    """The deviations of a contract as a file gives them back: sequences are tuples there."""
    only = doc.Subject(name="", verdict="not run", contract_deviations=subject.contract_deviations)
    document = doc.Document(title="", created="", subjects=(only,))
    return doc.canonical(document).subjects[0].contract_deviations


def differences(document: doc.Document, again: doc.Document) -> Iterator[str]:
    """Where a new run comes out otherwise than a document says; one sentence each."""
    others = {s.name: s for s in again.subjects}
    for subject in document.subjects:
        yield from _of_subject(subject, others[subject.name])
    yield from _of_cells(document, again)
    for finding in sorted({f.id for f in document.findings} ^ {f.id for f in again.findings}):
        which = "does not show" if any(f.id == finding for f in document.findings) else "shows also"
        yield f"the rerun {which} the finding {finding!r}"
    if document.baseline is not None and again.baseline is not None:
        for name in ("entries", "unexpected", "stale"):
            if getattr(document.baseline, name) != getattr(again.baseline, name):
                yield f"the rerun has other {name} of the baseline"
    if document.exit_code != again.exit_code:
        yield f"the certificate says exit code {document.exit_code}, the rerun {again.exit_code}"


def _of_subject(subject: doc.Subject, again: doc.Subject) -> Iterator[str]:
    name = subject.name
    if subject.source_digest and again.source_digest != subject.source_digest:
        yield f"{name}: its source was changed since it was certified"
    if (subject.verdict, subject.level) != (again.verdict, again.level):
        yield (
            f"{name}: the certificate says {subject.verdict} ({subject.level}), "
            f"the rerun {again.verdict} ({again.level})"
        )
    for operation, by_format in subject.levels.items():
        for format, held in by_format.items():
            other = again.levels.get(operation, {}).get(format)
            if other is None or _claim(held) != _claim(other):
                was, now = _claim(held), "nothing" if other is None else _claim(other)
                yield f"{name}: the certificate says {was} of {operation} in {format}, the rerun {now}"


def _claim(held: doc.Held) -> str:
    word = "correctly rounded" if held.correctly_rounded else str(held.level or "no level")
    return f"{word} ({held.basis})"


def _of_cells(document: doc.Document, again: doc.Document) -> Iterator[str]:
    """Properties that the rerun checks and the document does not, or the other way round."""
    mine, theirs = ({_place(c): c for c in d.cells} for d in (document, again))
    for key in dict.fromkeys((*mine, *theirs)):
        was, now = mine.get(key), theirs.get(key)
        said, seen = (_outcome(c, document.asked_level) for c in (was, now))
        if said != seen:
            yield f"{' / '.join(key)}: the certificate says {said}, the rerun {seen}"


def _outcome(cell: doc.Cell | None, asked: doc.Level) -> str:
    """What a cell says at the asked level; above it outcomes may change with the machine's libraries."""
    return "nothing" if cell is None or cell.level > asked else cell.outcome


def _place(cell: doc.Cell) -> tuple[str, str, str, str]:
    return cell.subject, cell.operation, cell.format, cell.property


def _notes(document: doc.Document, again: doc.Document) -> Iterator[str]:
    yield "certified again from the same seed"
    for name in _VERSIONS:
        was, now = document.versions.get(name, "unknown"), again.versions.get(name, "unknown")
        if was != now:
            yield f"the version of {name} is {now}, that of the certificate is {was}"
