"""Which uniform relative error passes unseen: what the limits themselves say when such an error is made."""

from __future__ import annotations

import numpy as np
import pytest

from softcert_oracle import limits, operations, unseen
from softcert_oracle.decide import decisions
from softcert_oracle.limits import LimitParameters
from softcert_oracle.numbers import formats
from softcert_oracle.reference import truth

SINGLE = LimitParameters(format="float32", reduction="none")


@pytest.mark.parametrize("operation", ["softmax", "log_softmax", "logsumexp", "cross_entropy", "cross_entropy_grad"])
@pytest.mark.parametrize("classes", [10, 1000])
def test_an_error_just_above_leaves_a_limit_and_one_just_below_leaves_none(operation, classes) -> None:
    """The figures agree with a judged result whose probabilities are all multiplied by 1 + r."""
    at = unseen.unseen(operation, "stable", classes, SINGLE)
    x = unseen.typical_rows(classes, SINGLE)
    rows, labels = truth.rows(x), np.argmax(x, axis=1)
    exact = truth.reference(operation, rows, labels, reduction="none")
    bound = limits.limit(operation, "stable", rows, labels, SINGLE).numbers
    share = rows.softmax.to_float() if operation in ("softmax", "cross_entropy_grad") else np.ones(exact.shape)
    for row, r in enumerate((at.dense, at.sparse, at.exact)):
        for factor, seen in ((1.01, True), (0.99, False)):
            got = exact.to_float() + factor * r * share
            ratio = decisions.error(got, exact).ratio(bound)
            kept = np.atleast_1d(ratio[row])[np.atleast_1d(share[row]) > 1e-30]
            assert bool((kept > 1).any()) == seen


def test_a_ten_thousandth_is_seen_at_every_class_count_in_float32() -> None:
    """A uniform relative error of 1e-4 leaves the limits of sparse and exact rows, however many classes there are."""
    for at in unseen.table("softmax", "stable", [2, 100, 1000, 32000, 131072], SINGLE):
        assert min(at.sparse, at.exact) < 1e-5
    assert at.dense > 1e-3  # ordinary rows alone would hide it


def test_one_missing_class_is_seen_at_131072_classes() -> None:
    """Less than half a term of the 65536 in the exact row may be missing."""
    at = unseen.unseen("softmax", "stable", 131072, SINGLE)
    assert at.missing < 0.5
    assert unseen.unseen("softmax", "stable", 131072, LimitParameters(format="float64")).missing < 1e-8


def test_a_narrow_result_hides_its_own_rounding() -> None:
    """In bfloat16 results nothing below half a unit in the last place is seen."""
    at = unseen.unseen("softmax", "stable", 1000, LimitParameters(format="bfloat16"))
    assert 2.0**-9 < min(at.dense, at.sparse, at.exact) < 2.0**-7


def test_rows_without_a_finite_maximum_show_nothing() -> None:
    """A row of infinities has no limit that an error could leave."""
    rows = truth.rows(np.array([[np.inf, 0.0], [0.0, 0.0]]))
    bound = limits.limit("softmax", "stable", rows, None, SINGLE)
    assert np.isinf(unseen.smallest_seen(bound, "softmax", rows)).tolist() == [True, False]


@pytest.mark.parametrize("format", formats.FORMATS)
@pytest.mark.parametrize("working", ["float32", "float64"])
def test_every_format_has_figures_for_every_operation(format, working) -> None:
    """Also float8_e4m3fn, whose smallest number is not small enough for exp in float64 to be 0."""
    if formats.FORMATS[format].bits > formats.FORMATS[working].bits:
        working = format
    p = LimitParameters(format=format, working_precision=working, sum_format=working, saved_format=working)
    for operation in operations.CORE:
        for classes in (1, 2, 9, 1000):
            at = unseen.unseen(operation, "stable", classes, p)
            least = (at.dense, at.sparse, at.exact)
            assert all(0 <= r < np.inf for r in least)
            assert 0 <= at.missing <= classes
