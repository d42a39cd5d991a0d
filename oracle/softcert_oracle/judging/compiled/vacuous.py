"""Rows on which a limit tells nothing: what `softcert_oracle.limits.vacuity` says, compiled.

Most rows refute every degenerate output within their first elements, so a scan ends early. The distance of a
degenerate output is the same float64 number here and there; only the reach (twice the limit) is known to ``band``.
Where that leaves a row open it goes to the specification.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from softcert_oracle.fast.jit import embedded, embedded_inner
from softcert_oracle.judging.compiled.comparison import NO, UNDECIDED, YES
from softcert_oracle.judging.compiled.constants import GRADIENT, LOG_SOFTMAX

_INFINITY = np.inf
_ROUNDING = 2.0**-50  # relative: sums and differences of a few float64 numbers
ZEROS, UNIFORM_GRADIENT, UNIFORM, BEST, LOGITS = range(5)


@embedded_inner
def _degenerate(kind: int, j: int, x: Any, v: float, constant: float, best: float, share: float) -> Any:
    if kind == LOGITS:
        return x[j]
    if kind == UNIFORM_GRADIENT:
        return (1.0 / x.size - (1.0 if v < 0.0 or x.size == 1 else 0.0)) / share
    return 0.0 if kind == ZEROS else constant if kind == UNIFORM else best


@embedded
def _passes(kind: int, x: Any, truth: Any, limit: Any, band: float, how: Any) -> Any:
    """Whether a degenerate output passes everywhere and differs; ``how`` = (share, constant, best, visible)."""
    share, constant, best, visible = how
    sure, differs = True, False
    for j in range(x.size):
        v = truth[j]
        g = _degenerate(kind=kind, j=j, x=x, v=v, constant=constant, best=best, share=share)
        distance = 0.0 if g == v else abs(g - v)
        if not distance < _INFINITY:
            return NO
        reach = 2.0 * limit[j]
        if distance > reach * (1.0 + band) + (_ROUNDING * abs(v) if kind == BEST else 0.0):
            return NO
        if distance > reach * (1.0 - band) - (_ROUNDING * abs(v) if kind == BEST else 0.0):
            sure = False
        differs |= distance > visible
    if not differs:
        return NO
    return YES if sure else UNDECIDED


@embedded
def row_is_vacuous(x: Any, truth: Any, limit: Any, rows: float, band: float, k: Any) -> Any:
    """Whether the limit (float64, (C,)) of a row tells nothing of the exact values ``truth``; may be undecided."""
    size, low, high = 0.0, -_INFINITY, _INFINITY
    for j in range(x.size):
        v = truth[j]
        if abs(v) < _INFINITY:
            size = max(size, abs(v))
            low, high = max(low, v - 2.0 * limit[j]), min(high, v + 2.0 * limit[j])
    visible = k.visible_relative * size + k.visible_absolute
    constant = -math.log(float(x.size)) if k.operation == LOG_SOFTMAX else 1.0 / x.size
    how = (rows if k.mean else 1.0, constant, low + 0.5 * (high - low), visible)
    answer = NO
    for kind in range(5):
        if kind == UNIFORM_GRADIENT and k.operation != GRADIENT:
            continue
        one = _passes(kind, x, truth, limit, band, how)
        if one == YES:
            return YES
        if one == UNDECIDED:
            answer = UNDECIDED
    return answer


@embedded
def number_is_vacuous(truth: float, limit: float, classes: int, factor: float, band: float, k: Any) -> Any:
    """The same for a result of one number a row: zero, and factor times log C."""
    visible = k.visible_relative * abs(truth) + k.visible_absolute
    answer = NO
    for degenerate in (0.0, factor * math.log(float(classes))):
        distance = abs(degenerate - truth)
        near = _ROUNDING * (abs(truth) + abs(degenerate)) if degenerate != 0.0 else 0.0
        reach = 2.0 * limit
        if not distance < _INFINITY or distance > reach * (1.0 + band) + near or distance <= visible - near:
            continue
        if distance <= reach * (1.0 - band) - near and distance > visible + near:
            return YES
        answer = UNDECIDED
    return answer
