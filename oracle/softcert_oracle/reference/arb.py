"""Ground truth from Arb (python-flint): balls that are proven to contain the value.

Johansson, "Arb: efficient arbitrary-precision midpoint-radius interval arithmetic", IEEE Trans. Comput. 66 (2017).
Per element only exp and one product are balls; what follows from them without cancellation (1 - p of a small p,
d - L, m + L) is finished by `softcert_oracle.reference.assemble`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

import numpy as np
from flint import arb, ctx
from numpy.typing import NDArray

from softcert_oracle.decide.ziv import Bounds
from softcert_oracle.numbers.enclosure import Enclosure
from softcert_oracle.numbers.rounding import Dyadic
from softcert_oracle.numbers.row_enclosures import RowEnclosures
from softcert_oracle.reference.assemble import assemble

Float = NDArray[np.float64]

BITS = 160
EXACT_BITS = 2200
"""Enough to hold the sum of any two float64 exactly: from 2^1024 down to 2^-1074, and a carry."""

TINY_EXPONENT = -(2**36)
"""Positive values below 2^(-2^36) are enclosed as (0, 2^(-2^36)): products of three still have an int64 exponent
above the -2^40 that marks zero in `softcert_oracle.numbers.scaled`, and no format comes near."""

KEPT_BITS = 120  # bits that a ball must have, so that its radius vanishes beside the centre's own rounding
_RELATIVE = 2.0**-104
"""Radius of a converted ball, relative to |hi|. lo = float(ball - hi) is at most 2^-53 |hi| and off by at most
ulp(lo) <= 2^-52 |lo| <= 2^-105 |hi|, even if the conversion only truncated; the ball itself adds 2^-119."""

_ZERO = arb(0)

_DIRECT = -600.0  # exp(-600) > 2^-866: hi, lo and the last bit of lo are normal float64 numbers


@contextmanager
def precision(bits: int) -> Iterator[None]:
    """Arb's working precision within a block."""
    before = ctx.prec
    ctx.prec = bits
    try:
        yield
    finally:
        ctx.prec = before


def from_balls(balls: Sequence[Any]) -> Enclosure:
    """Enclosures of a list of balls, shape (n,), whatever their exponents.

    Returns
    -------
    Enclosure
        Exact balls stay exact if they fit. Positive values below 2^(-2^36) become the interval (0, 2^(-2^36)).

    Raises
    ------
    ArithmeticError
        For a ball near zero that is too wide for that interval.
    """
    hi, lo, exponent, radius = [], [], [], []
    with precision(EXACT_BITS):  # the ball's own bits are kept, however many
        for ball in balls:
            h, w, e, r = _parts(ball)
            hi.append(h)
            lo.append(w)
            exponent.append(e)
            radius.append(r)
    return Enclosure(hi=np.array(hi), lo=np.array(lo), exponent=np.array(exponent, np.int64), radius=np.array(radius))


def _parts(ball: Any) -> tuple[float, float, int, float]:
    if not ball.is_finite():
        return float(ball.mid()), 0.0, 0, 0.0
    if ball.is_zero():
        return 0.0, 0.0, 0, 0.0
    man, exp = ball.mid().man_exp()
    man, exp = int(man), int(exp)
    top = exp + man.bit_length()  # |mid| in [2^(top-1), 2^top)
    if top < TINY_EXPONENT:
        upper = ball.abs_upper().man_exp()
        if int(upper[1]) + int(upper[0]).bit_length() > TINY_EXPONENT:
            raise ArithmeticError(f"ball {ball!r} is too wide to be enclosed: raise the precision.")
        return (0.5 if man > 0 else -0.5), 0.0, TINY_EXPONENT, 0.5
    unit = ball * arb((1, -top))
    h = float(unit)
    rest = unit.mid() - h
    w = float(rest)
    r = (rest - w).abs_upper() + unit.rad()
    return h, w, top, 0.0 if r == 0 else float(r.abs_upper()) * (1 + 2.0**-50) + 2.0**-1074


def enclose(x: Float, bits: int = BITS) -> RowEnclosures:
    """Enclosures of rows from Arb, the second backend.

    Parameters
    ----------
    x
        Logits, float64 of shape (m, C), each row with a finite maximum; entries may be -inf.
    bits
        The first working precision; it doubles where a ball keeps fewer than 120 bits.

    Returns
    -------
    RowEnclosures
        Every relative radius is below 2^-100; exponents far outside float64's range are kept.
    """
    m, classes = x.shape
    hi, lo, radius = np.zeros((m, classes)), np.zeros((m, classes)), np.zeros((m, classes))
    exponent = np.zeros((m, classes), np.int64)
    taus, tops, logs, lses = [], [], [], []
    argmax = np.argmax(x, axis=1)
    for i in range(m):
        row = x[i]
        finite = np.flatnonzero(row != -np.inf)
        top = int(argmax[i])
        columns = finite[finite != top]
        quantities = _row(row[columns].tolist(), float(row[top]), bits)
        taus.append(quantities.tau)
        logs.append(quantities.log_sum)
        lses.append(quantities.logsumexp)
        tops.append(quantities.complement)
        with precision(bits), np.errstate(over="ignore"):
            columns = np.append(columns, top)
            _store(quantities.softmax, row[columns] - row[top], columns, (hi[i], lo[i], exponent[i], radius[i]))
    softmax = Enclosure(hi=hi, lo=lo, exponent=exponent, radius=radius)
    with precision(bits):
        tau_float = np.array([float(t) for t in taus])
        s_float = np.array([float(t + 1) for t in taus])
        return assemble(
            x=x,
            argmax=argmax,
            softmax=softmax,
            top_complement=from_balls(tops),
            log_sum=from_balls(logs),
            logsumexp=from_balls(lses),
            s=s_float,
            tau=tau_float,
        )


class _Row(NamedTuple):
    """Balls of one row: tau, L, m + L, 1 - p of the maximum, and the probabilities with the maximum's last."""

    tau: Any
    log_sum: Any
    logsumexp: Any
    complement: Any
    softmax: list[Any]


def _row(others: list[float], top: float, bits: int) -> _Row:
    """The row of a maximum and the other finite logits, each ball with 120 bits or more.

    The precision doubles while a ball has fewer: m + L may cancel.
    """
    with precision(EXACT_BITS):
        centre = arb(top)
        d = [arb(v) - centre for v in others]  # exact, so that exp loses nothing to the size of d
    while True:
        with precision(bits):
            e = [v.exp() for v in d]
            tau = sum(e, _ZERO)
            log = tau.log1p()
            y = centre + log
            reciprocal = 1 / (tau + 1)
            p = [v * reciprocal for v in e]
            p.append(reciprocal)
            if (y.is_zero() or y.rel_accuracy_bits() >= KEPT_BITS) and all(
                v.rel_accuracy_bits() >= KEPT_BITS for v in p
            ):
                return _Row(tau, log, y, tau * reciprocal, p)
        bits *= 2


def _store(balls: list[Any], d: Float, columns: NDArray[np.intp], row: tuple[Any, Any, Any, Any]) -> None:
    """Write the balls of one row (values exp(d) / s) into its columns of hi, lo, exponent, radius."""
    hi, lo, exponent, radius = row
    if bool(np.all(d > _DIRECT)):
        high = [float(b) for b in balls]
        lo[columns] = [float(b - h) for b, h in zip(balls, high, strict=True)]
        hi[columns] = high
        radius[columns] = _RELATIVE * hi[columns]
        return
    far = d <= _DIRECT
    near = np.flatnonzero(~far)
    _store([balls[k] for k in near], d[near], columns[near], row)
    part = from_balls([balls[k] for k in np.flatnonzero(far)])
    where = columns[far]
    hi[where], lo[where], exponent[where], radius[where] = part.hi, part.lo, part.exponent, part.radius


def bounds(ball: Any) -> Bounds:
    """The end points of a ball as exact numbers."""
    return Dyadic.of(ball.lower()), Dyadic.of(ball.upper())
