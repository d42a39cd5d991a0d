"""Limits of calls with options, composed from the limits of rows; docs/options.md derives each step.

The row limits are those of `softcert_oracle.limits` at the shaped logits, widened by what shaping them may err; what is
made of them (weighted sums, z-loss, reductions, chain rule) is carried along by the standard model of arithmetic.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from softcert_oracle.errors import unknown
from softcert_oracle.limits import LEVELS, Limit, LimitParameters, sums
from softcert_oracle.limits.running_error import Bounded
from softcert_oracle.numbers.scaled import Scaled
from softcert_oracle.options import composing as c
from softcert_oracle.options import formulas
from softcert_oracle.options.canonical_call import LINEAR, CanonicalCall, canonical_call
from softcert_oracle.options.setting import Setting


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
    p = replace(parameters, reduction=call.reduction)
    with np.errstate(over="ignore", under="ignore"):
        numbers = _numbers(call, level, p)
        if level == "accurate":
            wider = _numbers(call, "stable", p)
            numbers = [c.smaller(a, b) for a, b in zip(numbers, wider, strict=True)]
    made = tuple(Limit(f"{call.operation}/{level}", formulas.formula(call), _facts(call, level, p), n) for n in numbers)
    return made if call.operation == "linear_cross_entropy_grad" else made[0]


def _facts(call: CanonicalCall, level: str, p: LimitParameters) -> dict[str, float | str | int]:
    return {
        "format": p.format, "working precision": p.working_precision, "level": level, "n": call.classes, "m": call.m,
        "u": p.arithmetic.u, "h": sums.depth(call.classes, p.summation), "exp_ulp": p.exp_ulp, "log_ulp": p.log_ulp,
        "result_format": p.result_format, "reduction": call.reduction,
    }  # fmt: skip


def _numbers(call: CanonicalCall, level: str, p: LimitParameters) -> list[Scaled]:
    s = Setting(call, level, p)
    if call.operation == "linear_cross_entropy_grad":
        return [_returned(s, b) for b in s.linear_gradients()]
    if call.operation in LINEAR:
        return [_returned(s, s.reduced_loss())]
    made = {
        "softmax": lambda: Bounded(s.p, s.softmax()),
        "log_softmax": lambda: Bounded(s.log_p, s.log_softmax()),
        "logsumexp": lambda: s.logsumexp,
        "cross_entropy": s.reduced_loss,
        "cross_entropy_grad": s.gradient,
        "softmax_vjp": s.softmax_vjp,
        "log_softmax_vjp": s.log_softmax_vjp,
        "cross_entropy_hvp": s.cross_entropy_hvp,
    }[call.operation]()
    folded = _returned(s, made)
    flat = Scaled(folded.significand.reshape(-1), folded.exponent.reshape(-1))
    return [flat[call.positions]]


def _returned(s: Setting, b: Bounded) -> Scaled:
    """Rounded to the format of the result, where that is narrower than the working precision."""
    a = s.t.arithmetic
    error = Scaled(np.broadcast_to(b.error.significand, b.shape), np.broadcast_to(b.error.exponent, b.shape))
    if not a.narrow_result:
        return error
    u = a.result.unit_roundoff
    exact = (error.significand == 0) & (b.value.significand == 0)
    return (error * (1.0 + u) + abs(b.value) * u + a.half_result).where(~exact, error)
