"""Correct implementations that compute wider than they answer, up to exact arithmetic rounded once.

Whatever is computed in a wider format and rounded once is within a rounding of the truth.
"""

from __future__ import annotations

import decimal
from collections.abc import Mapping
from typing import Any

import numpy as np

from softcert_implementations.gallery import textbook
from softcert_implementations.gallery.correct.operations_from_parts import FULL, silent
from softcert_implementations.gallery.model import Correct, Function
from softcert_implementations.gallery.textbook import Array


def _through(wider: Any) -> Mapping[str, Function]:
    """All five operations in ``wider``, rounded to the input's format."""

    def lifted(function: Function) -> Function:
        def run(x: Array, *labels: Array) -> Any:
            return np.asarray(function(x.astype(wider), *labels)).astype(x.dtype)

        return run

    names = ("softmax", "log_softmax", "logsumexp", "cross_entropy", "cross_entropy_grad")
    return silent({name: lifted(getattr(textbook, name)) for name in names})


def _decimal_rows(x: Array) -> list[tuple[list[decimal.Decimal], decimal.Decimal]] | None:
    """Shifted logits and the sum of their exponentials, exact to 60 digits; None where a row has no finite maximum."""
    top = x.max(-1)
    if not np.isfinite(top).all():
        return None
    rows = []
    for row in x.tolist():
        m = decimal.Decimal(max(row))
        d = [decimal.Decimal(v) - m for v in row]
        rows.append((d, sum((v.exp() for v in d), decimal.Decimal(0))))
    return rows


def _in_decimal(result: Any, otherwise: Function) -> Function:
    """``result(d, s)`` for each row, in decimal arithmetic; rows with special values go ``otherwise``."""

    def run(x: Array) -> Array:
        with decimal.localcontext() as context:
            context.prec, context.Emin, context.Emax = 60, -(10**9), 10**9
            context.traps[decimal.Underflow] = context.traps[decimal.Subnormal] = False
            rows = _decimal_rows(x)
            if rows is None or not x.size:
                return np.asarray(otherwise(x))
            return np.array([result(d, s) for d, s in rows], np.float64).astype(x.dtype)

    return run


def _decimal_softmax(d: list[decimal.Decimal], s: decimal.Decimal) -> list[float]:
    return [float(v.exp() / s) for v in d]


def _decimal_log_softmax(d: list[decimal.Decimal], s: decimal.Decimal) -> list[float]:
    log = s.ln()
    return [float(v - log) for v in d]


_DECIMAL = silent(
    {
        "softmax": _in_decimal(_decimal_softmax, textbook.softmax),
        "log_softmax": _in_decimal(_decimal_log_softmax, textbook.log_softmax),
    }
)

CORRECT = (
    Correct(
        name="float32_inside_half",
        ops=_through(np.float32),
        formats=("float16", "bfloat16", "float32"),
        note="float32 throughout, rounded once",
    ),
    Correct(
        name="float64_inside",
        ops=_through(np.float64),
        formats=("float16", "bfloat16", "float32"),
        note="float64 throughout, rounded once",
    ),
    Correct(
        name="longdouble_inside",
        ops=_through(np.longdouble),
        formats=FULL,
        note="the platform's longest format throughout (float64 itself where there is none), rounded once",
    ),
    Correct(
        name="decimal_60_digits",
        ops=_DECIMAL,
        formats=FULL,
        note="decimal arithmetic of 60 digits, rounded once",
        contract={"max_classes": 64, "max_rows": 8},
    ),
)
