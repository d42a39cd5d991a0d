"""Worst-case search: hill climbing on the largest error in ulp, from the worst cases seen so far.

Each step moves one logit of the current worst row by a few ulps, to another's neighbourhood, or by a fresh draw,
and keeps what errs more. The outcome is a lower bound of the worst error, never an upper one.
"""

from __future__ import annotations

import numpy as np

from softcert.cases.case import Case
from softcert.cases.inputs import build, explicit
from softcert.cases.strategies import round_to
from softcert.engine.session import Session
from softcert_oracle.numbers import formats

_WIDEST = 16  # classes of a row that is climbed from


def climb(session: Session, steps: int, seed: int) -> None:
    """Judge ``steps`` cases, each a variation of the worst one so far; the ledger hears of each."""
    rng = np.random.default_rng([seed, steps])
    best, height = _start(session)
    for _ in range(steps):
        case = _vary(best, rng)
        if session.outside(case) or session.exhausted:
            continue
        _, checks = session.judge(case)
        ulps = [c.ulp for c in checks if c.property == "accuracy" and c.level == "stable" and c.checked]
        if ulps and height <= ulps[0] < float("inf"):
            best, height = case, ulps[0]


def _start(session: Session) -> tuple[Case, float]:
    tally = session.ledger.tallies.get(("accuracy", "stable"))
    row = tuple(v.hex() for v in (0.0, -0.5, -1.25, -3.0))
    fallback = Case("climbed", 1, len(row), session.terms.format, rows=(row,), label_values=(0,))
    if tally is None or tally.worst_case is None:
        return fallback, 0.0
    inputs = build(tally.worst_case)
    if inputs.exact.size == 0 or inputs.exact.shape[1] > _WIDEST:
        return fallback, 0.0
    worst = tally.worst.index[0] if tally.worst is not None and len(tally.worst.index) > 0 else 0
    k = min(worst, len(inputs.exact) - 1)
    case = Case("climbed", 1, inputs.exact.shape[1], session.terms.format)
    return explicit(case, inputs.exact[[k]], inputs.labels[[k]]), 0.0


def _vary(case: Case, rng: np.random.Generator) -> Case:
    inputs = build(case)
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
    rounded = np.array([[round_to(float(v), fmt) for v in x[0]]])
    return explicit(case, rounded, inputs.labels)
