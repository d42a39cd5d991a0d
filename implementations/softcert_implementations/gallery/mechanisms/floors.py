"""Numbers added, floors and ceilings: for sums, probabilities, losses and logits."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from softcert_implementations.gallery import textbook
from softcert_implementations.gallery.mechanisms.mechanism import LOSSES, Table
from softcert_implementations.gallery.mechanisms.textbook_parts import Parts, nothing, sum_rows
from softcert_implementations.gallery.textbook import Array

TABLE = Table()
add = TABLE.add
EPSILONS = tuple(c * 10.0**-k for k in range(2, 16) for c in (3, 1))
BOUNDS = (
    5,
    10,
    15,
    20,
    25,
    30,
    40,
    50,
    60,
    64,
    70,
    75,
    80,
    85,
    87,
    88,
    100,
    200,
    500,
    600,
    700,
    709,
    1000,
    1e4,
    65504,
    1e5,
    1e6,
)


def _clamped(low: float | None, high: float | None) -> Callable[[Array], Array]:
    return lambda w: np.clip(w, low, high).astype(w.dtype)


add(
    "eps or floor added",
    "adds {} to the sum of exponentials",
    lambda c: Parts(total=lambda e: sum_rows(e) + e.dtype.type(c)),
    EPSILONS,
)
add(
    "eps or floor added",
    "adds {} to the sum of unshifted exponentials",
    lambda c: Parts(top=nothing, total=lambda e: sum_rows(e) + e.dtype.type(c)),
    EPSILONS,
)
add(
    "eps or floor added",
    "adds {} to every exponential",
    lambda c: Parts(exp=lambda d: np.exp(d) + d.dtype.type(c)),
    EPSILONS,
)
add(
    "eps or floor added",
    "adds {} to every probability",
    lambda c: Parts(probabilities=lambda p: p + p.dtype.type(c)),
    EPSILONS,
    operations=("softmax", "log_softmax", *LOSSES),
    bases=("by probability",),
)
add(
    "eps or floor added",
    "adds {} to every probability and normalises again",
    lambda c: Parts(probabilities=lambda p: textbook.divided(p + p.dtype.type(c))),
    EPSILONS[:8],
    operations=("softmax", "log_softmax", *LOSSES),
    bases=("by probability",),
)
add(
    "eps or floor added",
    "lifts every probability to at least {}",
    lambda c: Parts(probabilities=lambda p: np.maximum(p, p.dtype.type(c))),
    (*EPSILONS, 1e-20, 1e-30),
    operations=("softmax", "log_softmax"),
    bases=("by probability",),
)
add(
    "eps or floor added",
    "sets probabilities below {} to 0",
    lambda c: Parts(probabilities=lambda p: np.where(p < c, 0, p).astype(p.dtype)),
    EPSILONS,
    operations=("softmax", "cross_entropy_grad"),
)
add(
    "eps or floor added",
    "lifts log-probabilities to at least {}",
    lambda c: Parts(log_probabilities=lambda y: np.maximum(y, y.dtype.type(c))),
    (-10, -15, -20, -30, -50, -80, -100, -103, -1000, -1e4),
    operations=("log_softmax",),
)
add(
    "probability clipping",
    "clips probabilities to [{0}, 1 - {0}]",
    lambda c: Parts(probabilities=lambda p: np.clip(p, p.dtype.type(c), p.dtype.type(1 - c))),
    (*EPSILONS, 1e-20, 1e-30),
    operations=LOSSES,
    bases=("by probability",),
)
add(
    "probability clipping",
    "lifts probabilities to at least {}",
    lambda c: Parts(probabilities=lambda p: np.maximum(p, p.dtype.type(c))),
    (*EPSILONS, 1e-20, 1e-30),
    operations=LOSSES,
    bases=("by probability",),
)
add(
    "probability clipping",
    "cuts the loss of a row off at {}",
    lambda c: Parts(losses=lambda each: np.minimum(each, each.dtype.type(c))),
    (10, 15, 20, 30, 50, 80, 100),
    operations=("cross_entropy",),
)
add("logits clamped", "clamps logits to [-{0}, {0}]", lambda c: Parts(logits=_clamped(-c, c)), BOUNDS)
add("logits clamped", "clamps logits to at most {}", lambda c: Parts(logits=_clamped(None, c)), BOUNDS)
add("logits clamped", "clamps logits to at least -{}", lambda c: Parts(logits=_clamped(-c, None)), BOUNDS)
add(
    "logits clamped",
    "clamps logits to [-{0}, {0}] and subtracts no maximum",
    lambda c: Parts(logits=_clamped(-c, c), top=nothing),
    BOUNDS,
)
add("logits clamped", "clamps shifted logits to at least -{}", lambda c: Parts(differences=_clamped(-c, None)), BOUNDS)
