"""The steps of composed limits: values are exact to float64, and errors cover what rounding may do."""

from __future__ import annotations

import numpy as np
import pytest
from tests.oracle.options.calls import LABELS, TARGETS, WEIGHT, U, call

from softcert_oracle.limit_parameters import LimitParameters
from softcert_oracle.limits.running_error import Bounded
from softcert_oracle.numbers.scaled import Scaled
from softcert_oracle.options import composing, shaping

P = LimitParameters(format="float32")
BY = shaping.arithmetic(P)


def test_coefficients_smooth_and_weigh_the_targets() -> None:
    given = call("cross_entropy", {"weight": WEIGHT, "label_smoothing": 0.1, "ignore_index": 2})
    c = composing.coefficients(given, P, BY)
    expected = WEIGHT * (0.9 * np.eye(5)[LABELS] + 0.1 / 5)
    expected[1] = 0.0  # its label is ignored
    assert np.allclose(c.value.to_float(), expected, rtol=1e-15)
    error = c.error.to_float()
    assert error[1].tolist() == [0.0] * 5
    assert np.all(error[[0, 2]][:, WEIGHT > 0] > U * expected[[0, 2]][:, WEIGHT > 0])
    assert np.all(error <= 6 * U * np.abs(expected) + 6 * U * WEIGHT * np.eye(5)[LABELS] + 1e-40)


def test_coefficients_of_labels_and_targets_alone_are_exact() -> None:
    for options, expected in (({}, np.eye(5)[LABELS]), ({"targets": TARGETS}, TARGETS)):
        c = composing.coefficients(call("cross_entropy", options), P, BY)
        assert np.array_equal(c.value.to_float(), expected)
        assert not np.any(c.error.significand)


@pytest.mark.parametrize(
    ("options", "expected", "exact"),
    [
        ({}, 3.0, True),
        ({"ignore_index": 2}, 2.0, True),
        ({"weight": WEIGHT}, 2.0 + 0.0 + 1.0, False),
        ({"weight": WEIGHT, "ignore_index": 4}, 2.0, False),
        ({"weight": WEIGHT, "targets": TARGETS}, 3.0, True),  # torch divides by the number of rows here
    ],
)
def test_a_mean_divides_by_the_weights_of_the_labels_that_count(options: dict, expected: float, exact: bool) -> None:
    divisor = composing.divisor(call("cross_entropy", options), P, P.arithmetic)
    assert divisor.value.to_float() == expected
    assert (divisor.error.to_float() == 0) == exact
    assert divisor.error.to_float() <= 4 * U * expected


def test_a_sum_grows_by_what_it_is_told_and_by_the_errors_of_its_terms() -> None:
    terms = Bounded(Scaled.of([[1.0, -2.0, 3.0]]), Scaled.of([[0.5, 0.0, 0.25]]))
    total = composing.total(terms, np.log1p(0.5), axis=1)
    assert total.value.to_float().tolist() == [2.0]
    assert total.error.to_float() == pytest.approx([0.75 * 1.5 + 6.75 * 0.5], rel=1e-12)
    alone = composing.total(terms[:, :1], 0.0, axis=1)
    assert alone.error.to_float().tolist() == [0.5]
    assert composing.total(terms, 0.0, axis=1).error.to_float()[0] > 0.75  # float64 sums of the value round too


def test_limits_at_moved_logits_are_wider_by_four_moves() -> None:
    limit = Scaled.of([1.0, 1.0, 1.0])
    wide = composing.widened(limit, np.array([0.0, 0.25, np.inf])).to_float()
    assert wide[:2].tolist() == pytest.approx([1.0, np.e], rel=1e-14)
    assert np.isfinite(wide[2])
    assert wide[2] > 1e300


def test_zeros_are_exact_and_elements_are_replaced_in_a_copy() -> None:
    b = Bounded(Scaled.of(np.ones((2, 2))), Scaled.of(np.full((2, 2), 0.5)))
    gone = composing.zeroed(b, np.array([True, False]))
    assert gone.value.to_float().tolist() == [[0.0, 0.0], [1.0, 1.0]]
    assert gone.error.to_float().tolist() == [[0.0, 0.0], [0.5, 0.5]]
    assert composing.zeroed(b, np.array([[True, False], [False, False]])).error.to_float()[0].tolist() == [0.0, 0.5]
    changed = composing.assigned(b.error, (np.array([0]), np.array([1])), Scaled.of([8.0]))
    assert changed.to_float().tolist() == [[0.5, 8.0], [0.5, 0.5]]
    assert b.error.to_float().tolist() == [[0.5, 0.5], [0.5, 0.5]]
    assert composing.column(b[0]).shape == (2, 1)


def test_the_smaller_of_two_limits_is_taken_element_by_element() -> None:
    a, b = Scaled.of([1.0, 5.0, np.inf]), Scaled.of([2.0, 3.0, 4.0])
    assert composing.smaller(a, b).to_float().tolist() == [1.0, 3.0, 4.0]
