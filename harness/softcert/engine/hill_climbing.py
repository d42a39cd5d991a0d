"""Worst-case search: hill climbing on the largest error in ulp, from the worst cases seen so far.

Each step moves one logit of the current worst row by a few ulps, to another's neighbourhood, or by a fresh draw; the
steps of a round are judged together, and the row that errs most is where the next round starts. The outcome is a lower
bound of the worst error, never an upper one.
"""

from __future__ import annotations

import numpy as np

from softcert.cases.case import Case
from softcert.cases.inputs import Inputs, build, explicit, rounded_values
from softcert.engine.session import Session
from softcert.properties import accuracy
from softcert_oracle.levels import Level
from softcert_oracle.numbers import formats

_WIDEST = 16  # classes of a row that is climbed from
_ROUND = 16  # variations of one row that are judged together


def climb(session: Session, *, steps: int, seed: int) -> None:
    """Judge and record variations of the worst case so far.

    Parameters
    ----------
    session
        Judges and records; its tally says where to start.
    steps
        How many variations are judged.
    seed
        Fixes every draw.
    """
    rng = np.random.default_rng([seed, steps])
    best, height = _start(session), 0.0
    for done in range(0, steps, _ROUND):
        if session.control.exhausted:
            return
        varied = [session.admit(_vary(best, rng)) for _ in range(min(_ROUND, steps - done))]
        for judgement in session.run_block([inputs for inputs in varied if not isinstance(inputs, str)]):
            check = judgement.stable_accuracy
            if check is not None and check.checked and height <= check.ulp < float("inf"):
                best, height = judgement.call.inputs, check.ulp


def _start(session: Session) -> Inputs:
    """One row to start from: the worst row so far, or a plain one."""
    tally = session.tally.tallies.by_property.get((accuracy.PROPERTY, Level.STABLE))
    row = tuple(v.hex() for v in (0.0, -0.5, -1.25, -3.0))
    fallback = Case.of("climbed", 1, len(row), session.terms.format, rows=(row,), label_values=(0,))
    if tally is None or tally.worst_case is None:
        return build(fallback)
    inputs = build(tally.worst_case)
    if inputs.exact.size == 0 or inputs.exact.shape[1] > _WIDEST:
        return build(fallback)
    worst = tally.worst.index[0] if tally.worst is not None and len(tally.worst.index) > 0 else 0
    k = min(worst, len(inputs.exact) - 1)
    case = Case.of("climbed", 1, inputs.exact.shape[1], session.terms.format)
    return build(explicit(case, inputs.exact[[k]], inputs.labels[[k]]))


def _vary(inputs: Inputs, rng: np.random.Generator) -> Case:
    case = inputs.case
    fmt = formats.lookup(case.format)
    x, j = inputs.exact.copy(), int(rng.integers(case.classes))
    scale = max(abs(float(x[0, j])), 1.0) if np.isfinite(x[0, j]) else 1.0
    move = rng.integers(4)
    if move == 0:
        x[0, j] += int(rng.integers(-4, 5)) * 2 * fmt.unit_roundoff * scale
    elif move == 1:
        x[0, j] *= 1 + rng.normal() * 0.05
    elif move == 2:
        x[0, j] = rng.normal() * 4
    else:
        x += rng.normal() * 0.5
    return explicit(case, rounded_values(x, fmt), inputs.labels)
