"""A limit of a call with options is vacuous where zeros, the best constant or the input come within two of it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from tests.oracle.options.calls import X, call

from softcert_oracle.limit_parameters import LimitParameters
from softcert_oracle.limits import Limit
from softcert_oracle.numbers.enclosure import Enclosure
from softcert_oracle.numbers.scaled import Scaled
from softcert_oracle.options.limits import option_limit
from softcert_oracle.options.reference import option_reference
from softcert_oracle.options.vacuity import vacuous


def judged(operation: str, options: dict[str, Any], width: float | np.ndarray, x: np.ndarray = X) -> np.ndarray:
    given = call(operation, options, x)
    exact = option_reference(given)
    assert isinstance(exact, Enclosure)
    numbers = Scaled.of(np.broadcast_to(np.asarray(width, float), exact.shape))
    limit = Limit(name="", formula="", parameters={"result_format": "float32"}, numbers=numbers)
    return vacuous(given, limit, exact)


def test_ordinary_limits_are_worth_judging_and_wide_ones_are_not() -> None:
    given = call("softmax", {"temperature": 0.7})
    limit = option_limit(given, "stable", LimitParameters(format="float32"))
    exact = option_reference(given)
    assert isinstance(limit, Limit)
    assert isinstance(exact, Enclosure)
    assert not vacuous(given, limit, exact).any()
    assert judged("softmax", {}, 1.0).all()


def test_two_limits_from_the_truth_is_the_border() -> None:
    loss = float(option_reference(call("cross_entropy", {})).to_float())  # type: ignore[union-attr]
    assert judged("cross_entropy", {}, 0.51 * loss)
    assert not judged("cross_entropy", {}, 0.49 * loss)


def test_a_row_is_vacuous_as_a_whole_and_its_neighbours_are_not() -> None:
    width = np.array([[1.0], [1e-6], [1e-6]])
    assert judged("softmax", {}, width).tolist() == [[True] * 5, [False] * 5, [False] * 5]
    one_out_of_reach = np.ones((3, 5))
    one_out_of_reach[:, X.argmax(1)] = 1e-9
    assert not judged("softmax", {}, one_out_of_reach)[0].any()


def test_the_best_constant_and_the_input_are_degenerate() -> None:
    flat = np.array([[1.0, 1.001, 1.002]])
    assert judged("softmax", {}, 4e-4, flat).all()  # zeros are far away, 1/3 is not
    assert not judged("softmax", {}, 1e-5, flat).any()
    dominant = np.array([[0.0, -40.0, -50.0]])
    assert not judged("log_softmax", {}, 1e-3, dominant).any()  # the input itself is right to an ulp
    near = np.array([[0.0, -5.0, -6.0]])
    assert judged("log_softmax", {}, 0.02, near).all()  # the input is off by 0.009


@pytest.mark.parametrize("axis", [0, 1])
def test_rows_lie_along_the_axis_of_the_classes(axis: int) -> None:
    x = X if axis else X.T
    width = np.full(x.shape, 1e-6)
    width[(0,) if axis else (slice(None), 0)] = 1.0
    got = judged("softmax", {"axis": axis}, width, x)
    assert np.array_equal(got, width == 1.0)


def test_nothing_to_judge_is_not_vacuous() -> None:
    assert judged("softmax", {}, 1.0, np.zeros((0, 4))).shape == (0, 4)
