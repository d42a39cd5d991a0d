"""Exact results by canonical place: what is exactly 0 is a float, what is special follows its limits."""

from __future__ import annotations

import numpy as np
import pytest
from tests.oracle.options.calls import LABELS, MASK, TARGETS, WEIGHT, X, call

from softcert_oracle.options.arb_values import Exact

INF = float("inf")


def test_coefficients_are_fractions_of_weight_smoothing_and_target() -> None:
    exact = Exact(call("cross_entropy", {"weight": WEIGHT, "label_smoothing": 0.25}))
    coefficients, total = exact.coefficients(0)
    expected = WEIGHT * (0.75 * np.eye(5)[1] + 0.25 / 5)
    assert set(coefficients) == {0, 1, 3, 4}  # the weight of class 2 is 0
    got = [float(c.p) / float(c.q) for c in coefficients.values()]
    assert got == pytest.approx([expected[j] for j in coefficients])
    assert total == sum(coefficients.values())


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, 3),
        ({"reduction": "sum"}, 1),
        ({"ignore_index": 1}, 2),
        ({"weight": WEIGHT}, 3),
        ({"weight": WEIGHT, "ignore_index": 4}, 2),
        ({"weight": WEIGHT, "targets": TARGETS}, 3),
    ],
)
def test_the_divisor_of_a_mean(options: dict, expected: int) -> None:
    assert Exact(call("cross_entropy", options)).divisor == expected


def test_ignored_rows_and_masked_logits_are_exact_zeros() -> None:
    ignored = Exact(call("cross_entropy_grad", {"ignore_index": 1}))
    assert [ignored.at(k, 200) for k in range(5)] == [0.0] * 5
    masked = Exact(call("softmax", {"mask": MASK}))
    assert masked.at(2, 200) == 0.0
    assert isinstance(masked.at(2, 200), float)
    assert Exact(call("log_softmax", {"mask": MASK})).at(2, 200) == -INF


def test_a_gradient_that_vanishes_is_zero_and_not_a_narrow_ball() -> None:
    flat = Exact(call("cross_entropy_grad", {"targets": np.full((3, 5), 0.25)}, np.ones((3, 5))))
    assert [flat.at(k, 200) for k in range(15)] == [0.0] * 15
    even = Exact(call("softmax_vjp", {}, np.ones((3, 5))))
    even.call.upstream[:] = 7.0  # type: ignore[index]
    assert even.at(3, 200) == 0.0


def test_the_largest_logits_gradient_comes_from_the_others() -> None:
    x = np.array([[300.0, 0.0], [0.0, 0.0], [0.0, 0.0]])
    exact = Exact(call("cross_entropy_grad", {"reduction": "none"}, x, np.zeros(3, int)))
    value = exact.at(0, 64)  # with 64 bits p - 1 would be 0 +- 2^-64
    assert value.rel_accuracy_bits() > 50
    assert float(value) == pytest.approx(-np.exp(-300.0))


def test_special_rows_have_their_limits_and_their_losses_join() -> None:
    x = np.array([[INF, 0.0], [0.0, -INF], [0.0, 0.0]])
    rows = Exact(call("softmax", {}, x))
    assert [rows.at(k, 100) for k in range(3)] == [1.0, 0.0, 1.0]
    losses = Exact(call("cross_entropy", {"reduction": "none"}, x, np.array([1, 1, 0])))
    assert [losses.at(k, 100) for k in range(2)] == [INF, INF]
    assert Exact(call("cross_entropy", {}, x, np.array([0, 1, 0]))).at(0, 100) == INF
    assert np.isnan(Exact(call("cross_entropy_grad", {}, x, np.array([0, 0, 0]))).at(0, 100))


def test_a_mean_over_nothing_does_not_exist_and_over_no_weight_is_infinite() -> None:
    assert np.isnan(Exact(call("cross_entropy", {"ignore_index": 0}, labels=np.zeros(3, int))).at(0, 100))
    weight = Exact(call("cross_entropy", {"weight": np.zeros(5)}))
    assert np.isnan(weight.at(0, 100))
    smoothed = Exact(call("cross_entropy", {"weight": np.eye(5)[0], "label_smoothing": 0.5}, X, LABELS))
    assert smoothed.at(0, 100) == INF  # the weights of the labels are 0, the losses are not
