"""Level "accurate": K u relative to the exact value, next to zero too, and only underflow is absolute."""

from __future__ import annotations

import numpy as np
from tests.oracle.limits.by_hand import EXP, HALF, LABELS, LOG, ROUNDING, U, X, quantities, row

from softcert_oracle.limits import accurate, complement

CONSTANT = 4 * ROUNDING + EXP + LOG  # 4u, 2 (k_e + k_l) u
TOP = X.argmax(axis=1)


def test_the_relative_limit_of_a_probability() -> None:
    r = row()
    expected = r.p * np.expm1(3 * U * r.d + U * r.D + CONSTANT + r.growth())
    assert np.allclose(accurate.softmax(quantities()).to_float(), expected, rtol=1e-12)


def test_the_relative_limit_of_a_log_probability_counts_the_distances_of_the_others() -> None:
    r = row()
    share = r.L / r.l
    expected = r.l * np.expm1(CONSTANT + r.growth(TOP) + ROUNDING + 3 * U * r.others(TOP) * share) + HALF
    assert np.allclose(accurate.log_softmax(quantities()).to_float(), expected, rtol=1e-12)
    assert accurate.log_softmax(quantities()).to_float()[1, 0] < 1e-5 * r.l[1, 0]  # a loss next to zero


def test_a_log_sum_exp_keeps_a_floor_next_to_zero() -> None:
    r = row()
    relative = np.expm1(CONSTANT + r.growth(TOP) + ROUNDING + 3 * U * r.others(TOP))
    largest = np.abs(X).max(axis=1)
    expected = np.maximum(np.abs(r.y) * relative, 2 * U * largest[:, None])[:, 0] + HALF
    assert np.allclose(accurate.logsumexp(quantities()).to_float(), expected, rtol=1e-12)
    balanced = np.array([[-np.log(2.0), -np.log(2.0)]]).astype(np.float32).astype(float)
    floor = 2 * U * abs(balanced[0, 0])
    assert np.isclose(accurate.logsumexp(quantities(balanced)).to_float()[0], floor, rtol=1e-5)


def test_a_loss_has_the_limit_of_its_log_probability_and_of_the_format_it_is_saved_in() -> None:
    t, at = quantities(), (np.arange(3), LABELS)
    log = accurate.log_softmax(t).to_float()[at]
    assert accurate.loss(t, LABELS).to_float().tolist() == log.tolist()
    saved = accurate.loss(quantities(saved_format="float16"), LABELS).to_float()
    assert np.allclose(saved, log * (1 + 2.0**-11) + row().l[at] * 2.0**-11 + 2.0**-25, rtol=1e-10)


def test_the_true_classs_gradient_is_made_of_the_others() -> None:
    t, at = quantities(), (np.arange(3), LABELS)
    got, p = accurate.gradient(t, LABELS).to_float(), accurate.softmax(t).to_float()
    assert got[at].tolist() == complement.gradient(t, LABELS).to_float().tolist()
    wrong = np.arange(4) != LABELS[:, None]
    assert np.array_equal(got[wrong], p[wrong])
    assert got[1, 0] < 1e-5 * (1 - row().p[1, 0])
