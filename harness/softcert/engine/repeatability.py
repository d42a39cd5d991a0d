"""Repeatability: whether a call that failed fails again, alone and after the calls that came before it.

A function of its input gives the same bits each time. Other subjects are told apart by calling again: random results
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
from softcert.properties.judged_call import same_bits

_CASES = 8  # failing calls that are repeated
_STEADY_STEP = 0.01  # steps that differ by less than this share of them are the same step
_CALLS = 3  # times that each is repeated in each way
_HISTORY = 5  # calls before it that are repeated as well


@dataclass(frozen=True, kw_only=True)
class Repeatability:
    """Of the failing calls that were repeated, how many gave the same again, and what the others are.

    Attributes
    ----------
    repeated
        How many failing calls were repeated.
    same, random, state, race
        How many of them gave the same each time, something else each time, the same after the same calls before, and
        something else now and then.
    """

    repeated: int = 0
    same: int = 0
    random: int = 0
    state: int = 0
    race: int = 0

    @property
    def differing(self) -> int:
        """How many calls did not give the same again."""
        return self.repeated - self.same

    def share(self, kind: str) -> float:
        """The share of one kind ("random", "state", "race") among the calls that differed, or 0."""
        return float(getattr(self, kind)) / self.differing if self.differing else 0.0


def classify_nondeterminism(session: Session) -> Repeatability:
    """Repeat a few failing calls of a session, and say how their results differ.

    Faults in repeated calls count as different results. Nothing is recorded.
    """
    evidence = session.tally.evidence
    failing = [case for case in evidence.outputs if case in evidence.failing_cases and _small(case)]
    last = len(failing) - 1
    chosen = [failing[int(k)] for k in np.linspace(0, last, min(_CASES, len(failing)))] if failing else []
    order = list(evidence.outputs)
    kinds = Counter(_kind(session, order, case) for case in dict.fromkeys(chosen))
    return Repeatability(
        repeated=kinds.total(),
        same=kinds["same"],
        random=kinds["random"],
        state=kinds["state"],
        race=kinds["race"],
    )


def _small(case: Case) -> bool:
    return case.size <= 5000


def _kind(session: Session, order: list[Case], case: Case) -> str:
    first = session.tally.evidence.outputs[case]
    alone = [_output(session, case) for _ in range(_CALLS)]
    if all(_same(first, got) for got in alone):
        return "same"
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
    output = session.judge(build(case)).output
    return None if output is None else output.got


def _same(a: np.ndarray | None, b: np.ndarray | None) -> bool:
    return a is not None and b is not None and a.shape == b.shape and bool(same_bits(a, b).all())
