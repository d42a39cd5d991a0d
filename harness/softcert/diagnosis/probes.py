"""Probes: the cases on which a failing subject is compared with models of defects, with exact results and limits."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import accumulate
from typing import TypeVar

import numpy as np

from softcert.cases.call import Call, build_call
from softcert.cases.case import Case
from softcert.cases.inputs import build
from softcert.cases.invalid_labels import rows_with_invalid_labels
from softcert.certification.result import UnitResult
from softcert.expected.reference import ReferenceCache
from softcert.expected.special_values import Acceptance
from softcert.findings.collect import FindingEvidence
from softcert_oracle import operations
from softcert_oracle.levels import Level
from softcert_oracle.numbers import formats

Item = TypeVar("Item")
PROBES = 90  # cases compared with each model: all failing ones up to half, the rest passing
SMALL = 5000  # elements: a probe that every model runs in no time
_EXAMINED = 90  # cases among which so many failing ones are looked for: some break a level that is not compared
_LARGE = 6  # large probes that the subject got right
_LARGE_ELEMENTS = 1 << 17  # elements of all of them, and of large failing ones: models are slow there
_ROW_BY_ROW = 70  # rows of a batch that a model goes through one by one


@dataclass(frozen=True, eq=False, kw_only=True)
class Probe:
    """A call with its exact results and limits, and what the subject gave.

    Attributes
    ----------
    call
        The call that models are run on.
    exact, limit
        The exact results and the limits on them, float64.
    got
        The subject's output, float64; None where there is none.
    failed_properties
        Properties of the reply's form that fail.
    reduction
        The reduction of the subject's loss.
    largest
        The largest number of the result's format: beyond it an infinity is right.
    accepted
        What is accepted on special rows.
    """

    call: Call
    exact: np.ndarray
    limit: np.ndarray
    got: np.ndarray | None
    failed_properties: frozenset[str] = frozenset()
    reduction: str = "mean"
    largest: float = float("inf")
    accepted: Acceptance | None = None
    wrong_there: np.ndarray = field(init=False)
    failing: bool = field(init=False)

    def __post_init__(self) -> None:
        there = np.zeros(self.exact.shape, bool) if self.got is None else self.wrong(self.got)
        object.__setattr__(self, "wrong_there", there)
        object.__setattr__(self, "failing", bool(self.failed_properties) or bool(there.any()))

    @property
    def case(self) -> Case:
        """The recipe."""
        return self.call.case

    def wrong(self, got: np.ndarray) -> np.ndarray:
        """Which elements of an output are wrong."""
        with np.errstate(invalid="ignore", over="ignore"):
            near = np.abs(got - self.exact) <= self.limit
            same = (got == self.exact) | np.isnan(self.exact)
            same |= np.isinf(got) & (np.sign(got) == np.sign(self.exact)) & (np.abs(self.exact) >= self.largest)
        if self.accepted is None:
            return np.asarray(~(near | same))
        return np.asarray(~np.where(self.accepted.applies, self.accepted.holds(got), near | same))


def has_claimed_options(operation: str, case: Case) -> bool:
    """Whether a case has options of the operation.

    Failures of such cases are compared with one another only, apart from those of plain calls.
    """
    return any(name in operations.lookup(operation).options for name, _ in case.options)


def gather(
    unit: UnitResult,
    references: ReferenceCache,
    findings: Iterable[FindingEvidence] = (),
    *,
    options: bool = False,
    count: int = PROBES,
) -> list[Probe]:
    """The probes of a unit: failing and passing cases, and the witnesses of its findings.

    Parameters
    ----------
    unit
        A unit that failed.
    references
        Where exact results come from.
    findings
        Findings whose witnesses serve where the battery has nothing: all that is known was drawn then.
    options
        Whether the cases have options, or have none.
    count
        How many cases at most; half of them may fail. A few large ones come in addition.
    """
    evidence = unit.tally.evidence
    outputs = dict(evidence.outputs)
    if not evidence.failing_cases and not evidence.failed_properties:
        outputs |= {f.case: f.output.got for f in findings if f.output is not None}
    cases = dict.fromkeys([*outputs, *evidence.failed_properties])
    cases_of_kind = [c for c in cases if has_claimed_options(unit.operation, c) == options and _feasible(unit, c)]
    failing_cases = evidence.failing_cases | evidence.failed_properties.keys() or set(outputs)

    def probes_of(chosen: Iterable[Case]) -> list[Probe]:
        calls = [build_call(unit.operation, build(c)) for c in chosen]
        return [_probe(unit, references, c, outputs.get(c.case)) for c in calls if _has_exact_result(c)]

    candidates = spread(_affordable([c for c in cases_of_kind if c in failing_cases]), _EXAMINED)
    examined = dict.fromkeys(spread(candidates, count // 2))
    probes = probes_of(examined)
    if sum(p.failing for p in probes) < count // 2:
        probes += probes_of(c for c in candidates if c not in examined)
    failing = spread([p for p in probes if p.failing], count // 2)
    passing = [p for p in probes if not p.failing]
    wanted = count - len(failing)
    passing += probes_of(spread(spread([c for c in cases_of_kind if c not in failing_cases], _EXAMINED), wanted))
    return failing + spread(passing, wanted) + _large_passing(unit, references, options, _LARGE * count // PROBES)


def _affordable(cases: list[Case]) -> list[Case]:
    """The cases but for the largest: of those above `SMALL` elements only as many as are quickly run, one at least."""
    large = sorted((c for c in cases if c.size > SMALL), key=lambda c: (c.size, repr(c)))
    sums = accumulate(c.size for c in large)
    kept = {c for n, (c, total) in enumerate(zip(large, sums, strict=True)) if n == 0 or total <= _LARGE_ELEMENTS}
    return [c for c in cases if c.size <= SMALL or c in kept]


def _has_exact_result(call: Call) -> bool:
    return not rows_with_invalid_labels(call.operation, call.inputs).any()


def _large_passing(unit: UnitResult, references: ReferenceCache, options: bool, count: int) -> list[Probe]:
    """Large inputs that passed, one of each number of classes; the exact result stands for the output."""
    cases = [c for c in unit.tally.evidence.large_passing_cases if has_claimed_options(unit.operation, c) == options]
    by_classes = {c.classes: c for c in sorted(cases, key=repr) if _feasible(unit, c)}
    chosen = _affordable(spread([by_classes[C] for C in sorted(by_classes)], count))
    calls = [build_call(unit.operation, build(case)) for case in chosen]
    return [_probe(unit, references, call, references.of(call, unit.terms).exact.to_float()) for call in calls]


def _feasible(unit: UnitResult, case: Case) -> bool:
    """Whether models can be run on a case: through losses that are not reduced they go row by row."""
    return unit.operation != "cross_entropy" or unit.terms.reduction != "none" or case.rows_count <= _ROW_BY_ROW


def spread(items: list[Item], count: int) -> list[Item]:
    """So many items, evenly from the whole list: every axis of the battery keeps its share."""
    if len(items) <= count:
        return items
    return [items[int(k)] for k in np.linspace(0, len(items) - 1, count)]


def _probe(unit: UnitResult, references: ReferenceCache, call: Call, got: np.ndarray | None) -> Probe:
    reference = references.of(call, unit.terms)
    # Where even the wider limit is exceeded, results that are merely unstable would hide those that are wrong.
    level = Level.SOUND if unit.tally.tallies.failed(Level.SOUND) else Level.STABLE
    exact = reference.exact.to_float()
    return Probe(
        call=call,
        exact=exact,
        limit=reference.limit(level).numbers.to_float(),
        got=got,
        failed_properties=unit.tally.evidence.failed_properties.get(call.case, frozenset()),
        reduction=unit.terms.reduction,
        largest=formats.lookup(unit.terms.result_format).largest,
        accepted=reference.acceptance(exact if got is None else got, unit.terms),
    )
