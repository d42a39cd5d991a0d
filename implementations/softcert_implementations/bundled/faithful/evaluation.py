"""The ladder: float64 arithmetic, then double-double, then integers, each for the rows that the one before left open.

Rows are independent, so large arrays are cut among threads that live for one call only; the kernels release the GIL
and start no threads of their own, which makes them safe in forked processes.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from itertools import pairwise

import numpy as np

from softcert_implementations.bundled.faithful import double, single, special
from softcert_implementations.bundled.faithful.codes import (
    GRADIENT,
    LOG_SOFTMAX,
    LOGSUMEXP,
    LOSS,
    SOFTMAX,
    SPECIAL,
    UNDECIDED,
)
from softcert_implementations.bundled.faithful.integers import Between, Rounding, Row, settle
from softcert_oracle.numbers.formats import Format

PARALLEL_FROM = 1 << 17
"""Elements from which threads pay: they cost about 100 microseconds, as much as this many elements."""


@dataclass(frozen=True)
class Target:
    """A format as the kernels want it: half a unit in units of float64's significand (0 for float64 itself)."""

    format: Format

    @property
    def half(self) -> int:
        """2^(52 - p), or 0."""
        return 0 if self.format.precision == 53 else 1 << (52 - self.format.precision)

    @property
    def rounding(self) -> Rounding:
        """The same format for exact values."""
        return Rounding(self.format.precision, self.format.emin, self.format.emax)


@dataclass(eq=False, kw_only=True)
class _Batch:
    """The arrays that a kernel fills.

    Parameters
    ----------
    out
        Results by element: (m, C), (m, 1) for logsumexp and for losses, which leave it empty.
    losses
        Losses by row, (m, 4): d (two numbers) and L (two numbers), for the loss d + L 2^power. No rows for the others.
    power
        The exponent of each loss, (m,).
    state
        DECIDED, UNDECIDED or SPECIAL for each row, (m,).
    """

    out: np.ndarray
    losses: np.ndarray
    power: np.ndarray
    state: np.ndarray

    @classmethod
    def empty(cls, shape: tuple[int, int], code: int, dtype: type) -> _Batch:
        m, c = shape
        width = c if code in (SOFTMAX, LOG_SOFTMAX, GRADIENT) else 1
        rows = m if code == LOSS else 0
        return cls(
            out=np.empty((m, width), dtype),
            losses=np.empty((rows, 4)),
            power=np.zeros(rows, np.int64),
            state=np.empty(m, np.uint8),
        )


def elements(code: int, x: np.ndarray, labels: np.ndarray, target: Target, *, count: int | None = None) -> np.ndarray:
    """Softmax, log_softmax, gradient or logsumexp, correctly rounded.

    Parameters
    ----------
    code
        SOFTMAX, LOG_SOFTMAX, GRADIENT (of the mean loss) or LOGSUMEXP.
    x
        Logits, (m, C) with C >= 1.
    labels
        Class indices, (m,) int64; read for the gradient only.
    target
        The format of x.
    count
        What a gradient is divided by; left out, the number of rows.

    Returns
    -------
    numpy.ndarray
        (m, C), or (m, 1) for logsumexp, in the format of x. Rows without a finite maximum have the limit of the
        result, and NaN where there is none.
    """
    if count is None:
        count = max(x.shape[0], 1) if code == GRADIENT else 1
    narrow = target.half > 0
    batch = _single(code, x, labels, count, target) if narrow else _double(code, x, labels, count, target)
    open_rows = np.flatnonzero(batch.state == UNDECIDED)
    if narrow and open_rows.size:
        again = _double(code, _wide(x[open_rows]), labels[open_rows], count, target)
        batch.out[open_rows] = again.out
        open_rows = open_rows[again.state == UNDECIDED]
    for i in open_rows:
        batch.out[i] = _integer_row(code, _wide(x[i]).tolist(), int(labels[i]), count, target.rounding)
    odd = np.flatnonzero(batch.state == SPECIAL)
    if odd.size:
        share = target.rounding.nearest(Fraction(1, count))
        batch.out[odd] = special.results(code, _wide(x[odd]), labels[odd], share)
    return batch.out.astype(x.dtype, copy=False)


def mean_loss(x: np.ndarray, labels: np.ndarray, target: Target) -> float:
    """The mean over the rows of -log p_y, rounded once.

    Parameters
    ----------
    x
        Logits, (m, C) with C >= 1.
    labels
        Class indices, (m,) int64.
    target
        The format of x, to which the mean is rounded.

    Returns
    -------
    float
        The number of that format nearest to the exact mean; NaN for no rows.
    """
    if x.shape[0] == 0:
        return float("nan")
    to = target.rounding
    if target.half:
        batch = _single(LOSS, x, labels, 1, target)
        extra = _special_losses(batch, x, labels)
        if extra is not None:
            return extra
        value = _mean(batch, [], single.RELATIVE).rounded(to)
        if value is not None:
            return value
    x = _wide(x)
    batch = _double(LOSS, x, labels, 1, target)
    extra = _special_losses(batch, x, labels)
    if extra is not None:
        return extra
    open_rows = np.flatnonzero(batch.state == UNDECIDED)
    exact = [Row(x[i].tolist(), 160).log_probability(int(labels[i])) for i in open_rows]
    relative = double.RELATIVE + double.PER_BLOCK * x.shape[1]
    value = _mean(batch, exact, relative).rounded(to)
    if value is not None:
        return value
    return settle(
        x.tolist(),
        lambda rows: _averaged([r.log_probability(int(y)) for r, y in zip(rows, labels, strict=True)], len(rows)),
        to,
    )


def _special_losses(batch: _Batch, x: np.ndarray, labels: np.ndarray) -> float | None:
    """The mean where some loss is infinite or NaN, None where all are finite; rows that are 0 by limit are set."""
    odd = batch.state == SPECIAL
    if odd.any():
        batch.losses[odd] = 0.0
        batch.losses[odd, 0] = special.results(LOSS, _wide(x[odd]), labels[odd], 1.0)
    settled = batch.losses[batch.state != UNDECIDED, 0]
    if np.isfinite(settled).all():
        return None
    return float("nan") if np.isnan(settled).any() else float("inf")


def _mean(batch: _Batch, exact: list[Between], relative: float) -> Between:
    """The mean of losses known as d + L, d exactly and L to within ``relative``, and of some known as intervals.

    L is above 0 wherever the truth is, if only as a stand-in below every rounding boundary: it breaks ties of d.
    """
    known = batch.state != UNDECIDED
    differences = _exact_sum(batch.losses[known, :2])
    logarithms, power = batch.losses[known, 2:], batch.power[known]
    counting = logarithms[:, 0] != 0.0
    top = int(power[counting].max()) if counting.any() else 0
    shift = np.maximum(power - top, -2000).astype(np.int32)
    total = _exact_sum(np.ldexp(logarithms, shift[:, None])) * Fraction(2) ** top
    error = total * Fraction(relative) * Fraction(1.01)  # 0.01: what the shifts let underflow
    return _averaged([Between(differences + total - error, differences + total + error), *exact], batch.state.size)


def _exact_sum(values: np.ndarray) -> Fraction:
    """The sum of floats without any error, in slices (Rump, Ogita, Oishi, SIAM J. Sci. Comput. 31, 2008).

    With sigma a power of two above n max|v|, (v + sigma) - sigma is the part of v that is a multiple of 2^-53 sigma:
    sums of such parts stay below sigma, hence exact in any order; what is left of v is exact too, and goes round again.
    """
    rest = values.ravel()
    exact = Fraction(0)
    while (rest := rest[rest != 0.0]).size:
        exponent = int(np.frexp(np.abs(rest).max())[1]) + (rest.size + 2).bit_length()
        if exponent > 1000:
            return exact + sum(map(Fraction, rest.tolist()))
        sigma = np.ldexp(1.0, exponent)
        high = (rest + sigma) - sigma
        exact += Fraction(float(high.sum()))
        rest = rest - high
    return exact


def _averaged(parts: list[Between], count: int) -> Between:
    return Between(sum((p.low for p in parts), Fraction(0)) / count, sum((p.high for p in parts), Fraction(0)) / count)


def _integer_row(code: int, values: list[float], label: int, count: int, to: Rounding) -> list[float]:
    """One row by integers: as many elements as the kernel would have written."""

    def one(quantity: Callable[[Row], Between]) -> float:
        return settle([values], lambda rows: quantity(rows[0]), to)

    if code == LOGSUMEXP:
        return [one(Row.log_sum)]
    by_value: dict[float, float] = {}  # equal logits have equal results
    for j, v in enumerate(values):
        if v in by_value:
            continue
        if code == LOG_SOFTMAX:
            by_value[v] = v if v == -np.inf else -one(partial(Row.log_probability, j=j))
        else:
            by_value[v] = one(partial(Row.probability, j=j, divisor=count))
    result = [by_value[v] for v in values]
    if code == GRADIENT:
        result[label] = 0.0 - one(partial(Row.others, j=label, divisor=count))
    return result


def _wide(x: np.ndarray) -> np.ndarray:
    return x.astype(np.float64)


def _single(code: int, x: np.ndarray, labels: np.ndarray, count: int, target: Target) -> _Batch:
    x = _read_only(x, np.float32)
    keys = x.view(np.int32)
    batch = _Batch.empty(x.shape, code, np.float32)

    def rows(part: slice) -> None:
        single.rows_single(
            x[part],
            keys[part],
            labels[part],
            code=code,
            count=count,
            half=target.half,
            normal=target.format.smallest_normal,
            out=batch.out[part],
            losses=batch.losses[part],
            state=batch.state[part],
        )

    _in_parts(rows, x.shape)
    return batch


def _double(code: int, x: np.ndarray, labels: np.ndarray, count: int, target: Target) -> _Batch:
    x = _read_only(x, np.float64)
    keys = x.view(np.int64)
    batch = _Batch.empty(x.shape, code, np.float64)

    def rows(part: slice) -> None:
        double.rows_double(
            x[part],
            keys[part],
            labels[part],
            code=code,
            count=count,
            half=target.half,
            normal=target.format.smallest_normal,
            out=batch.out[part],
            losses=batch.losses[part],
            power=batch.power[part],
            state=batch.state[part],
        )

    _in_parts(rows, x.shape)
    return batch


def _read_only(x: np.ndarray, dtype: type) -> np.ndarray:
    """x as a contiguous, aligned array that no kernel can write to: one type for Numba whatever came in."""
    view = np.require(x, dtype, ["C", "A"]).view()
    view.flags.writeable = False
    return view


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _in_parts(work: Callable[[slice], None], shape: tuple[int, int]) -> None:
    """Run over all rows, in as many threads as there are cores where the array is large."""
    m, c = shape
    parts = min(cores(), m, m * c // PARALLEL_FROM + 1)
    if parts <= 1:
        work(slice(0, m))
        return
    edges = [m * k // parts for k in range(parts + 1)]
    with ThreadPoolExecutor(parts - 1) as pool:
        others = [pool.submit(work, slice(a, b)) for a, b in pairwise(edges[1:])]
        work(slice(0, edges[1]))
        for other in others:
            other.result()
