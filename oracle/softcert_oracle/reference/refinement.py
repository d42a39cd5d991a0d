"""Exact bounds of single results at any precision, over Arb: what decisions ask for where an enclosure is too wide."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from flint import arb
from numpy.typing import NDArray

from softcert_oracle.decide.ziv import Bounds, Refine
from softcert_oracle.errors import unknown
from softcert_oracle.numbers.enclosure import Enclosure
from softcert_oracle.reference.arb import BITS, EXACT_BITS, KEPT_BITS, bounds, from_balls, precision

Float = NDArray[np.float64]

OPERATIONS = ("softmax", "log_softmax", "logsumexp", "cross_entropy", "cross_entropy_grad", "jacobian")


class RowBalls:
    """The quantities of one row (finite maximum) as balls of ``bits`` bits, each computed when asked for."""

    def __init__(self, row: Float, bits: int) -> None:
        self.bits = bits
        self.first = int(np.argmax(row))
        with precision(EXACT_BITS):
            self.top = arb(float(row[self.first]))
            self.d: list[Any | None] = [None if v == -np.inf else arb(v) - self.top for v in row.tolist()]
        with precision(bits):
            self.tau = sum((v.exp() for j, v in enumerate(self.d) if v is not None and j != self.first), arb(0))
            self.log = self.tau.log1p()

    def softmax(self, j: int) -> Any:
        """p_j."""
        with precision(self.bits):
            d = self.d[j]
            return arb(0) if d is None else d.exp() / (1 + self.tau)

    def complement(self, j: int) -> Any:
        """1 - p_j, for the maximum from the sum of the others."""
        with precision(self.bits):
            return self.tau / (1 + self.tau) if j == self.first else 1 - self.softmax(j)

    def log_softmax(self, j: int) -> Any:
        """l_j = d_j - L; -inf for an entry of -inf."""
        with precision(self.bits):
            return arb.neg_inf() if self.d[j] is None else self.d[j] - self.log

    def logsumexp(self) -> Any:
        """y = m + L."""
        with precision(self.bits):
            return self.top + self.log

    def gradient(self, j: int, label: int) -> Any:
        """p_j - t_j."""
        return -self.complement(j) if j == label else self.softmax(j)

    def derivative(self, i: int, j: int) -> Any:
        """The derivative of p_i by x_j."""
        with precision(self.bits):
            return self.softmax(i) * (self.complement(j) if i == j else -self.softmax(j))


def refiner(operation: str, x: Float, labels: NDArray[np.intp] | None, reduction: str) -> Refine:
    """Bounds of the results of an operation on rows x (m, C), by flat position.

    Parameters
    ----------
    operation
        One of `OPERATIONS`.
    x
        Rows with finite maxima where positions are asked for: everything that can be undecided is a finite result.
    labels
        Class indices (m,) where the operation needs them.
    reduction
        "mean", "sum" or "none".

    Returns
    -------
    Refine
        A function of flat positions (C order of the result) and bits.
    """
    m, classes = x.shape
    mean = m if reduction == "mean" else 1

    @lru_cache(maxsize=64)
    def row(i: int, bits: int) -> RowBalls:
        return RowBalls(x[i], bits)

    def label(i: int) -> int:
        if labels is None:
            raise ValueError(f"labels=None: {operation} needs them.")
        return int(labels[i])

    def ball(k: int, bits: int) -> Any:
        if operation == "logsumexp":
            return row(k, bits).logsumexp()
        if operation == "softmax":
            return row(k // classes, bits).softmax(k % classes)
        if operation == "log_softmax":
            return row(k // classes, bits).log_softmax(k % classes)
        if operation == "jacobian":
            i, entry = divmod(k, classes * classes)
            return row(i, bits).derivative(*divmod(entry, classes))
        if operation == "cross_entropy_grad":
            i, j = divmod(k, classes)
            return row(i, bits).gradient(j, label(i)) / mean
        if operation != "cross_entropy":
            raise unknown("operation", operation, OPERATIONS)
        if reduction == "none":
            return -row(k, bits).log_softmax(label(k))
        return sum((-row(i, bits).log_softmax(label(i)) for i in range(m)), arb(0)) / mean

    def refine(positions: NDArray[np.intp], bits: int) -> list[Bounds]:
        with precision(bits):
            return [bounds(ball(int(k), bits)) for k in positions]

    return refine


def logsumexp(x: Float) -> Enclosure:
    """m + L of rows x (m, C) with finite maxima, relatively accurate however much of it cancels; shape (m,)."""
    return from_balls([_logsumexp(row) for row in x])


def _logsumexp(row: Float) -> Any:
    bits = BITS
    while True:
        y = RowBalls(row, bits).logsumexp()
        if y.is_zero() or y.rel_accuracy_bits() >= KEPT_BITS:
            return y
        bits *= 2
