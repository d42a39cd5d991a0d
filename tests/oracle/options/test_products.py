"""Products: values are the exact ones, exact zeros have no limit, and errors follow the upstream gradient."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from tests.oracle.options.calls import LABELS, MASK, UPSTREAM, U, X, call, row_limits

from softcert_oracle import options
from softcert_oracle.limits.running_error import Bounded
from softcert_oracle.options import products
from softcert_oracle.options.canonical_call import canonical_call
from softcert_oracle.options.row_limits import RowLimits

PRODUCTS: dict[str, Callable[[RowLimits], Bounded]] = {
    "softmax_vjp": products.softmax_vjp,
    "log_softmax_vjp": products.log_softmax_vjp,
    "cross_entropy_hvp": products.cross_entropy_hvp,
}


@pytest.mark.parametrize("operation", PRODUCTS)
@pytest.mark.parametrize("level", ["sound", "stable", "accurate"])
def test_values_are_the_exact_products(operation: str, level: str) -> None:
    taken: dict[str, Any] = {} if operation == "cross_entropy_hvp" else {"temperature": 0.7, "mask": MASK}
    v = PRODUCTS[operation](row_limits(call(operation, taken), level))
    reference = options.reference(operation, {"x": X, "labels": LABELS, "upstream": UPSTREAM}, taken)
    assert not isinstance(reference, tuple)
    assert np.allclose(v.value.to_float(), reference.to_float(), rtol=1e-11, atol=1e-13)
    assert np.all(v.error.to_float() < 2000 * U)


@pytest.mark.parametrize("operation", PRODUCTS)
def test_errors_are_in_proportion_to_the_upstream_gradient(operation: str) -> None:
    def error(upstream: np.ndarray) -> np.ndarray:
        given = canonical_call(operation, {"x": X, "labels": LABELS, "upstream": upstream}, {})
        return PRODUCTS[operation](row_limits(given)).error.to_float()

    one, many = error(UPSTREAM), error(1024.0 * UPSTREAM)
    assert np.all(one > 0)
    assert np.allclose(many / one, 1024.0, rtol=1e-6)


def test_two_forms_of_the_same_product_differ_by_a_rounding_apart() -> None:
    limits = row_limits(call("softmax_vjp", {}))
    near = products._centred(limits, products._probabilities(limits), products.Scaled.of(0.0), 1)
    far = products._centred(limits, products._probabilities(limits), products.Scaled.of(0.0), 6)
    p = limits.p.to_float()
    size = p * (np.abs(UPSTREAM) + np.abs(np.sum(p * UPSTREAM, axis=1, keepdims=True)))
    assert np.allclose((far.error - near.error).to_float(), 5 * U * size, rtol=1e-5)


def test_the_label_of_a_hessian_is_subtracted_from_all() -> None:
    large = UPSTREAM.copy()
    large[np.arange(3), LABELS] = 1e4
    given = canonical_call("cross_entropy_hvp", {"x": X, "labels": LABELS, "upstream": large}, {"reduction": "none"})
    own = canonical_call("softmax_vjp", {"x": X, "upstream": large}, {})
    hessian = products.cross_entropy_hvp(row_limits(given)).error.to_float()
    product = products.softmax_vjp(row_limits(own)).error.to_float()
    other = np.arange(5) != LABELS[:, None]
    assert np.all(hessian[other] > 1.5 * product[other])
    assert np.all(hessian[1, [0, 1, 3, 4]] > 1e4 * product[1, [0, 1, 3, 4]])  # there the label is improbable


def test_masked_classes_have_exactly_no_product() -> None:
    v = products.softmax_vjp(row_limits(call("softmax_vjp", {"mask": MASK})))
    assert not np.any(v.value.to_float()[~MASK])
    assert not np.any(v.error.to_float()[~MASK])
    absent = np.array([[0.0, -np.inf, 1.0]])
    given = canonical_call("log_softmax_vjp", {"x": absent, "upstream": np.ones((1, 3))}, {})
    assert products.log_softmax_vjp(row_limits(given)).value.to_float()[0, 1] == 1.0  # w_i - p_i sum w_j, p_i = 0


def test_probabilities_that_are_saved_in_half_precision_are_rounded_there() -> None:
    wide = products.softmax_vjp(row_limits(call("softmax_vjp", {}))).error.to_float()
    narrow = products.softmax_vjp(row_limits(call("softmax_vjp", {}), saved_format="float16")).error.to_float()
    assert np.all(narrow > 30 * wide)


def test_gradients_of_a_linear_layer_are_products_of_that_of_its_logits() -> None:
    rng = np.random.default_rng(5)
    arguments = {"X": rng.normal(size=(3, 4)), "W": rng.normal(size=(5, 4)), "b": rng.normal(size=5), "labels": LABELS}
    given = canonical_call("linear_cross_entropy_grad", arguments, {})
    got = products.linear_gradients(row_limits(given))
    reference = options.reference("linear_cross_entropy_grad", arguments, {})
    assert isinstance(reference, tuple)
    for own, exact in zip(got, reference, strict=True):
        assert own.shape == exact.shape
        assert np.allclose(own.value.to_float(), exact.to_float(), rtol=1e-11, atol=1e-14)
        assert np.all(own.error.to_float() > 0)
        assert np.all(own.error.to_float() < 1000 * U)
