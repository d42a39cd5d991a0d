"""The third witness at rows with infinities or NaN: limits where they exist, NaN where they do not.

The rules are those that `softcert_oracle.symbolic.limits` proves; this module only applies them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import mpmath

from softcert_oracle.symbolic.expressions import evaluate_finite


def at_special_row(operation: str, x: Sequence[Any], label: int | None, digits: int) -> list[Any]:
    """The operation at a row that has an infinity or a NaN (flat list, as `evaluate` returns it)."""
    if any(mpmath.isnan(v) for v in x):
        size = {"logsumexp": 1, "cross_entropy": 1, "jacobian": len(x) ** 2}.get(operation, len(x))
        return [mpmath.nan] * size
    top = [k for k, v in enumerate(x) if v == mpmath.inf]
    finite = [k for k, v in enumerate(x) if mpmath.isfinite(v)]
    if not top and finite:
        return _beside_minus_infinity(operation, x, finite, label, digits)
    zero, one = mpmath.mpf(0), mpmath.mpf(1)
    leading = top or list(range(len(x)))  # several +inf, or all -inf: their shares are undefined
    share = one if len(top) == 1 else mpmath.nan
    p = [share if k in leading else zero for k in range(len(x))]
    log_p = [(zero if len(top) == 1 else mpmath.nan) if k in leading else mpmath.ninf for k in range(len(x))]
    if operation == "softmax":
        return p
    if operation == "log_softmax":
        return log_p
    if operation == "logsumexp":
        return [mpmath.inf if top else mpmath.ninf]
    if operation == "jacobian":
        return [zero if 0 in (p[i], p[j]) or share == 1 else mpmath.nan for i in range(len(x)) for j in range(len(x))]
    assert label is not None  # `evaluate` has checked it
    if operation == "cross_entropy":
        return [-log_p[label] if log_p[label] != 0 else zero]
    return [p[k] - (k == label) for k in range(len(x))]


def _beside_minus_infinity(
    operation: str, x: Sequence[Any], finite: Sequence[int], label: int | None, digits: int
) -> list[Any]:
    """Finite logits beside some at -inf: the operation of the finite ones, 0 (or -inf) for the others."""
    zero = mpmath.mpf(0)
    rest = [x[k] for k in finite]
    if operation == "logsumexp":
        return evaluate_finite(operation, rest, None, digits)
    if operation == "cross_entropy":
        return evaluate_finite(operation, rest, finite.index(label), digits) if label in finite else [mpmath.inf]
    if operation == "jacobian":
        entries = iter(evaluate_finite(operation, rest, None, digits))
        n = range(len(x))
        return [next(entries) if i in finite and j in finite else zero for i in n for j in n]
    if operation == "cross_entropy_grad" and label in finite:
        inner = evaluate_finite(operation, rest, finite.index(label), digits)
    else:
        inner = evaluate_finite("log_softmax" if operation == "log_softmax" else "softmax", rest, None, digits)
    outside = mpmath.ninf if operation == "log_softmax" else zero
    values = [outside] * len(x)
    for k, v in zip(finite, inner, strict=True):
        values[k] = v
    if operation == "cross_entropy_grad" and label is not None and label not in finite:
        values[label] = mpmath.mpf(-1)
    return values
