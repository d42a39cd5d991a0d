"""Correct implementations that differ in how they get the exponential and the quotient.

The default limit of level "stable" covers base 2, a reciprocal, exp of the log-softmax, and any exp within 4 ulp; a
squared exp has twice the error of exp and says so in its contract.
"""

from __future__ import annotations

import math

import numpy as np

from softcert_implementations.gallery import textbook
from softcert_implementations.gallery.correct.operations_from_parts import ALL, FULL, from_functions, from_sum
from softcert_implementations.gallery.model import Correct
from softcert_implementations.gallery.textbook import Array

_LOG2_E = math.log2(math.e)


def _sum(e: Array) -> Array:
    return e.sum(-1, keepdims=True)


def base_two(d: Array) -> Array:
    """exp2(d log2(e)): the product is rounded, which costs |d| u."""
    return np.exp2(d * d.dtype.type(_LOG2_E))


def expm1_plus_one(d: Array) -> Array:
    """expm1(d) + 1, for d above -1; below, exp itself, since the sum would cancel."""
    return np.where(d > -1, np.expm1(d) + 1, np.exp(d)).astype(d.dtype)


def power_of_e(d: Array) -> Array:
    """e to the power d: the base is rounded, which costs |d| u."""
    return np.power(np.full_like(d, math.e), d)


def squared(d: Array) -> Array:
    """exp(d / 2) squared: twice the error of exp, and one rounding."""
    half = np.exp(d / 2)
    return half * half


def scalar(d: Array) -> Array:
    """math.exp on each element, in float64 whatever the format, and one rounding."""
    values = [math.exp(v) if v == v else v for v in d.ravel().tolist()]
    return np.array(values, np.float64).astype(d.dtype).reshape(d.shape)


def reduced(d: Array) -> Array:
    """Range reduction by a two-part ln 2, a Taylor polynomial on [-0.35, 0.35], and ldexp.

    The terms up to 13 (float64) and 7 (float32) leave less than a tenth of an ulp; Horner's scheme and the
    reduction cost two.
    """
    narrow = d.dtype == np.float32
    high = d.dtype.type(0.693359375 if narrow else 6.93147180369123816490e-01)
    low = d.dtype.type(-2.12194440054690583e-4 if narrow else 1.90821492927058770002e-10)
    finite = np.maximum(d, d.dtype.type(-110 if narrow else -750))
    k = np.rint(finite * d.dtype.type(_LOG2_E))
    r = (finite - k * high) - k * low
    y = np.ones_like(r)
    for n in range(8 if narrow else 14, 0, -1):
        y = 1 + y * r / d.dtype.type(n)
    whole = np.where(np.isnan(k), 0, k).astype(np.int32)
    return np.where(np.isnan(d), d, np.where(d == -np.inf, 0, np.ldexp(y, whole))).astype(d.dtype)


def tabulated(d: Array) -> Array:
    """2^(k + j/64) from a table of 64 powers, times a polynomial on the rest, which is at most ln 2 / 128.

    In float64 throughout, and rounded once: exact to half an ulp of float32.
    """
    wide = np.maximum(d.astype(np.float64), -120.0)
    steps = np.rint(wide * (64 * _LOG2_E))
    r = wide - steps * (math.log(2) / 64)
    whole = np.where(np.isnan(steps), 0, steps).astype(np.int64)
    table = np.exp2(np.arange(64) / 64)
    y = table[whole % 64] * (1 + r * (1 + r / 2 * (1 + r / 3 * (1 + r / 4))))
    values = np.ldexp(y, (whole // 64).astype(np.int32))
    return np.where(np.isnan(d), d, np.where(d == -np.inf, 0, values)).astype(d.dtype)


def _reciprocal_softmax(x: Array) -> Array:
    """Multiplies by 1 / sum."""
    e = textbook.shifted_exp(textbook.wide(x))
    return (e * (1 / e.sum(-1, keepdims=True))).astype(x.dtype)


def _exp_of_log_softmax(x: Array) -> Array:
    """exp(log_softmax)."""
    w = textbook.wide(x)
    return np.exp(textbook.log_softmax(w)).astype(x.dtype)


def _base_two_throughout(x: Array) -> Array:
    """exp2 and log2, turned to natural logarithms by one factor at the end."""
    w = textbook.wide(x)
    d = w - textbook.row_max(w)
    total = np.exp2(d * d.dtype.type(_LOG2_E)).sum(-1, keepdims=True)
    return (d - np.log2(total) * d.dtype.type(math.log(2))).astype(x.dtype)


CORRECT = (
    Correct(name="exp_base_two", ops=from_sum(_sum, base_two), formats=ALL, note=base_two.__doc__ or ""),
    Correct(
        name="exp_expm1_plus_one", ops=from_sum(_sum, expm1_plus_one), formats=FULL, note=expm1_plus_one.__doc__ or ""
    ),
    Correct(name="exp_power_of_e", ops=from_sum(_sum, power_of_e), formats=FULL, note=power_of_e.__doc__ or ""),
    Correct(
        name="exp_squared",
        ops=from_sum(_sum, squared),
        formats=FULL,
        note=squared.__doc__ or "",
        contract={"exp_ulp": 8.0},
    ),
    Correct(name="exp_scalar", ops=from_sum(_sum, scalar), formats=FULL, note=scalar.__doc__ or ""),
    Correct(name="exp_reduced", ops=from_sum(_sum, reduced), formats=FULL, note=reduced.__doc__ or ""),
    Correct(name="exp_tabulated", ops=from_sum(_sum, tabulated), formats=("float32",), note=tabulated.__doc__ or ""),
    Correct(
        name="divide_by_reciprocal",
        ops=from_functions(_reciprocal_softmax, textbook.log_softmax, textbook.logsumexp),
        formats=ALL,
        note="the sum's reciprocal, multiplied",
    ),
    Correct(
        name="softmax_from_log_softmax",
        ops=from_functions(_exp_of_log_softmax, textbook.log_softmax, textbook.logsumexp),
        formats=ALL,
        note="softmax as exp of the log-softmax",
    ),
    Correct(
        name="log_softmax_base_two",
        ops=from_functions(textbook.softmax, _base_two_throughout),
        formats=ALL,
        note="base two up to the last factor",
    ),
)
