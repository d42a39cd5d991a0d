"""Limits of calls with options, composed from the limits of rows; docs/options.md derives each step.

The row limits are those of `softcert_oracle.limits` at the shaped logits, widened by what shaping them may err; what is
made of them (weighted sums, z-loss, reductions, chain rule) is carried along by the standard model of arithmetic.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from softcert_oracle.errors import unknown
from softcert_oracle.levels import Level
from softcert_oracle.limits import LEVELS, Limit, LimitParameters, reductions, sums
from softcert_oracle.limits.running_error import Bounded
from softcert_oracle.numbers.scaled import Scaled
from softcert_oracle.options import composing, gradients, losses, products
from softcert_oracle.options.canonical_call import LINEAR, CanonicalCall, canonical_call
from softcert_oracle.options.row_limits import RowLimits


def limit(
    operation: str,
    level: str,
    arguments: Mapping[str, Any],
    options: Mapping[str, Any] | None,
    parameters: LimitParameters,
) -> Limit | tuple[Limit, ...]:
    """The limit of a call with options at a level, absolute, in the shape of its result.

    Parameters
    ----------
    operation, arguments, options
        The call, as for `softcert_oracle.options.canonical_call.canonical_call`.
    level
        "sound", "stable" or "accurate".
    parameters
        The subject's claims; the call's own reduction takes the place of theirs.

    Returns
    -------
    Limit or tuple of Limit
        Three of them, by X, W and b, for linear_cross_entropy_grad.

    Raises
    ------
    UsageError
        For an unknown level, and for a call that has no canonical form.

    Notes
    -----
    docs/options.md derives each step. Limits nest as the plain ones do.

    Examples
    --------
    >>> x = np.array([[1.0, 2.0, 3.0]])
    >>> odd = limit("softmax", "stable", {"x": x}, {"temperature": 0.7}, LimitParameters(format="float32"))
    >>> odd.name, odd.numbers.shape
    ('softmax/stable', (1, 3))
    """
    return option_limit(canonical_call(operation, arguments, options), level, parameters)


def option_limit(call: CanonicalCall, level: str, parameters: LimitParameters) -> Limit | tuple[Limit, ...]:
    """The limit of a call in canonical form."""
    if level not in LEVELS:
        raise unknown("level of a limit", level, LEVELS)
    level = Level(level)
    p = replace(parameters, reduction=call.reduction)
    with np.errstate(over="ignore", under="ignore"):
        numbers = _numbers(call, level, p)
        if level is Level.ACCURATE:
            wider = _numbers(call, Level.STABLE, p)
            numbers = [composing.smaller(a, b) for a, b in zip(numbers, wider, strict=True)]
    name, formula, scalars = f"{call.operation}/{level}", _formula(call), _scalars(call, level, p)
    limits = tuple(Limit(name=name, formula=formula, parameters=scalars, numbers=n) for n in numbers)
    return limits if call.operation == "linear_cross_entropy_grad" else limits[0]


def _scalars(call: CanonicalCall, level: Level, p: LimitParameters) -> dict[str, float | str | int]:
    """The scalars of the formula."""
    return {
        "format": p.format,
        "working precision": p.working_precision,
        "level": str(level),
        "n": call.classes,
        "m": call.m,
        "u": p.arithmetic.u,
        "h": sums.depth(call.classes, p.summation),
        "exp_ulp": p.exp_ulp,
        "log_ulp": p.log_ulp,
        "result_format": p.result_format,
        "reduction": call.reduction,
    }


def _numbers(call: CanonicalCall, level: Level, p: LimitParameters) -> list[Scaled]:
    rows = RowLimits(call, level, p)
    limits = [_returned(rows, b) for b in COMPOSED[call.operation].results(rows)]
    if call.operation in LINEAR:
        return limits
    (canonical,) = limits
    flat = Scaled(canonical.significand.reshape(-1), canonical.exponent.reshape(-1))
    return [flat[call.positions]]


@dataclass(frozen=True)
class Composed:
    """How the limit of an operation is made of row limits, and the same in words, to first order.

    ``results`` gives the exact value and the limit of each result, in canonical shape.
    """

    results: Callable[[RowLimits], Sequence[Bounded]]
    formula: str


def _one(result: Callable[[RowLimits], Bounded]) -> Callable[[RowLimits], Sequence[Bounded]]:
    return lambda rows: (result(rows),)


COMPOSED: dict[str, Composed] = {
    "softmax": Composed(
        _one(lambda rows: Bounded(rows.p, rows.softmax())),
        "limit of softmax at the shaped logits z + p_j expm1(s_j)",
    ),
    "log_softmax": Composed(
        _one(lambda rows: Bounded(rows.log_p, rows.log_softmax())),
        "limit of log_softmax at the shaped logits z + s_j",
    ),
    "logsumexp": Composed(
        _one(lambda rows: rows.logsumexp),
        "limit of logsumexp at the shaped logits z + log Σ p_j e^{e_j}",
    ),
    "cross_entropy": Composed(
        _one(losses.reduced_loss),
        "Σ_j c_j λ_j + (h + 6) u Σ_j c_j |l_j| + 2 z |y| limit(y) + 3u z y², λ_j the limit of l_j",
    ),
    "cross_entropy_grad": Composed(
        _one(gradients.gradient),
        "(S + 2 z |y|) limit(p_k) + 3u (S + 2 z |y|) p_k + u |g_k|, g_k = (S + 2 z y) p_k − c_k",
    ),
    "softmax_vjp": Composed(
        _one(products.softmax_vjp),
        "limit(p_i) |w_i − M| + p_i [Σ_j limit(p_j) |w_j| + (h + 2) u Σ_j p_j |w_j|] + 3u |v_i|, M = Σ p_j w_j",
    ),
    "log_softmax_vjp": Composed(
        _one(products.log_softmax_vjp),
        "limit(p_i) |W| + p_i (h + 1) u Σ_j |w_j| + u |v_i|, W = Σ w_j",
    ),
    "cross_entropy_hvp": Composed(
        _one(products.cross_entropy_hvp),
        "limit of softmax_vjp for |w_j| + |w_y|, + 5u p_i (|w_i| + 2|w_y| + |M|), divided by m for a mean",
    ),
    "linear_cross_entropy": Composed(
        _one(losses.reduced_loss),
        "limit of cross_entropy at z = X Wᵀ + b, with e_j = (K + 1) u (|X| |W|ᵀ + |b|)",
    ),
    "linear_cross_entropy_grad": Composed(
        products.linear_gradients,
        "limit(G) |W| + (C + 1) u |G| |W|, limit(G)ᵀ |X| + (m + 1) u |G|ᵀ |X|, Σ_i limit(G_i) + m u Σ_i |G_i|",
    ),
}
"""By operation: how its limit is composed. A new operation is added here."""

_SHAPED = "s_j = e_j + max(log Σ p_k e^{e_k}, e_max), e_j the error of z_j"
_COEFFICIENTS = "c_j = w_j ((1 − ε) t_j + ε / C), S = Σ c_j"


def _formula(call: CanonicalCall) -> str:
    """The limit of a call, to first order, with the definitions that its options need."""
    parts = [COMPOSED[call.operation].formula]
    if call.kept is not None and call.linear is None:
        parts.append(_COEFFICIENTS)
    if call.temperature != 1.0 or call.softcap is not None or call.linear is not None:
        parts.append(_SHAPED)
    return "; ".join(parts)


def _returned(rows: RowLimits, b: Bounded) -> Scaled:
    """Rounded to the format of the result, where that is narrower than the working precision."""
    a = rows.t.arithmetic
    error = Scaled(np.broadcast_to(b.error.significand, b.shape), np.broadcast_to(b.error.exponent, b.shape))
    if not a.narrow_result:
        return reductions.flushed(rows.t, error, b.value)
    u = a.result.unit_roundoff
    exact = (error.significand == 0) & (b.value.significand == 0)
    error = (error * (1.0 + u) + abs(b.value) * u + a.half_result).where(~exact, error)
    return reductions.flushed(rows.t, error, b.value)
