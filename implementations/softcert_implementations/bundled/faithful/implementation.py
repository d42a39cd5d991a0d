"""Our own level-4 implementation: every result is the floating-point number nearest to the exact value.

All five operations in float64, float32, float16 and bfloat16. Kernels of its own (Numba), none of the oracle's; how
they work and why their error bounds hold stands in docs/faithful.md. Correctly rounded results are faithful ones.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from softcert_implementations.bundled.faithful.codes import GRADIENT, LOG_SOFTMAX, LOGSUMEXP, SOFTMAX
from softcert_implementations.implementation import Implementation, operations_in
from softcert_oracle.errors import UsageError
from softcert_oracle.numbers import formats

if TYPE_CHECKING:
    from softcert_implementations.bundled.faithful.evaluation import Target

DTYPES = ("float32", "float64", "float16", "bfloat16")
_ACCEPTED = (*DTYPES, "float8_e4m3fn", "float8_e5m2")
"""8 bits are rounded as any narrow format is; nothing is claimed of them until they are named."""


def softmax(x: np.ndarray) -> np.ndarray:
    """exp(x_j) / sum exp(x_k) over the last axis: x (..., C) to (..., C), correctly rounded.

    `UsageError` for another format or no classes, as in all five.
    """
    return _elements(SOFTMAX, x)


def log_softmax(x: np.ndarray) -> np.ndarray:
    """x_j - log sum exp(x_k) over the last axis: x (..., C) to (..., C), correctly rounded."""
    return _elements(LOG_SOFTMAX, x)


def logsumexp(x: np.ndarray) -> np.ndarray:
    """log sum exp(x_k) over the last axis: x (..., C) to (...), correctly rounded, also next to 0."""
    return _elements(LOGSUMEXP, x)[..., 0]


def cross_entropy(x: np.ndarray, labels: np.ndarray) -> Any:
    """The mean of -log p_y over the rows of x (m, C), labels (m,): a scalar of x's format, correctly rounded.

    NaN for no rows; `UsageError` for labels that are not integers in 0 .. C-1.
    """
    evaluation, values, target = prepared(x)
    indices = label_indices(labels, values)
    with np.errstate(all="ignore"):
        mean = evaluation.mean_loss(values, indices, target)
        return np.float64(mean).astype(values.dtype)


def cross_entropy_grad(x: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """(p - t) / m, the gradient of that mean by the logits: (m, C), correctly rounded.

    The label's entry is minus the sum of the other probabilities, never p - 1.
    """
    evaluation, values, target = prepared(x)
    indices = label_indices(labels, values)
    with np.errstate(all="ignore"):
        result: np.ndarray = evaluation.elements(GRADIENT, values, indices, target)
    return result


def _elements(code: int, x: np.ndarray) -> np.ndarray:
    evaluation, values, target = prepared(x)
    rows = values.reshape(-1, values.shape[-1])
    with np.errstate(all="ignore"):
        result: np.ndarray = evaluation.elements(code, rows, np.zeros(rows.shape[0], np.int64), target)
    return result.reshape(*values.shape[:-1], result.shape[1])


def prepared(x: np.ndarray) -> tuple[Any, np.ndarray, Target]:
    """The kernels, imported on first use (Numba takes a moment); the array; its format."""
    values = np.asarray(x)
    known = formats.of_array(values)
    if known is None or known.name not in _ACCEPTED:
        raise UsageError(f"x.dtype={values.dtype}: give an array of {', '.join(_ACCEPTED)}.")
    if values.ndim < 1 or values.shape[-1] == 0:
        raise UsageError(f"x.shape={values.shape}: there are no classes. Give at least one on the last axis.")
    try:
        from softcert_implementations.bundled.faithful import evaluation
    except ImportError as error:
        if error.name not in ("numba", "llvmlite"):
            raise
        raise UsageError(
            "the faithful implementation is compiled by Numba, which is not installed: install numba."
        ) from None
    return evaluation, values, evaluation.Target(known)


def label_indices(labels: np.ndarray, x: np.ndarray) -> np.ndarray:
    """Labels (m,) of rows x (m, C) as int64; `UsageError` unless they are class indices."""
    given = np.asarray(labels)
    if x.ndim != 2 or given.shape != x.shape[:1]:
        raise UsageError(f"x.shape={x.shape}, labels.shape={given.shape}: give (m, C) and (m,).")
    if given.dtype.kind not in "iu" and given.size:
        raise UsageError(f"labels.dtype={given.dtype}: give integers.")
    if given.size and not (given.min() >= 0 and given.max() < x.shape[1]):
        raise UsageError(f"labels={given.min()!r} to {given.max()!r}: give class indices in 0 .. {x.shape[1] - 1}.")
    return np.array(given, dtype=np.int64)


IMPLEMENTATION = Implementation(
    name="faithful",
    ops=operations_in(globals()),
    dtypes=DTYPES,
    batched=True,
    description="every result correctly rounded: double-double kernels, integers where those cannot decide",
    working_precision="float64",
    sum_format="float64",
    saved_format="float64",
    exp_ulp=1.0,
    log_ulp=1.0,
    algorithm="log1p",
    special_values="limit",
    label_dtypes=("int64", "int32", "int16", "int8", "uint8"),
    invalid_labels="refuse",
    repeatable=True,
    batch_invariant=True,
)
