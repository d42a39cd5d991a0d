"""Two classes in at most 16 bits: which results of consecutive rows are correctly rounded, by table look-up.

For a fixed first logit the differences of consecutive rows rise, so that the correctly rounded results are steps at
`softcert_oracle.exhaustive.thresholds`. A row that is not said to be right is not said to be wrong: it is judged
(`softcert_oracle.judging.judge`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from softcert_oracle.exhaustive.ranks import NAN, Ranks, ranks
from softcert_oracle.exhaustive.shapes import Shape
from softcert_oracle.exhaustive.thresholds import Thresholds, log_logistic, logistic

Ints = NDArray[np.int32]
Flags = NDArray[np.bool_]

LN2 = 0.6931472
"""Above log 2 = 0.69314718055..., so that e^-d < 2^k wherever d > -LN2 k."""


class _Run(NamedTuple):
    """Consecutive rows of one first logit: their place, the label, the first logit, and the second ones."""

    place: slice
    label: int
    first: float
    second: NDArray[np.float64]


def has_tables(shape: Shape) -> bool:
    """Whether `correctly_rounded` knows the shape."""
    return shape.classes == 2 and shape.kind == "all" and shape.bits <= 32


def correctly_rounded(shape: Shape, low: int, got: NDArray[np.generic]) -> Flags:
    """The rows whose every result is proved to be correctly rounded.

    Parameters
    ----------
    shape
        Two classes in a format of at most 16 bits.
    low
        The number of the first row.
    got
        The results in the format: (m, 2), or (m,) for a log-sum-exp or a loss of each row.

    Returns
    -------
    numpy.ndarray
        bool (m,). False says nothing: the row has special values, is open, or is not correctly rounded.
    """
    known = ranks(shape.format)
    of_result = known.of_code[np.ascontiguousarray(got).view(known.format.unsigned)]
    right = np.zeros(len(got), bool)
    for run in _runs(shape, known, low, len(got)):
        right[run.place] = _CHECKS[shape.operation](shape.format, run, of_result[run.place])
    return right


def _runs(shape: Shape, known: Ranks, low: int, count: int) -> Iterator[_Run]:
    """The runs of finite logits among ``count`` rows: special ones are the contract's matter."""
    size = 1 << known.format.bits
    at = low
    while at < low + count:
        start = at % size
        stop = min(size, start + low + count - at)
        first = float(known.values[(at // size) % size])
        begin, end = max(start, known.finite.start), min(stop, known.finite.stop)
        if np.isfinite(first) and begin < end:
            place = slice(at - low + begin - start, at - low + end - start)
            yield _Run(place, at >> shape.bits, first, known.values[begin:end])
        at += stop - start


def _steps(table: Thresholds, run: _Run, j: int) -> tuple[Ints, NDArray[np.intp]]:
    """The ranks that a function of x_j - x_other has along a run, and the positions that are open."""
    rising = run.second - run.first
    if j == 1:
        return table.of_rising(rising)
    of_step, open_ = table.of_rising(-rising[::-1])
    return of_step[::-1], len(rising) - 1 - open_


def _agree(table: Thresholds, run: _Run, got: Ints, j: int, sign: int) -> Flags:
    """Where results have the ranks of a function of x_j - x_other, times ``sign``."""
    expected, open_ = _steps(table, run, j)
    same = got == expected if sign > 0 else got == np.where(expected == NAN, NAN, -expected)
    same[open_] = False
    return np.asarray(same)


def _softmax(format: str, run: _Run, got: Ints) -> Flags:
    table = logistic(format)
    return _agree(table, run, got[:, 0], 0, 1) & _agree(table, run, got[:, 1], 1, 1)


def _log_softmax(format: str, run: _Run, got: Ints) -> Flags:
    table = log_logistic(format)
    return _agree(table, run, got[:, 0], 0, 1) & _agree(table, run, got[:, 1], 1, 1)


def _loss(format: str, run: _Run, got: Ints) -> Flags:
    return _agree(log_logistic(format), run, got, run.label, -1)


def _gradient(format: str, run: _Run, got: Ints) -> Flags:
    """p - t: the other class has its probability, the label's class minus that of the other."""
    table, other = logistic(format), 1 - run.label
    return _agree(table, run, got[:, other], other, 1) & _agree(table, run, got[:, run.label], other, -1)


def _logsumexp(format: str, run: _Run, got: Ints) -> Flags:
    """max + log(1 + e^-d) rounds to max where e^-d is below half of the gap above max."""
    known = ranks(format)
    top = np.maximum(run.second, run.first)
    distance = np.abs(run.second - run.first)
    exponent = np.where(top == 0, known.format.emin, np.frexp(top)[1] - 1)  # 2^exponent <= |top|
    gap = np.maximum(exponent, known.format.emin) - known.format.precision - 1
    # half of the gap towards +inf: a power of two has the smaller gap where it is negative
    beyond = np.isfinite(top) & (distance > -LN2 * gap)
    size = known.of_code[_codes(known, top)]
    return np.asarray(beyond & (got == size))


def _codes(known: Ranks, values: NDArray[np.float64]) -> NDArray[np.unsignedinteger]:
    return values.astype(known.format.dtype).view(known.format.unsigned)


_CHECKS: dict[str, Callable[[str, _Run, Ints], Flags]] = {
    "softmax": _softmax,
    "log_softmax": _log_softmax,
    "cross_entropy": _loss,
    "cross_entropy_grad": _gradient,
    "logsumexp": _logsumexp,
}
