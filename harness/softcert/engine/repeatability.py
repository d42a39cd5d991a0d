"""Steadiness: whether a call that went wrong goes wrong again, alone and after the calls that came before it.

A function of its input gives the same bits each time. What does not is told apart by calling again: random results
differ from one call to the next; state comes back when the calls before are repeated as well; a race comes and goes.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from softcert.cases.case import Case
from softcert.cases.inputs import build
from softcert.engine.session import Session
from softcert.properties.trial import same_bits

_CASES = 8  # wrong calls looked at
_STEADY_STEP = 0.01  # steps that differ by less than this share of them are the same step
_CALLS = 3  # times that each is repeated in each way
_HISTORY = 5  # calls before it that are repeated as well


@dataclass(frozen=True)
class Steadiness:
    """Of the wrong calls that were repeated, how many gave what they gave before, and what the others are."""

    repeated: int = 0
    steady: int = 0
    random: int = 0
    state: int = 0
    race: int = 0

    def share(self, kind: str) -> float:
        """The share of one kind ("random", "state", "race") among the calls that were not steady, or 0."""
        unsteady = self.repeated - self.steady
        return float(getattr(self, kind)) / unsteady if unsteady else 0.0


def look(session: Session) -> Steadiness:
    """Repeat a few wrong calls of a session. Faults in repeated calls count as different answers."""
    outputs = session.ledger.outputs
    wrong = [case for case in outputs if case in session.ledger.wrong and _small(case)]
    chosen = [wrong[int(k)] for k in np.linspace(0, len(wrong) - 1, min(_CASES, len(wrong)))] if wrong else []
    order = list(outputs)
    kinds = Counter(_kind(session, order, case) for case in dict.fromkeys(chosen))
    return Steadiness(kinds.total(), kinds["steady"], kinds["random"], kinds["state"], kinds["race"])


def _small(case: Case) -> bool:
    return case.rows_count * case.classes <= 5000


def _kind(session: Session, order: list[Case], case: Case) -> str:
    first = session.ledger.outputs[case]
    alone = [_output(session, case) for _ in range(_CALLS)]
    if all(_same(first, got) for got in alone):
        return "steady"
    if not any(_same(a, b) for a, b in pairwise(alone)):
        return "state" if _drifts(alone) else "random"
    at = order.index(case)
    history = [c for c in order[max(at - _HISTORY, 0) : at] if _small(c)]
    again = [_after(session, history, case) for _ in range(_CALLS)]
    return "state" if all(_same(first, got) for got in again) else "race"


def _after(session: Session, history: list[Case], case: Case) -> np.ndarray | None:
    for earlier in history:
        _output(session, earlier)
    return _output(session, case)


def _drifts(calls: list[np.ndarray | None]) -> bool:
    """Whether each call adds the same to the one before, as what is never cleared does."""
    if any(got is None for got in calls):
        return False
    with np.errstate(invalid="ignore"):
        steps = np.diff(np.stack([got for got in calls if got is not None]).reshape(len(calls), -1), axis=0)
        near = np.abs(np.diff(steps, axis=0)) <= _STEADY_STEP * np.abs(steps[:1])
    return bool(near[np.isfinite(steps[:-1])].all())


def _output(session: Session, case: Case) -> np.ndarray | None:
    trial = session.call(build(case))
    return None if trial is None else trial.got


def _same(a: np.ndarray | None, b: np.ndarray | None) -> bool:
    return a is not None and b is not None and a.shape == b.shape and bool(same_bits(a, b).all())
