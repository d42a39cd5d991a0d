"""Gradients with options: values are the exact ones, what does not count is exactly 0, and "accurate" is relative."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from tests.oracle.options.calls import LABELS, MASK, OPTIONS, U, X, call, row_limits

from softcert_oracle import options
from softcert_oracle.options import gradients


@pytest.mark.parametrize("given", OPTIONS.values(), ids=OPTIONS)
@pytest.mark.parametrize("level", ["sound", "stable", "accurate"])
def test_values_are_the_exact_gradients_and_errors_a_small_multiple_of_a_rounding(
    given: dict[str, Any], level: str
) -> None:
    g = gradients.gradient(row_limits(call("cross_entropy_grad", given), level))
    reference = options.reference("cross_entropy_grad", {"x": X, "labels": LABELS}, given)
    assert not isinstance(reference, tuple)
    truth = np.nan_to_num(reference.to_float())
    assert np.allclose(g.value.to_float(), truth, rtol=1e-12, atol=1e-15)
    assert np.all(g.error.to_float() < 3000 * U)
    assert np.all((g.error.to_float() > 0) | (truth == 0))


def test_an_upstream_gradient_multiplies_each_row() -> None:
    upstream = np.array([2.0, -0.5, 0.0])
    plain = gradients.gradient(row_limits(call("cross_entropy_grad", {"reduction": "none"})))
    arguments = {"x": X, "labels": LABELS}
    given = options.canonical_call("cross_entropy_grad", arguments, {"reduction": "none", "upstream": upstream})
    g = gradients.gradient(row_limits(given))
    assert np.allclose(g.value.to_float(), upstream[:, None] * plain.value.to_float(), rtol=1e-14)
    assert np.all(g.error.to_float()[0] > 2 * plain.error.to_float()[0])


def test_ignored_rows_masked_classes_and_special_rows_are_exactly_zero() -> None:
    ignored = gradients.gradient(row_limits(call("cross_entropy_grad", {"ignore_index": 2})))
    assert ignored.value.to_float()[1].tolist() == ignored.error.to_float()[1].tolist() == [0.0] * 5
    masked = row_limits(call("cross_entropy_grad", {"mask": MASK}, labels=np.array([1, 1, 4])))
    assert np.array_equal(gradients.without_gradient(masked), ~MASK)
    assert not np.any(gradients.gradient(masked).error.to_float()[~MASK])
    x = np.array([[np.inf, 0.0], [0.0, 1.0]])
    special = gradients.gradient(row_limits(call("cross_entropy_grad", {}, x, np.array([0, 1]))))
    assert special.error.to_float()[0].tolist() == [0.0, 0.0]
    assert np.all(special.error.to_float()[1] > 0)


def test_accurate_is_relative_where_stable_has_a_floor() -> None:
    given = call("cross_entropy_grad", {"reduction": "none"}, np.array([[40.0, 0.0, 0.0]]), np.array([0]))
    g = gradients.gradient(row_limits(given, "accurate"))
    value, error = abs(g.value.to_float())[0], g.error.to_float()[0]
    assert np.all(error[1:] < 1e-4 * np.exp(-40.0))
    assert error[0] < 1e-4 * np.exp(-40.0)  # at the label, too: p - 1 is -2 e^-40
    assert value.tolist() == pytest.approx([2 * np.exp(-40.0), np.exp(-40.0), np.exp(-40.0)])
    weighted = call("cross_entropy_grad", {"weight": np.full(3, 0.5)}, np.array([[40.0, 0.0, 0.0]]), np.array([0]))
    assert gradients.gradient(row_limits(weighted, "accurate")).error.to_float()[0, 0] < 1e-4 * np.exp(-40.0)
    assert gradients.gradient(row_limits(given)).error.to_float()[0, 0] > U


def test_the_label_may_be_formed_from_the_others() -> None:
    # p_y is tiny, so the difference p_y - 1 is exact to u; minus the sum of the others errs by their sum's depth.
    x = np.full((1, 64), 3.0)
    x[0, 0] = -20.0
    g = gradients.gradient(row_limits(call("cross_entropy_grad", {"reduction": "none"}, x, np.array([0]))))
    assert g.error.to_float()[0, 0] > 60 * U


def test_the_chain_rule_divides_by_the_temperature_and_multiplies_by_the_slope_of_the_cap() -> None:
    g = gradients.by_shaped(row_limits(call("cross_entropy_grad", {"softcap": 5.0, "temperature": 2.0})))
    limits = row_limits(call("cross_entropy_grad", {"softcap": 5.0, "temperature": 2.0}))
    chained = gradients.chained(limits, g).value.to_float()
    assert np.allclose(chained, g.value.to_float() / np.cosh(X / 5) ** 2 / 2, rtol=1e-13)
    assert gradients.chained(row_limits(call("cross_entropy_grad", {})), g) is g


def test_a_mean_over_a_saved_format_rounds_the_number_of_rows_there() -> None:
    given = call("cross_entropy_grad", {})
    wide = gradients.gradient(row_limits(given)).error.to_float()
    narrow = gradients.gradient(row_limits(given, saved_format="bfloat16")).error.to_float()
    size = np.abs(gradients.gradient(row_limits(given)).value.to_float())
    assert np.all(narrow - wide >= 2 * 2.0**-8 * size * (1 - 1e-3))
