"""Arguments and options of one call, checked and brought into one form: rows of classes.

Options mean what they mean in torch.nn.functional.cross_entropy; those that it has not are applied in this order:
soft cap, temperature, mask, then the operation (docs/options.md). The axis of the classes is moved to the end, what
lies before it becomes the rows, and `CanonicalCall.folded` puts a result back.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from softcert_oracle import operations
from softcert_oracle.errors import UsageError, unknown
from softcert_oracle.numbers import formats

Float = NDArray[np.float64]
Bool = NDArray[np.bool_]
Int = NDArray[np.intp]

LOSSES = ("cross_entropy", "cross_entropy_grad", "cross_entropy_hvp")
LINEAR = ("linear_cross_entropy", "linear_cross_entropy_grad")


@dataclass(frozen=True, eq=False, kw_only=True)
class CanonicalCall:
    """One call in canonical form: m rows of C classes.

    Parameters
    ----------
    operation
        Its name in the table of operations.
    lead, axis, classes
        The shape before the axis of the classes, where that axis stands, and C.
    reduction
        "mean", "sum" or "none".
    x
        Logits (m, C), float64; None for the linear operations.
    linear
        X (m, K), W (C, K) and b (C,) of the linear operations.
    labels, kept
        Class indices (m,), 0 in rows that are not kept because their label is the ignored index.
    targets
        Class probabilities (m, C) in the place of labels.
    weight
        A factor for each class, (C,).
    smoothing, temperature, softcap, z_loss
        The scalar options; a soft cap may be None.
    mask
        (m, C), True where a class takes part.
    upstream
        (m, C) for products with vectors, (m,) or () for the gradient of a loss.
    """

    operation: str
    lead: tuple[int, ...]
    axis: int
    classes: int
    reduction: str
    x: Float | None = None
    linear: tuple[Float, Float, Float] | None = None
    labels: Int | None = None
    kept: Bool | None = None
    targets: Float | None = None
    weight: Float | None = None
    smoothing: float = 0.0
    temperature: float = 1.0
    softcap: float | None = None
    z_loss: float = 0.0
    mask: Bool | None = None
    upstream: Float | None = None

    @property
    def m(self) -> int:
        """The number of rows."""
        return int(np.prod(self.lead, dtype=np.int64))

    @property
    def by_class(self) -> bool:
        """Whether the result has one number for each logit."""
        return operations.lookup(self.operation).result == "(m, C)"

    @property
    def reduced(self) -> bool:
        """Whether the losses of the rows are joined into one number."""
        return operations.lookup(self.operation).result == "()" and self.reduction != "none"

    @property
    def positions(self) -> Int:
        """For each number of the result, its place in canonical order: an index array of the result's shape."""
        if self.reduced:
            return np.zeros((), np.intp)
        if not self.by_class:
            return np.arange(self.m).reshape(self.lead)
        whole = np.arange(self.m * self.classes).reshape((*self.lead, self.classes))
        return np.ascontiguousarray(np.moveaxis(whole, -1, self.axis))

    def logits(self) -> Float:
        """The logits after soft cap, temperature and mask, each step rounded to float64; (m, C)."""
        if self.linear is not None:
            features, weights, bias = self.linear
            with np.errstate(over="ignore", invalid="ignore"):
                return np.asarray(features @ weights.T + bias)
        assert self.x is not None
        z = self.x
        with np.errstate(over="ignore", invalid="ignore"):
            if self.softcap is not None:
                z = self.softcap * np.tanh(z / self.softcap)
            if self.temperature != 1.0:
                z = z / self.temperature
        return z if self.mask is None else np.where(self.mask, z, -np.inf)


def canonical_call(
    operation: str, arguments: Mapping[str, Any], options: Mapping[str, Any] | None = None
) -> CanonicalCall:
    """The canonical form of a call.

    Parameters
    ----------
    operation
        Name or alias of any operation.
    arguments
        Arrays by name, of any format in `FORMATS`, taken exactly.
    options
        Options by name, as in `softcert_oracle.operations.OPTIONS`; arrays as for the arguments.

    Returns
    -------
    CanonicalCall
        Rows of classes, wherever the axis of the classes was.

    Raises
    ------
    UsageError
        For an option that the operation does not take, a value that it cannot have, or shapes that do not fit.

    Examples
    --------
    >>> call = canonical_call("softmax", {"x": np.zeros((2, 5, 3))}, {"axis": 1})
    >>> call.m, call.classes, call.positions.shape
    (6, 5, (2, 5, 3))
    """
    entry = operations.lookup(operation)
    given = dict(options or {})
    given.pop("out", None)  # says where the result goes, and changes no number of it
    for name in given:
        if name not in entry.options:
            raise unknown(f"option of {entry.name}", name, entry.options)
    wanted = [a.name for a in entry.arguments]
    missing = [n for n in wanted if arguments.get(n) is None and not (n == "labels" and "targets" in given)]
    if missing:
        raise UsageError(f"{missing[0]}=None: {entry.name} takes {', '.join(wanted)}.")
    reduction = given.get("reduction", "mean")
    if reduction not in operations.REDUCTIONS:
        raise unknown("reduction", reduction, operations.REDUCTIONS)
    if entry.name in LINEAR:
        return _linear(entry.name, arguments, reduction)
    return _rows(entry.name, arguments, given, reduction)


def _rows(name: str, arguments: Mapping[str, Any], given: Mapping[str, Any], reduction: str) -> CanonicalCall:
    array = _values("x", arguments["x"])
    axis = int(given.get("axis", -1))
    if not -array.ndim <= axis < array.ndim:
        raise UsageError(f"axis={axis}: x has shape {array.shape}, so an axis from {-array.ndim} to {array.ndim - 1}.")
    moved = np.moveaxis(array, axis, -1)
    lead, classes = moved.shape[:-1], moved.shape[-1]
    m = int(np.prod(lead, dtype=np.int64))

    def rows(option: str, values: Any, kind: Any = np.float64) -> Any:
        canonical = _shaped(option, _values(option, values), array.shape)
        return np.ascontiguousarray(np.moveaxis(canonical, axis, -1).reshape(m, classes).astype(kind))

    labels, kept = None, None
    targets = given.get("targets")
    if name in LOSSES:
        kept = np.ones(m, bool)
        if targets is None:
            labels, kept = _labels(arguments["labels"], given.get("ignore_index"), lead, classes)
    weight = given.get("weight")
    by_class = operations.lookup(name).takes_vectors
    upstream = arguments.get("upstream") if by_class else given.get("upstream")
    if upstream is not None:
        if by_class:
            upstream = rows("upstream", upstream)
        else:
            shape = lead if reduction == "none" else ()
            upstream = _shaped("upstream", _values("upstream", upstream), shape).reshape((m,) if shape == lead else ())
            upstream = upstream.astype(np.float64)
    cap = given.get("softcap")
    return CanonicalCall(
        operation=name,
        lead=lead,
        axis=axis % array.ndim,
        classes=classes,
        reduction=reduction,
        x=np.ascontiguousarray(moved.reshape(m, classes).astype(np.float64)),
        labels=labels,
        kept=kept,
        targets=None if targets is None else rows("targets", targets),
        weight=None if weight is None else _shaped("weight", _values("weight", weight), (classes,)).astype(np.float64),
        smoothing=_scalar("label_smoothing", given.get("label_smoothing", 0.0), 0.0, 1.0),
        temperature=_scalar("temperature", given.get("temperature", 1.0), 0.0, np.inf, positive=True),
        softcap=None if cap is None else _scalar("softcap", cap, 0.0, np.inf, positive=True),
        z_loss=_scalar("z_loss", given.get("z_loss", 0.0), 0.0, np.inf),
        mask=None if given.get("mask") is None else rows("mask", given["mask"], bool),
        upstream=upstream,
    )


def _linear(name: str, arguments: Mapping[str, Any], reduction: str) -> CanonicalCall:
    features, weights, bias = (_values(n, arguments[n]).astype(np.float64) for n in ("X", "W", "b"))
    if features.ndim != 2:
        raise UsageError(f"X has shape {features.shape}: features have shape (m, K).")
    weights = _shaped("W", weights, (weights.shape[0] if weights.ndim else 0, features.shape[1]))
    bias = _shaped("b", bias, weights.shape[:1])
    for what, values in (("X", features), ("W", weights), ("b", bias)):
        if not np.all(np.isfinite(values)):
            raise UsageError(f"{what} holds infinities or NaN: the logits X W^T + b must be numbers.")
    labels, kept = _labels(arguments["labels"], None, features.shape[:1], len(weights))
    return CanonicalCall(
        operation=name,
        lead=features.shape[:1],
        axis=1,
        classes=len(weights),
        reduction=reduction,
        linear=(features, weights, bias),
        labels=labels,
        kept=kept,
    )


def _values(name: str, values: Any) -> NDArray[Any]:
    array = np.asarray(values)
    if formats.of_array(array) is None and array.dtype.kind not in "iub":
        raise UsageError(f"{name} has dtype {array.dtype}: give {', '.join(formats.FORMATS)}.")
    return array


def _shaped(name: str, values: NDArray[Any], shape: tuple[int, ...]) -> NDArray[Any]:
    if values.shape != shape:
        raise UsageError(f"{name} has shape {values.shape}: {shape} is needed.")
    return values


def _scalar(name: str, value: Any, low: float, high: float, *, positive: bool = False) -> float:
    number = float(value)
    if not (low <= number <= high) or (positive and number == low) or np.isinf(number):
        least = "above" if positive else "from"
        raise UsageError(
            f"{name}={value!r}: give a number {least} {low:g}" + (f" to {high:g}." if high < np.inf else ".")
        )
    return number


def _labels(given: Any, ignored: Any, lead: tuple[int, ...], classes: int) -> tuple[Int, Bool]:
    labels = np.asarray(given)
    if labels.shape != lead:
        raise UsageError(f"labels have shape {labels.shape}: one class index for each row, shape {lead}, is needed.")
    flat = labels.reshape(-1).astype(np.int64)
    kept = np.ones(flat.shape, bool) if ignored is None else flat != int(ignored)
    bad = kept & ((flat < 0) | (flat >= classes))
    if np.any(bad):
        also = "" if ignored is None else f" or {ignored}"
        raise UsageError(f"label={int(flat[bad][0])}: with {classes} classes a label is 0 to {classes - 1}{also}.")
    return np.where(kept, flat, 0).astype(np.intp), kept
