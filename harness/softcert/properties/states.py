"""Relations of a call to the calls around it: repeated, interleaved, row by row, in another order, slightly altered.

A case names the relation as its `State`. The rows of a batch, and calls before, must not matter; the slack is the sum
of the two limits, at "sound".
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from softcert.cases.alterations import alterations
from softcert.cases.case import Case, ClaimState, Layout, State
from softcert.cases.inputs import Inputs, explicit
from softcert.properties import batches
from softcert.properties.check import BITS, INFINITE, Check, passed, refused
from softcert.properties.judged_call import JudgedCall, same_bits
from softcert.properties.relations import Run, compare
from softcert_oracle.levels import Level

REPEATABLE = "repeatable"
STALE = "stale"
"""The cause where an input gets the result of an earlier one that it differs from in a few elements."""

_TIMES = 8  # further calls in the state "many times": a race may come and go
_DIFFERENT = "two equal calls differ bitwise, within the slack"


Compare = Callable[[JudgedCall, JudgedCall], Check | None]
"""Compares the first output with a later one; None where they have nothing to do with one another."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Step:
    """A call that belongs to a case beside its own.

    Attributes
    ----------
    case
        What the subject is called on.
    compare
        How its output is held against that of the case; None where the call only comes between.
    """

    case: Case
    compare: Compare | None = None


def steps(first: Inputs) -> Iterator[Step]:
    """The calls that follow the one on ``first``, by the state that its case names. No output decides them."""
    yield from _STEPS[first.case.state](first)


def check(run: Run, first: JudgedCall) -> Iterator[Check]:
    """Make the calls that follow, each after the comparison of the one before, and yield the checks.

    Parameters
    ----------
    run
        Calls the subject and judges the output by itself; None where there is no output.
    first
        The call that was made, with its output.
    """
    for step in steps(first.inputs):
        second = run(first.operation, step.case)
        if second is not None and step.compare is not None:
            outcome = step.compare(first, second)
            if outcome is not None:
                yield outcome


def observation(check: Check) -> tuple[str, str] | None:
    """What a check of `repeatable` tells beside its outcome: two equal calls that differ bitwise."""
    if check.property_name == batches.PROPERTY and check.message == batches.OTHER_LAYOUT:
        return "bits of rows", batches.OTHER_LAYOUT
    differs = check.property_name == REPEATABLE and (check.cause == BITS or check.message == _DIFFERENT)
    return ("equal calls differ", _DIFFERENT) if differs else None


def _once(first: Inputs) -> Iterator[Step]:
    yield from ()


def _repeated(first: Inputs) -> Iterator[Step]:
    yield Step(case=first.case, compare=_equal_calls)


def _equal_calls(first: JudgedCall, second: JudgedCall) -> Check:
    outcome = compare(REPEATABLE, first.got, second.got, lambda: 2 * first.limits(Level.SOUND), Level.SOUND)
    different = ~same_bits(first.got, second.got)
    if different.any() and not outcome.failed:
        if first.terms.repeatable:
            return Check(
                property_name=REPEATABLE,
                level=Level.SOUND,
                checked=outcome.checked,
                violated=int(different.sum()),
                cause=BITS,
                ratio=INFINITE,
            )
        outcome = replace(outcome, message=_DIFFERENT)
    return outcome


def _interleaved(first: Inputs) -> Iterator[Step]:
    yield Step(case=first.case.with_(seed=first.case.seed + 1))
    yield from _repeated(first)


def _alone(first: Inputs) -> Iterator[Step]:
    yield from _parts(first, [np.array([k]) for k in range(first.case.rows_count)])


def _reordered(first: Inputs) -> Iterator[Step]:
    yield from _parts(first, [np.arange(first.case.rows_count)[::-1]])


def _parts(first: Inputs, parts: list[np.ndarray]) -> Iterator[Step]:
    """Some rows of a batch by themselves give what they gave in the batch."""
    for part in parts:
        yield _part(first, part, first.case.layout)


def _part(first: Inputs, part: np.ndarray, layout: str) -> Step:
    once = first.case.with_(state=State.ONCE, second=(), second_layout=Layout.C, layout=layout)
    case = explicit(once, first.exact[part], first.labels[part])
    return Step(case=case, compare=partial(batches.part_of_batch, part=part))


def _second(first: Inputs) -> Iterator[Step]:
    """Some rows of a batch in another one, which may lie in memory in another way."""
    part = np.array([k for k in first.case.second if 0 <= k < len(first.exact)], np.int64)
    if len(part):
        yield _part(first, part, first.case.second_layout)


def _many(first: Inputs) -> Iterator[Step]:
    for _ in range(_TIMES):
        yield from _repeated(first)


def _altered(first: Inputs) -> Iterator[Step]:
    """Inputs that differ from the first in a few inner elements do not get its result.

    Each new input is judged by its own exact result; a result that is the first one bit for bit, though the exact
    results differ, came from a cache.
    """
    once = first.case.with_(state=State.ONCE)
    for x, labels in alterations(first):
        yield Step(case=explicit(once, x, labels), compare=_another_input)


def _another_input(first: JudgedCall, second: JudgedCall) -> Check | None:
    if first.got.shape != second.got.shape:
        return None
    if not bool(same_bits(first.got, second.got).all()):
        return passed(REPEATABLE)
    exact, other = (c.expected.exact.to_float() for c in (first, second))
    slack = first.limits(Level.SOUND) + second.limits(Level.SOUND)
    # Where a result is no number, equal results tell nothing: any input with a NaN has that one.
    with np.errstate(invalid="ignore"):
        apart = (np.abs(exact - other) > slack) & np.isfinite(first.got)
    if not bool(apart.any()):
        return passed(REPEATABLE)
    message = "another input of the same shape gives this result too, though the exact results differ"
    return refused(REPEATABLE, cause=STALE, message=message)


_STEPS: Mapping[str, Callable[[Inputs], Iterator[Step]]] = {
    State.ONCE: _once,
    State.TWICE: _repeated,
    State.INTERLEAVED: _interleaved,
    State.ALONE: _alone,
    State.REORDERED: _reordered,
    ClaimState.SECOND: _second,
    ClaimState.MANY: _many,
    State.ALTERED: _altered,
}
