"""Losses with options: values are the exact ones, and special losses count as nothing."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from tests.oracle.options.calls import LABELS, OPTIONS, WEIGHT, U, X, call, row_limits

from softcert_oracle import options
from softcert_oracle.limits import stable
from softcert_oracle.options import losses


def exact(given: dict[str, Any], labels: np.ndarray = LABELS, x: np.ndarray = X) -> np.ndarray:
    reference = options.reference("cross_entropy", {"x": x, "labels": labels}, given)
    assert not isinstance(reference, tuple)
    return reference.to_float()


@pytest.mark.parametrize("given", OPTIONS.values(), ids=OPTIONS)
@pytest.mark.parametrize("level", ["sound", "stable", "accurate"])
def test_values_are_the_exact_losses_and_errors_a_small_multiple_of_a_rounding(
    given: dict[str, Any], level: str
) -> None:
    loss = losses.reduced_loss(row_limits(call("cross_entropy", given), level))
    value, error = loss.value.to_float(), loss.error.to_float()
    truth = exact(given)
    finite = np.isfinite(truth)
    assert np.allclose(value[finite] if value.ndim else value, truth[finite] if truth.ndim else truth, rtol=1e-13)
    assert np.all((error > 0) == finite)
    assert np.all(error < 1000 * U * (np.abs(value) + 40))


def test_the_loss_of_a_label_has_the_plain_limit() -> None:
    limits = row_limits(call("cross_entropy", {"reduction": "none"}))
    plain = stable.loss(limits.t, LABELS).to_float()
    own = losses.row_losses(limits).error.to_float()
    assert np.all(own >= plain * (1 - 1e-12))
    assert np.all(own <= plain * 1.5)


def test_losses_that_are_infinite_or_ignored_count_as_zero() -> None:
    x = np.array([[0.0, -np.inf, 1.0], [1.0, 2.0, 3.0], [np.nan, 0.0, 0.0]])
    limits = row_limits(call("cross_entropy", {"ignore_index": 7, "reduction": "none"}, x, np.array([1, 7, 0])))
    assert losses.finite_losses(limits).tolist() == [False, True, False]
    rows = losses.row_losses(limits)
    assert rows.value.to_float().tolist() == [0.0] * 3
    assert rows.error.to_float().tolist() == [0.0] * 3
    joined = losses.reduced_loss(row_limits(call("cross_entropy", {}, x, np.array([1, 0, 0]))))
    assert (joined.value.to_float(), joined.error.to_float()) == (0.0, 0.0)


def test_a_target_of_zero_on_an_absent_class_leaves_the_loss_finite() -> None:
    x = np.array([[0.0, -np.inf, 1.0]])
    limits = row_limits(call("cross_entropy", {"targets": np.array([[0.5, 0.0, 0.5]])}, x))
    assert losses.finite_losses(limits).tolist() == [True]


def test_a_mean_over_no_weight_has_no_limit() -> None:
    given = call("cross_entropy", {"weight": np.zeros(5)})
    loss = losses.reduced_loss(row_limits(given))
    assert (loss.value.to_float(), loss.error.to_float()) == (0.0, 0.0)


def test_sums_are_means_times_their_divisor() -> None:
    total = losses.reduced_loss(row_limits(call("cross_entropy", {"weight": WEIGHT, "reduction": "sum"})))
    mean = losses.reduced_loss(row_limits(call("cross_entropy", {"weight": WEIGHT})))
    assert np.isclose(total.value.to_float(), 3.0 * mean.value.to_float(), rtol=1e-14)
    assert total.error.to_float() < 3.0 * mean.error.to_float()


def test_a_mean_rounds_its_factor_and_the_division_beside_the_sum() -> None:
    total = losses.reduced_loss(row_limits(call("cross_entropy", {"reduction": "sum"})))
    mean = losses.reduced_loss(row_limits(call("cross_entropy", {})))
    more = 3.0 * mean.error.to_float() - total.error.to_float()
    assert np.isclose(more, 3 * U * total.value.to_float(), rtol=1e-3)


def test_a_z_loss_adds_the_square_of_the_log_sum_exp() -> None:
    plain = losses.row_losses(row_limits(call("cross_entropy", {"reduction": "none"})))
    with_z = losses.row_losses(row_limits(call("cross_entropy", {"reduction": "none", "z_loss": 0.25})))
    lse = np.log(np.exp(X).sum(1))
    assert np.allclose((with_z.value - plain.value).to_float(), 0.25 * lse**2, rtol=1e-12)
    assert np.all((with_z.error - plain.error).to_float() >= 3 * U * 0.25 * lse**2)


def test_flushing_adds_a_smallest_normal_number_for_each_row_of_a_sum() -> None:
    given = call("cross_entropy", {"reduction": "sum"})
    plain = losses.reduced_loss(row_limits(given)).error.to_float()
    flushed = losses.reduced_loss(row_limits(given, flush_subnormals=True)).error.to_float()
    assert flushed >= plain


def test_a_surprisal_that_is_saved_in_half_precision_is_rounded_there() -> None:
    given = call("cross_entropy", {"reduction": "none"})
    for level in ("stable", "accurate"):
        wide = losses.surprisal(row_limits(given, level))
        narrow = losses.surprisal(row_limits(given, level, saved_format="float16"))
        added = (narrow.error - wide.error).to_float()
        assert np.allclose(added, 2.0**-11 * wide.value.to_float(), rtol=0.02, atol=2.0**-24)
