"""The figures of ``softcert power`` as text."""

from __future__ import annotations

import statistics
from collections.abc import Iterator

from softcert.commands.power import DefectResult, PowerResult, by_family


def table(result: PowerResult) -> str:
    """Kill rate by family, survivors, false alarms, times and diagnoses, a line each."""
    return "\n".join(_lines(result))


def _lines(result: PowerResult) -> Iterator[str]:
    yield f"softcert power, effort {result.effort}, seed {result.seed}"
    yield ""
    for family, members in by_family(result.defects).items():
        yield f"  {sum(d.killed for d in members):3} of {len(members):3} killed  {family}"
    undebated = [d for d in result.defects if not d.debated]
    yield ""
    yield f"undebated defects killed: {sum(d.killed for d in undebated)} of {len(undebated)}"
    for d in result.survivors:
        yield f"  SURVIVED {d.name} ({d.family}, {d.operation}, {d.format})"
    yield f"false alarms on correct implementations: {len(result.false_alarms)} of {len(result.correct)}"
    for c in result.false_alarms:
        yield f"  FALSE ALARM {c.name} ({c.operation}, {c.format}): expected {c.expected}, held {c.held}; {c.finding}"
    if times := sorted(d.seconds for d in result.defects if d.seconds is not None):
        yield f"time to the first finding: median {statistics.median(times):.2f} s, worst {times[-1]:.2f} s"
    if variants := [d for d in result.defects if d.part == "variants" and d.killed]:
        yield from _diagnoses(variants)


def _diagnoses(variants: list[DefectResult]) -> Iterator[str]:
    right = sum(d.diagnosed == d.family for d in variants)
    yield f"top diagnosis names the family: {right} of {len(variants)} variants"
    for d in variants:
        if d.diagnosed != d.family:
            yield f"  {d.name} ({d.format}): {d.family}, diagnosed as {d.diagnosed or 'nothing known'}"
