"""The truth about rows of logits: every operation as enclosures, special rows included, computed when asked for.

Definitions in `softcert_oracle.operations`. A backend computes ordinary rows (`softcert_oracle.reference.backends`),
`softcert_oracle.reference.special_rows` those without a finite maximum. Nothing here knows a subject or a limit.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from softcert_oracle import operations
from softcert_oracle.decide import ziv
from softcert_oracle.errors import UsageError, unknown
from softcert_oracle.numbers import double_double, formats
from softcert_oracle.numbers.enclosure import Enclosure
from softcert_oracle.numbers.row_enclosures import RowEnclosures
from softcert_oracle.reference import backends, refinement, special_rows
from softcert_oracle.reference.assemble import fill, put
from softcert_oracle.reference.sharpen import complement_at, sharpen
from softcert_oracle.reference.special_rows import RowKind

Float = NDArray[np.float64]

_NARROW = 2.0**-96  # relative radius that every enclosure has, so that decisions on 53 bits keep 43 in hand

__all__ = ["RowKind", "Rows", "jacobian", "reference", "refine", "rows"]


def rows(x: ArrayLike, backend: backends.Backend | None = None) -> Rows:
    """The truth about rows of logits.

    Parameters
    ----------
    x
        Logits of shape (m, C) or (C,), of any format in `FORMATS`, taken exactly; special values are allowed.
    backend
        Computes ordinary rows; left out, `softcert_oracle.reference.backends.default` chooses it.

    Returns
    -------
    Rows
        Each quantity is computed when it is first asked for.

    Raises
    ------
    UsageError
        For another shape, or an array of no known format (integers included).

    Examples
    --------
    >>> exact = rows([[1.0, 2.0, float("-inf")]])
    >>> exact.softmax.to_float().round(6).tolist()
    [[0.268941, 0.731059, 0.0]]
    """
    values = np.asarray(x)
    if formats.of_array(values) is None:
        raise UsageError(f"x has dtype {values.dtype}: rows of logits are {', '.join(formats.FORMATS)}.")
    if values.ndim == 1:
        values = values[None, :]
    if values.ndim != 2:
        raise UsageError(f"x has shape {values.shape}: rows of logits have shape (m, C), or (C,) for one row.")
    with np.errstate(invalid="ignore"):  # a signalling NaN is a NaN
        return Rows(np.ascontiguousarray(values, dtype=np.float64), backend)


class Rows:
    """Exact values for rows x (m, C), each quantity computed once, when first asked for."""

    def __init__(self, x: Float, backend: backends.Backend | None = None) -> None:
        self.x = x
        self.kind = special_rows.kinds(x)
        self._backend = backend

    @property
    def shape(self) -> tuple[int, int]:
        """(m, C)."""
        return self.x.shape[0], self.x.shape[1]

    @cached_property
    def max(self) -> Float:
        """The largest logit of each row, shape (m,): -inf, inf or NaN where the row's class says so."""
        return np.asarray(np.max(self.x, axis=1, initial=-np.inf))

    @cached_property
    def argmax(self) -> NDArray[np.intp]:
        """The first class of the largest logit, shape (m,)."""
        return np.argmax(self.x, axis=1) if self.x.shape[1] else np.zeros(len(self.x), np.intp)

    @cached_property
    def d(self) -> Float:
        """x - max rounded to float64, shape (m, C): 0 for the maximum; -inf also where the difference overflows."""
        with np.errstate(invalid="ignore", over="ignore"):
            return self.x - self.max[:, None]

    @cached_property
    def ordinary(self) -> NDArray[np.bool_]:
        """Which rows have a finite maximum, shape (m,)."""
        return np.asarray(self.kind == RowKind.ORDINARY)

    @cached_property
    def _computed(self) -> RowEnclosures:
        backend = self._backend or backends.default()
        good = self.ordinary
        if bool(np.all(good)) and self.x.size:
            return _complete(self.x, self.argmax, backend)
        softmax, log_softmax, logsumexp = special_rows.limits(self.x, self.kind)
        limit = RowEnclosures(
            softmax=Enclosure.exactly(softmax),
            complement=Enclosure.exactly(1.0 - softmax),
            log_softmax=Enclosure.exactly(log_softmax),
            logsumexp=Enclosure.exactly(logsumexp),
            s=np.full(len(self.x), np.nan),
            tau=np.full(len(self.x), np.nan),
            L=np.full(len(self.x), np.nan),
        )
        if not bool(np.any(good)):
            return limit
        part = np.ascontiguousarray(self.x[good])
        finite = _complete(part, self.argmax[good], backend)
        where = (np.flatnonzero(good),)
        for own, value in ((limit.s, finite.s), (limit.tau, finite.tau), (limit.L, finite.L)):
            own[where] = value
        return RowEnclosures(
            softmax=put(limit.softmax, where, finite.softmax),
            complement=put(limit.complement, where, finite.complement),
            log_softmax=put(limit.log_softmax, where, finite.log_softmax),
            logsumexp=put(limit.logsumexp, where, finite.logsumexp),
            s=limit.s,
            tau=limit.tau,
            L=limit.L,
        )

    @property
    def softmax(self) -> Enclosure:
        """p_j, shape (m, C)."""
        return self._computed.softmax

    @cached_property
    def complement(self) -> Enclosure:
        """1 - p_j from the sum of the others, relatively accurate next to 0 too; shape (m, C)."""
        m, classes = self.shape
        return complement_at(self._computed, (np.arange(m)[:, None], np.arange(classes)))

    @property
    def log_softmax(self) -> Enclosure:
        """l_j = d_j - L, shape (m, C)."""
        return self._computed.log_softmax

    @property
    def logsumexp(self) -> Enclosure:
        """y = m + L, shape (m,)."""
        return self._computed.logsumexp

    @property
    def s(self) -> Float:
        """The sum of e^d, shape (m,), to a few units of 2^-53; NaN for rows without a finite maximum."""
        return self._computed.s

    @property
    def tau(self) -> Float:
        """s - 1 as the sum of the others, relatively accurate; shape (m,)."""
        return self._computed.tau

    @property
    def L(self) -> Float:  # noqa: N802 (the mathematics' own name)
        """log s from tau, relatively accurate next to 0 too; shape (m,)."""
        return self._computed.L

    def loss(self, labels: ArrayLike) -> Enclosure:
        """-log p of each row's label, shape (m,). Labels (m,) are class indices from 0 to C - 1."""
        index = self.labels(labels)
        return self.log_softmax[np.arange(len(index)), index].negated()

    def gradient(self, labels: ArrayLike) -> Enclosure:
        """p - t of each row's own loss, shape (m, C): minus the complement for the true class."""
        index = self.labels(labels)
        where = (np.arange(len(index)), index)
        return put(self.softmax, where, complement_at(self._computed, where).negated())

    def labels(self, labels: ArrayLike) -> NDArray[np.intp]:
        """Labels as indices of shape (m,).

        Raises
        ------
        UsageError
            For another shape, or a label that is no integer from 0 to C - 1.
        """
        given = np.asarray(labels)
        m, classes = self.shape
        if given.shape != (m,):
            raise UsageError(f"labels have shape {given.shape}: one class index for each of {m} rows is needed.")
        index = given.astype(np.intp)
        if bool(np.any((index < 0) | (index >= classes) | (index != given))):
            bad = given[(index < 0) | (index >= classes) | (index != given)][0]
            raise UsageError(f"label={bad!r}: with {classes} classes a label is an integer from 0 to {classes - 1}.")
        return index


def _complete(x: Float, argmax: NDArray[np.intp], backend: backends.Backend) -> RowEnclosures:
    """A backend's answer, sharpened; m + L from Arb where it cancels beyond what a double-double of 2^-100 can hold."""
    rows = sharpen(x, argmax, backend(x))
    cancelled = np.flatnonzero(rows.logsumexp.relative_radius() > _NARROW)
    if not cancelled.size:
        return rows
    exact = refinement.logsumexp(x[cancelled])
    return replace(rows, logsumexp=put(rows.logsumexp, (cancelled,), exact))


def refine(operation: str, rows: Rows, labels: ArrayLike | None = None, *, reduction: str = "mean") -> ziv.Refine:
    """Bounds of exact results at any precision: what decisions take as ``refine``.

    Parameters
    ----------
    operation
        A core operation, or "jacobian".
    rows, labels, reduction
        As for `reference`, whose results the positions count in C order.

    Returns
    -------
    Refine
        A function of flat positions and bits.
    """
    name = operation if operation == "jacobian" else operations.lookup(operation).name
    return refinement.refiner(name, rows.x, None if labels is None else rows.labels(labels), reduction)


def reference(operation: str, rows: Rows, labels: ArrayLike | None = None, *, reduction: str = "mean") -> Enclosure:
    """The exact result of one of the five core operations.

    Parameters
    ----------
    operation
        Name or alias of a core operation.
    rows
        The truth about the logits, (m, C).
    labels
        Class indices (m,) for cross_entropy and its gradient.
    reduction
        "mean", "sum" or "none". The gradient is that of the reduced loss: divided by m for "mean", of the sum for "sum"
        and "none".

    Returns
    -------
    Enclosure
        Shapes as in the table of operations; cross_entropy has shape () for "mean" and "sum", (m,) for "none".

    Raises
    ------
    UsageError
        For an operation that is not a core one, an unknown reduction, or labels that are missing or out of range.

    Examples
    --------
    >>> loss = reference("cross_entropy", rows([[1000.0, 0.0]]), [1])
    >>> float(loss.to_float())
    1000.0
    """
    name = operations.lookup(operation).name
    if name == "softmax":
        return rows.softmax
    if name == "log_softmax":
        return rows.log_softmax
    if name == "logsumexp":
        return rows.logsumexp
    if name not in operations.CORE:
        raise unknown("core operation", operation, operations.CORE)
    if reduction not in operations.REDUCTIONS:
        raise unknown("reduction", reduction, operations.REDUCTIONS)
    if labels is None:
        raise UsageError(f"labels=None: {name} needs one class index for each row.")
    m = rows.shape[0]
    if name == "cross_entropy_grad":
        gradient = rows.gradient(labels)
        return double_double.divided_by(gradient, m) if reduction == "mean" and m else gradient
    losses = rows.loss(labels)
    if reduction == "none":
        return losses
    total = double_double.total(losses)
    if reduction == "sum":
        return total
    return double_double.divided_by(total, m) if m else Enclosure.exactly(np.nan)


def jacobian(rows: Rows) -> Enclosure:
    """The Jacobian of softmax, dp_i/dx_j = p_i (delta_ij - p_j).

    Parameters
    ----------
    rows
        The truth about the logits, (m, C).

    Returns
    -------
    Enclosure
        Shape (m, C, C). NaN throughout rows of a special class: the limits of the entries are not their derivatives.
    """
    p = rows.softmax
    m, classes = rows.shape
    at = np.arange(classes)
    finite = fill(p, ~rows.ordinary[:, None] & np.ones((1, classes), bool), 0.0)
    other = fill(rows.complement, ~rows.ordinary[:, None] & np.ones((1, classes), bool), 0.0)
    wide = double_double.product(finite[:, :, None], finite[:, None, :].negated())
    diagonal = double_double.product(finite, other)
    full = put(wide, (np.arange(m)[:, None], at, at), diagonal)
    return fill(full, np.broadcast_to(~rows.ordinary[:, None, None], full.shape), np.nan)
