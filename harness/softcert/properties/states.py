"""Relations of a call to the calls around it: repeated, interleaved, row by row, in another order, slightly altered.

A case names the relation as its `State`. The rows of a batch, and calls before, must not matter; the slack is the sum
of the two limits, at "sound".
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

import numpy as np

from softcert.cases.alterations import alterations
from softcert.cases.case import State
from softcert.cases.inputs import explicit
from softcert.properties.check import INFINITE, Check, passed, refused
from softcert.properties.judged_call import JudgedCall, same_bits
from softcert.properties.relations import Run, compare
from softcert_oracle.levels import Level

REPEATABLE = "repeatable"
BITS = "bits"
"""The cause where equal calls differ although the contract promises that they do not."""

STALE = "stale"
"""The cause where an input gets the result of an earlier one that it differs from in a few elements."""

_DIFFERENT = "two equal calls differ bitwise, within the slack"


def check(run: Run, first: JudgedCall) -> Iterator[Check]:
    """The checks of the state that the case of ``first`` names.

    Parameters
    ----------
    run
        Calls the subject and judges the output by itself; None where there is no output.
    first
        The call that was made, with its output.
    """
    yield from _CHECKS[State(first.case.state)](run, first)


def observation(check: Check) -> tuple[str, str] | None:
    """What a check of `repeatable` tells beside its outcome: two equal calls that differ bitwise."""
    differs = check.property_name == REPEATABLE and (check.cause == BITS or check.message == _DIFFERENT)
    return ("equal calls differ", _DIFFERENT) if differs else None


def _once(run: Run, first: JudgedCall) -> Iterator[Check]:
    yield from ()


def _repeated(run: Run, first: JudgedCall) -> Iterator[Check]:
    second = run(first.operation, first.case)
    if second is None:
        return
    outcome = compare(REPEATABLE, first.got, second.got, 2 * first.limits(Level.SOUND), Level.SOUND)
    different = ~same_bits(first.got, second.got)
    if different.any() and not outcome.failed:
        if first.terms.repeatable:
            yield Check(
                property_name=REPEATABLE,
                level=Level.SOUND,
                checked=outcome.checked,
                violated=int(different.sum()),
                cause=BITS,
                ratio=INFINITE,
            )
            return
        outcome = replace(outcome, message=_DIFFERENT)
    yield outcome


def _interleaved(run: Run, first: JudgedCall) -> Iterator[Check]:
    run(first.operation, first.case.with_(seed=first.case.seed + 1))
    yield from _repeated(run, first)


def _alone(run: Run, first: JudgedCall) -> Iterator[Check]:
    yield from _parts_against_batch(run, first, [np.array([k]) for k in range(first.case.rows_count)])


def _reordered(run: Run, first: JudgedCall) -> Iterator[Check]:
    yield from _parts_against_batch(run, first, [np.arange(first.case.rows_count)[::-1]])


def _parts_against_batch(run: Run, first: JudgedCall, parts: list[np.ndarray]) -> Iterator[Check]:
    """Some rows of a batch by themselves give what they gave in the batch."""
    case, inputs = first.case, first.inputs
    divided = first.operation == "cross_entropy_grad" and first.terms.reduction == "mean"
    for part in parts:
        second = run(first.operation, explicit(case.with_(state=State.ONCE), inputs.exact[part], inputs.labels[part]))
        if second is None or first.got.ndim == 0 or first.operation == "cross_entropy":
            continue
        share = case.rows_count / len(part) if divided else 1.0
        slack = first.limits(Level.SOUND)[part] + second.limits(Level.SOUND) / share
        yield compare("batch_independence", first.got[part], second.got / share, slack, Level.SOUND)


def _altered(run: Run, first: JudgedCall) -> Iterator[Check]:
    """Inputs that differ from the first in a few inner elements do not get its result.

    Each new input is judged by its own exact result; a result that is the first one bit for bit, though the exact
    results differ, came from a cache.
    """
    case, inputs = first.case, first.inputs
    for x, labels in alterations(inputs):
        second = run(first.operation, explicit(case.with_(state=State.ONCE), x, labels))
        if second is None or first.got.shape != second.got.shape:
            continue
        exact, other = (c.expected.exact.to_float() for c in (first, second))
        slack = first.limits(Level.SOUND) + second.limits(Level.SOUND)
        if bool(same_bits(first.got, second.got).all()) and bool((np.abs(exact - other) > slack).any()):
            yield refused(REPEATABLE, cause=STALE, message="another input of the same shape got the result of this one")
        else:
            yield passed(REPEATABLE)


_CHECKS: Mapping[State, Callable[[Run, JudgedCall], Iterator[Check]]] = {
    State.ONCE: _once,
    State.TWICE: _repeated,
    State.INTERLEAVED: _interleaved,
    State.ALONE: _alone,
    State.REORDERED: _reordered,
    State.ALTERED: _altered,
}
