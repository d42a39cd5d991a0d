"""Relations of a call to the calls around it: repeated, interleaved, row by row, in another order, slightly altered.

A case names the relation as its `State`. The rows of a batch, and calls before, must not matter; the slack is the sum
of the two limits, at "sound".
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial

import numpy as np

from softcert.cases.alterations import alterations
from softcert.cases.case import State
from softcert.cases.inputs import explicit
from softcert.properties.check import INFINITE, Check, passed, refused
from softcert.properties.judged_call import JudgedCall, same_bits
from softcert.properties.relations import Comparison, Run, compare
from softcert_oracle.levels import Level

REPEATABLE = "repeatable"
BITS = "bits"
"""The cause where equal calls differ although the contract promises that they do not."""

STALE = "stale"
"""The cause where an input gets the result of an earlier one that it differs from in a few elements."""

_DIFFERENT = "two equal calls differ bitwise, within the slack"


def comparisons(run: Run, first: JudgedCall) -> Iterator[Comparison]:
    """Make the calls of the state that the case of ``first`` names, and yield how their outputs are compared.

    Parameters
    ----------
    run
        Calls the subject and judges the output by itself; None where there is no output.
    first
        The call that was made, with its output.
    """
    yield from _CALLS[State(first.case.state)](run, first)


def check(run: Run, first: JudgedCall) -> Iterator[Check]:
    """The checks of the state that the case of ``first`` names, each made as soon as its calls are."""
    for comparison in comparisons(run, first):
        yield comparison()


def observation(check: Check) -> tuple[str, str] | None:
    """What a check of `repeatable` tells beside its outcome: two equal calls that differ bitwise."""
    differs = check.property_name == REPEATABLE and (check.cause == BITS or check.message == _DIFFERENT)
    return ("equal calls differ", _DIFFERENT) if differs else None


def _once(run: Run, first: JudgedCall) -> Iterator[Comparison]:
    yield from ()


def _repeated(run: Run, first: JudgedCall) -> Iterator[Comparison]:
    second = run(first.operation, first.case)
    if second is not None:
        yield partial(_equal_calls, first, second)


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


def _interleaved(run: Run, first: JudgedCall) -> Iterator[Comparison]:
    run(first.operation, first.case.with_(seed=first.case.seed + 1))
    yield from _repeated(run, first)


def _alone(run: Run, first: JudgedCall) -> Iterator[Comparison]:
    yield from _parts_against_batch(run, first, [np.array([k]) for k in range(first.case.rows_count)])


def _reordered(run: Run, first: JudgedCall) -> Iterator[Comparison]:
    yield from _parts_against_batch(run, first, [np.arange(first.case.rows_count)[::-1]])


def _parts_against_batch(run: Run, first: JudgedCall, parts: list[np.ndarray]) -> Iterator[Comparison]:
    """Some rows of a batch by themselves give what they gave in the batch."""
    case, inputs = first.case, first.inputs
    divided = first.operation == "cross_entropy_grad" and first.terms.reduction == "mean"
    for part in parts:
        second = run(first.operation, explicit(case.with_(state=State.ONCE), inputs.exact[part], inputs.labels[part]))
        if second is None or first.got.ndim == 0 or first.operation == "cross_entropy":
            continue
        share = case.rows_count / len(part) if divided else 1.0
        yield partial(_part_of_batch, first, second, part, share)


def _part_of_batch(first: JudgedCall, second: JudgedCall, part: np.ndarray, share: float) -> Check:
    def slack() -> np.ndarray:
        return np.asarray(first.limits(Level.SOUND)[part] + second.limits(Level.SOUND) / share)

    return compare("batch_independence", first.got[part], second.got / share, slack, Level.SOUND)


def _altered(run: Run, first: JudgedCall) -> Iterator[Comparison]:
    """Inputs that differ from the first in a few inner elements do not get its result.

    Each new input is judged by its own exact result; a result that is the first one bit for bit, though the exact
    results differ, came from a cache.
    """
    case, inputs = first.case, first.inputs
    for x, labels in alterations(inputs):
        second = run(first.operation, explicit(case.with_(state=State.ONCE), x, labels))
        if second is not None and first.got.shape == second.got.shape:
            yield partial(_another_input, first, second)


def _another_input(first: JudgedCall, second: JudgedCall) -> Check:
    if not bool(same_bits(first.got, second.got).all()):
        return passed(REPEATABLE)
    exact, other = (c.expected.exact.to_float() for c in (first, second))
    slack = first.limits(Level.SOUND) + second.limits(Level.SOUND)
    if not bool((np.abs(exact - other) > slack).any()):
        return passed(REPEATABLE)
    return refused(REPEATABLE, cause=STALE, message="another input of the same shape got the result of this one")


_CALLS: Mapping[State, Callable[[Run, JudgedCall], Iterator[Comparison]]] = {
    State.ONCE: _once,
    State.TWICE: _repeated,
    State.INTERLEAVED: _interleaved,
    State.ALONE: _alone,
    State.REORDERED: _reordered,
    State.ALTERED: _altered,
}
