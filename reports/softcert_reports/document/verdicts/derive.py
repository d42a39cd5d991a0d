"""The fields of a document that follow from the others, filled in: outcomes, levels, verdicts, counts, exit code."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from softcert_reports.document.document import Document
from softcert_reports.document.levels import Level
from softcert_reports.document.records import Cell, Counts, Domain, Held, Outcome, Subject
from softcert_reports.document.verdicts import baseline, units

OK, NOT_CERTIFIED, USAGE, INCONCLUSIVE = 0, 1, 2, 3
"""Exit codes. 2 is wrong use: no document has it."""

UnitKey = tuple[str, str, str]
"""Subject, operation and format."""


def derive(document: Document) -> Document:
    """The document with everything that follows from its counts.

    Parameters
    ----------
    document
        Cells with their ``by_level``, subjects with the units that were planned (the keys of ``levels``) and their
        ending, domains, the asked level, and the entries of the baseline where there is one. Whatever it says itself of
        outcomes, levels, verdicts, counts and the exit code is replaced.
    """
    own = {p.name: Level(p.level) for p in document.properties}
    cells = tuple(_cell(cell, own) for cell in document.cells)
    parts: dict[UnitKey, list[Cell]] = {}
    for cell in cells:
        parts.setdefault((cell.subject, cell.operation, cell.format), []).append(cell)
    domains: dict[str, list[Domain]] = {}
    for domain in document.domains:
        domains.setdefault(domain.subject, []).append(domain)
    subjects = tuple(_subject(s, parts, domains.get(s.name, ()), document.asked_level) for s in document.subjects)
    findings = tuple(replace(f, expected_reason="") for f in document.findings)
    plain = replace(document, cells=cells, subjects=subjects, findings=findings)
    held = plain if plain.baseline is None else baseline.compare(plain, plain.baseline)
    return replace(held, exit_code=exit_code(held))


def exit_code(document: Document) -> int:
    """The exit code of a run from its verdicts and its baseline.

    0 every subject certified at the asked level, or exactly as the baseline says; 1 at least one is not; 3
    inconclusive, incomplete or a failure of the harness, and nothing worse. A run that checked nothing is never 0.
    """
    checked = any(s.counts.checks for s in document.subjects)
    held_against = document.baseline
    if held_against is not None and (held_against.unexpected or held_against.stale):
        return NOT_CERTIFIED
    expected = {e.subject for e in held_against.entries} if held_against is not None else set()
    verdicts = [s.verdict for s in document.subjects if not (s.verdict == "not certified" and s.name in expected)]
    if any(v == "not certified" for v in verdicts):
        return NOT_CERTIFIED
    if not document.complete or not checked or any(v != "certified" for v in verdicts):
        return INCONCLUSIVE
    return OK


def _cell(cell: Cell, own: Mapping[str, Level]) -> Cell:
    """A cell from its counts: its level is the lowest that is violated, else the property's own."""
    checks, violations, undecided = (
        sum(getattr(part, name) for part in cell.by_level) for name in ("checks", "violations", "undecided")
    )
    ran = "fail" if violations else "undecided" if undecided else "pass" if checks else "vacuous"
    outcome: Outcome = ran if cell.by_level else "not run"  # type: ignore[assignment] # one of the six words
    level = units.lowest_violated(cell.by_level) or own.get(cell.property, cell.level)
    return replace(cell, outcome=outcome, level=level, checks=checks, violations=violations, undecided=undecided)


def _subject(subject: Subject, cells: Mapping[UnitKey, list[Cell]], domains: Iterable[Domain], asked: Level) -> Subject:
    unrefuted = {(e.operation, e.format): e.unrefuted for e in subject.contract_effects}
    mine = {
        (operation, format): units.Unit(
            operation=operation,
            format=format,
            parts=tuple((c.property, p) for c in cells.get((subject.name, operation, format), ()) for p in c.by_level),
            unrefuted=unrefuted.get((operation, format), ()),
        )
        for operation, by_format in subject.levels.items()
        for format in by_format
    }
    every = tuple(mine.values())
    return replace(
        subject,
        verdict=units.verdict_of(every, asked, subject.ending),
        level=units.level_of(every, subject.ending),
        levels={
            operation: {format: _held(held, mine[operation, format]) for format, held in by_format.items()}
            for operation, by_format in subject.levels.items()
        },
        counts=_counts(every, domains, subject.counts.calls),
    )


def _held(held: Held, unit: units.Unit) -> Held:
    nearest = unit.level == Level.FAITHFUL and held.rounded > 0 and held.not_nearest == 0
    return replace(held, level=unit.level, correctly_rounded=nearest)


def _counts(every: Iterable[units.Unit], domains: Iterable[Domain], calls: int) -> Counts:
    parts = [part for unit in every for _, part in unit.parts]
    checks, failed = sum(p.checks for p in parts), sum(p.violations for p in parts)
    undecided = sum(p.undecided for p in parts)
    return Counts(
        checks=checks,
        passed=max(0, checks - failed - undecided),  # counts that exceed their checks are a contradiction of their own
        failed=failed,
        undecided=undecided,
        not_run=sum(entry.count for domain in domains for entry in domain.not_run),
        vacuous=sum(p.vacuous for p in parts),
        calls=calls,
    )
