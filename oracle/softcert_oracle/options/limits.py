"""Limits of calls with options, composed from the limits of rows; docs/options.md derives each step.

The row limits are those of `softcert_oracle.limits` at the shaped logits, widened by what shaping them may err; what is
made of them (weighted sums, z-loss, reductions, chain rule) is carried along by the standard model of arithmetic.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from softcert_oracle.errors import unknown
from softcert_oracle.levels import Level
from softcert_oracle.limits import LEVELS, Limit, LimitParameters, sums
from softcert_oracle.limits.running_error import Bounded
from softcert_oracle.numbers.scaled import Scaled
from softcert_oracle.options import composing, formulas, gradients, losses, products
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

    Three of them, by X, W and b, for linear_cross_entropy_grad. Levels nest. Raises `UsageError` as
    `softcert_oracle.options.canonical_call.canonical_call` does.
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
    name, formula, scalars = f"{call.operation}/{level}", formulas.formula(call), _scalars(call, level, p)
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
    if call.operation == "linear_cross_entropy_grad":
        return [_returned(rows, b) for b in products.linear_gradients(rows)]
    if call.operation in LINEAR:
        return [_returned(rows, losses.reduced_loss(rows))]
    canonical = _returned(rows, _COMPOSED[call.operation](rows))
    flat = Scaled(canonical.significand.reshape(-1), canonical.exponent.reshape(-1))
    return [flat[call.positions]]


_COMPOSED: Mapping[str, Callable[[RowLimits], Bounded]] = {
    "softmax": lambda rows: Bounded(rows.p, rows.softmax()),
    "log_softmax": lambda rows: Bounded(rows.log_p, rows.log_softmax()),
    "logsumexp": lambda rows: rows.logsumexp,
    "cross_entropy": losses.reduced_loss,
    "cross_entropy_grad": gradients.gradient,
    "softmax_vjp": products.softmax_vjp,
    "log_softmax_vjp": products.log_softmax_vjp,
    "cross_entropy_hvp": products.cross_entropy_hvp,
}
"""The exact value and the limit of each operation, in canonical shape."""


def _returned(rows: RowLimits, b: Bounded) -> Scaled:
    """Rounded to the format of the result, where that is narrower than the working precision."""
    a = rows.t.arithmetic
    error = Scaled(np.broadcast_to(b.error.significand, b.shape), np.broadcast_to(b.error.exponent, b.shape))
    if not a.narrow_result:
        return error
    u = a.result.unit_roundoff
    exact = (error.significand == 0) & (b.value.significand == 0)
    return (error * (1.0 + u) + abs(b.value) * u + a.half_result).where(~exact, error)
