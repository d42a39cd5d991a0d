"""Errors of shaped logits: no computation in float32 exceeds them, and they are not much larger than needed."""

from __future__ import annotations

from typing import Any

import mpmath
import numpy as np
import pytest
from tests.oracle.options.calls import U, call

from softcert_oracle.limit_parameters import LimitParameters
from softcert_oracle.limits.running_error import Bounded
from softcert_oracle.options import shaping
from softcert_oracle.options.canonical_call import canonical_call

P = LimitParameters(format="float32")
LOGITS = (np.random.default_rng(0).standard_normal((40, 8)) * np.logspace(-2, 2, 8)).astype(np.float32)


def exact(options: dict[str, Any], v: float) -> Any:
    cap, t = options.get("softcap"), mpmath.mpf(options.get("temperature", 1.0))
    with mpmath.workdps(60):
        x = mpmath.mpf(v)
        return (mpmath.mpf(cap) * mpmath.tanh(x / cap) if cap else x) / t


def computed(options: dict[str, Any], form: int) -> np.ndarray:
    """Soft cap and temperature in float32: by division or reciprocal, by tanh or its exponential form."""
    f, x = np.float32, LOGITS
    if cap := options.get("softcap"):
        a = x / f(cap) if form % 2 else x * (f(1) / f(cap))
        with np.errstate(over="ignore"):
            th = np.tanh(a) if form < 2 else f(2) / (f(1) + np.exp(f(-2) * a)) - f(1)
        x = f(cap) * th
    if t := options.get("temperature"):
        x = x / f(t) if form % 2 else x * (f(1) / f(t))
    return np.asarray(x)


@pytest.mark.parametrize(
    "options", [{"temperature": 0.7}, {"softcap": 5.0}, {"softcap": 30.0, "temperature": 1.3}], ids=str
)
def test_no_form_of_shaping_exceeds_the_error_and_one_comes_near(options: dict[str, Any]) -> None:
    errors = shaping.errors(call("cross_entropy", options, LOGITS, np.zeros(40, int)), P)
    truth = np.array([[exact(options, v) for v in row] for row in LOGITS.tolist()])
    ratios = [np.abs((computed(options, form).astype(float) - truth).astype(float)) / errors for form in range(4)]
    assert max(float(r.max()) for r in ratios) <= 1.0
    assert max(float(r.max()) for r in ratios) > 0.05


def test_linear_layers_keep_the_error_of_their_depth() -> None:
    rng = np.random.default_rng(2)
    features, weights, bias = (rng.standard_normal(s).astype(np.float32) for s in ((6, 30), (5, 30), (5,)))
    arguments = {"X": features, "W": weights, "b": bias, "labels": np.zeros(6, int)}
    given = canonical_call("linear_cross_entropy", arguments, {})
    size = np.abs(features).astype(float) @ np.abs(weights).T.astype(float) + np.abs(bias)
    errors = shaping.errors(given, P)
    assert np.allclose(errors, 31 * U * size, rtol=1e-4)
    loop = bias[None] + np.zeros((6, 5), np.float32)
    for k in range(30):
        loop = loop + features[:, k, None] * weights[None, :, k]
    assert np.all(np.abs(loop - given.logits()) <= errors)
    saved = shaping.errors(given, LimitParameters(format="float32", saved_format="float16"))
    assert np.allclose(saved - errors, 2.0**-11 * size, rtol=1e-3)


def test_unshaped_logits_and_powers_of_two_have_no_error() -> None:
    assert not np.any(shaping.errors(call("softmax", {}, LOGITS), P))
    assert not np.any(shaping.errors(call("softmax", {"temperature": 0.25}, LOGITS), P))
    tiny = np.array([[2.0**-126, 0.0, 1.0]])
    halved = shaping.errors(call("softmax", {"temperature": 2.0}, tiny), P)
    assert halved.tolist() == [[2.0**-150, 0.0, 0.0]]  # only there a bit can be lost


def test_a_logit_that_overflows_on_the_way_has_an_infinite_error() -> None:
    x = np.array([[3e38, 1.0, -np.inf]])
    assert shaping.errors(call("softmax", {"temperature": 0.1}, x), P).tolist()[0][::2] == [np.inf, 0.0]


@pytest.mark.parametrize(
    ("value", "exact_"), [(0.5, True), (3.0, True), (0.1, False), (float(np.float32(0.1)), True), (1e300, False)]
)
def test_a_scalar_option_is_exact_where_the_format_holds_it(value: float, exact_: bool) -> None:
    s = shaping.scalar(value, P)
    assert s.value.to_float() == value
    assert s.error.to_float() == (0.0 if exact_ else U * value)


def test_powers_of_two_are_seen() -> None:
    assert [shaping.power_of_two(v) for v in (1.0, 2.0**-30, -4.0, 3.0, 0.75)] == [True, True, True, False, False]


def test_dividing_by_a_power_of_two_is_exact_and_by_another_number_rounds_twice() -> None:
    a = Bounded.exact([3.0])
    assert shaping.over(a, 4.0, P).value.to_float() == [0.75]
    assert shaping.over(a, 4.0, P).error.to_float() == [2.0**-150]
    third = shaping.over(a, 0.7, P)  # the divisor is rounded, its reciprocal and the product may be
    assert 2.9 * U < third.error.to_float()[0] / third.value.to_float()[0] < 3.1 * U


def test_the_slope_of_a_soft_cap_is_known_absolutely_or_relatively() -> None:
    given = call("cross_entropy_grad", {"softcap": 5.0})
    x = np.array([0.5, -2.0, 3.25, 1.0, 0.0])
    absolute, relative = (shaping.slope(given, P, relative=r) for r in (False, True))
    assert absolute is not None
    assert relative is not None
    assert np.allclose(absolute.value.to_float()[0], 1 / np.cosh(x / 5) ** 2, rtol=1e-14)
    assert np.all(relative.error.to_float() <= absolute.error.to_float())
    saturated = call("cross_entropy_grad", {"softcap": 1.0})
    close = shaping.slope(saturated, P, relative=True)
    wide = shaping.slope(saturated, P, relative=False)
    assert close is not None
    assert wide is not None
    assert close.error.to_float()[1, 0] < 1e-3 * close.value.to_float()[1, 0] < U < 10 * wide.error.to_float()[1, 0]
    assert shaping.slope(call("cross_entropy_grad", {}), P, relative=True) is None
