"""The running-error algebra holds for computations in every working precision, and is not wildly pessimistic."""

from __future__ import annotations

import math
from fractions import Fraction

import gmpy2
import ml_dtypes
import numpy as np
import pytest

from softcert_oracle.errors import UsageError
from softcert_oracle.limits import running_error
from softcert_oracle.limits.running_error import Arithmetic, Bounded
from softcert_oracle.numbers.scaled import Scaled

DTYPES = {
    "float64": np.dtype(np.float64),
    "float32": np.dtype(np.float32),
    "float16": np.dtype(np.float16),
    "bfloat16": np.dtype(ml_dtypes.bfloat16),
}


def inputs(name, shape, seed=0, scale=1.0):
    return (np.random.default_rng(seed).normal(size=shape) * scale).astype(DTYPES[name])


def fractions(a):
    return np.vectorize(Fraction, otypes=[object])(a.astype(np.float64))


def ratio(computed, exact, bounded):
    """Largest error over the bound, both exact (0 / 0 = 0)."""
    worst = Fraction(0)
    e = bounded.error
    for c, v, s, k in zip(
        computed.ravel().astype(np.float64), np.ravel(exact), e.significand.ravel(), e.exponent.ravel(), strict=True
    ):
        error = abs(Fraction(float(c)) - v)
        if error:
            assert s > 0
            worst = max(worst, error / (Fraction(float(s)) * Fraction(2) ** int(k)))
    return float(worst)


@pytest.mark.parametrize("name", DTYPES)
def test_sums_products_and_quotients_stay_within_their_bounds(name):
    by = Arithmetic.of(name, div_ulp=0.5)
    a, b, c = (inputs(name, 300, seed) for seed in (1, 2, 3))
    A, B, C = (Bounded.exact(v.astype(np.float64)) for v in (a, b, c))
    computed = ((a * b + c) / b - a).astype(DTYPES[name])
    fa, fb, fc = fractions(a), fractions(b), fractions(c)
    bound = running_error.sub(running_error.div(running_error.add(running_error.mul(A, B, by), C, by), B, by), A, by)
    worst = ratio(computed, (fa * fb + fc) / fb - fa, bound)
    assert 0.2 < worst <= 1


@pytest.mark.parametrize("name", DTYPES)
@pytest.mark.parametrize("order", ["loop", "tree"])
def test_a_dot_product_stays_within_the_bound_of_its_depth(name, order):
    by = Arithmetic.of(name)
    a, b = np.abs(inputs(name, (6, 64), 4)), inputs(name, (6, 64), 5)
    terms = (a * b).astype(DTYPES[name])
    if order == "loop":
        computed, depth = terms[:, 0], 63
        for j in range(1, 64):
            computed = (computed + terms[:, j]).astype(DTYPES[name])
    else:
        depth = 6
        while terms.shape[1] > 1:
            terms = (terms[:, ::2] + terms[:, 1::2]).astype(DTYPES[name])
        computed = terms[:, 0]
    bound = running_error.dot(Bounded.exact(a.astype(np.float64)), Bounded.exact(b.astype(np.float64)), by, depth=depth)
    exact = (fractions(a) * fractions(b)).sum(axis=1)
    assert 0 < ratio(computed, exact, bound) <= 1


def test_the_bound_of_a_single_rounding_is_attained_to_a_few_percent():
    by = Arithmetic.of("float32")
    a, b = inputs("float32", 4000, 6), inputs("float32", 4000, 7)
    bound = running_error.mul(Bounded.exact(a.astype(np.float64)), Bounded.exact(b.astype(np.float64)), by)
    assert 0.95 < ratio(a * b, fractions(a) * fractions(b), bound) <= 1


def gmpy_fraction(function, values):
    with gmpy2.context(gmpy2.get_context(), precision=200):
        out = [Fraction(*map(int, function(gmpy2.mpfr(float(v))).as_integer_ratio())) for v in values]
    return np.array(out, dtype=object)


@pytest.mark.parametrize("name", ["float32", "float64"])
@pytest.mark.parametrize(
    ("operation", "numpy", "exact"),
    [
        (running_error.exp, np.exp, gmpy2.exp),
        (running_error.log, lambda v: np.log(np.abs(v)), lambda v: gmpy2.log(abs(v))),
        (lambda a, by: running_error.apply(np.tanh, 1.0, a, by, ulp=4.0), np.tanh, gmpy2.tanh),
    ],
    ids=["exp", "log", "tanh"],
)
def test_elementary_functions_of_inexact_arguments_stay_within_their_bounds(name, operation, numpy, exact):
    by = Arithmetic.of(name)
    x = inputs(name, 400, 8, scale=3.0)
    three = DTYPES[name].type(3)
    argument = x / three
    given = running_error.div(Bounded.exact(x.astype(np.float64)), Bounded.exact(3.0), by)
    if operation is running_error.log:
        given = Bounded(abs(given.value), given.error)
    with gmpy2.context(gmpy2.get_context(), precision=200):
        true = [exact(gmpy2.mpfr(float(v)) / 3) for v in x]
    true = np.array([Fraction(*map(int, v.as_integer_ratio())) for v in true], dtype=object)
    assert 0 < ratio(numpy(argument), true, operation(given, by)) <= 1


def test_log_keeps_relative_accuracy_next_to_one():
    by = Arithmetic.of("float64")
    x = 1.0 + np.arange(-40, 41) * 2.0**-50
    x = x[x != 1.0]
    bound = running_error.log(Bounded.exact(x), by)
    assert ratio(np.log(x), gmpy_fraction(gmpy2.log, x), bound) <= 1
    assert np.all(bound.error.ratio(abs(bound.value)) < 10 * by.u)


def test_limits_below_the_range_of_float64_survive():
    by = Arithmetic.of("float64")
    product = running_error.mul(Bounded.exact(2.0**-1000), Bounded.exact(2.0**-1000), by)
    assert product.error.exponent == -1074 or product.error.exponent == -1075
    assert product.error.significand > 0
    assert product.value.exponent == -1999


def test_flushing_adds_the_smallest_normal_number_even_to_a_sum():
    by = Arithmetic.of("float32", flush=True)
    tiny = 2.0**-126
    bound = running_error.sub(Bounded.exact(1.5 * tiny), Bounded.exact(tiny), by)
    assert bound.error.to_float() >= 0.5 * tiny
    gradual = running_error.sub(Bounded.exact(1.5 * tiny), Bounded.exact(tiny), Arithmetic.of("float32"))
    assert gradual.error.to_float() < 2.0**-149


def test_a_divisor_that_may_be_zero_has_no_limit():
    by = Arithmetic.of("float32")
    divisor = Bounded(Scaled.of(1e-9), Scaled.of(1e-8))
    assert np.isinf(running_error.div(Bounded.exact(1.0), divisor, by).error.to_float())
    assert np.isinf(running_error.log(divisor, by).error.to_float())


def test_an_infinite_value_is_exact_and_nan_has_no_limit():
    by = Arithmetic.of("float32")
    infinite = running_error.add(Bounded.exact(-np.inf), Bounded.exact(1.0), by)
    assert infinite.error.to_float() == 0
    undefined = running_error.mul(Bounded.exact(-np.inf), Bounded.exact(0.0), by)
    assert np.isinf(undefined.error.to_float())


def test_exp_scaled_reaches_beyond_the_range_of_float64():
    x = np.array([0.0, 1.0, -745.5, -1e4, 2e4, -np.inf, np.inf])
    got = running_error.exp_scaled(x)
    assert got[5].to_float() == 0
    assert np.isinf(got[6].to_float())
    for v, s, k in zip(x[:5], got.significand[:5], got.exponent[:5], strict=True):
        with gmpy2.context(gmpy2.get_context(), precision=100):
            relative = gmpy2.mpfr(float(s)) * gmpy2.exp2(int(k)) / gmpy2.exp(gmpy2.mpfr(float(v))) - 1
        assert abs(float(relative)) < 2.0**-51


def test_rounding_to_a_narrow_format_has_the_limit_of_results():
    limit = Scaled.of(1e-6)
    bounded = running_error.to_format(Bounded(Scaled.of(0.3), limit), Arithmetic.of("float16"))
    u, eta = 2.0**-11, 2.0**-24
    stated = 1e-6 * (1 + u) + u * 0.3 + eta / 2
    assert math.isclose(bounded.error.to_float(), stated, rel_tol=2 * u)


def test_an_unknown_precision_is_a_usage_error():
    with pytest.raises(UsageError, match="float32"):
        Arithmetic.of("flaot32")
