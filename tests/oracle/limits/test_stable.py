"""Level "stable": each limit is its formula, formed here from the definitions."""

from __future__ import annotations

import numpy as np
from tests.oracle.limits.by_hand import EXP, HALF, LABELS, LOG, ROUNDING, U, X, quantities, row

from softcert_oracle.limits import complement, stable

AT = np.arange(3), LABELS


def test_the_limit_of_a_probability() -> None:
    r = row()
    exponent = 4 * ROUNDING + 3 * U * r.d + EXP + (U + LOG) * r.L + r.sum_error(3.0)
    assert np.allclose(stable.softmax(quantities()).to_float(), r.p * np.expm1(exponent), rtol=1e-12)


def test_a_probability_that_may_be_subnormal_adds_what_underflow_loses() -> None:
    x = np.array([[0.0, -88.0, 0.0, 0.0]])
    r, limit = row(x), stable.softmax(quantities(x)).to_float()
    omega, s = 4 * 2.0**-149, np.exp(-r.d).sum()
    exponent = 4 * ROUNDING + 3 * U * r.d + EXP + (U + LOG) * r.L + r.sum_error(3.0) + omega / s
    lost = 2 * max(omega, omega / s + HALF)
    assert np.isclose(limit[0, 1], r.p[0, 1] * np.expm1(exponent[0, 1]) + lost, rtol=1e-6)
    assert np.isclose(limit[0, 0], r.p[0, 0] * np.expm1(exponent[0, 0]), rtol=1e-6)


def test_the_limit_of_a_log_probability() -> None:
    r = row()
    a = r.sum_error(3.0)
    inner = 2 * U * r.d + 2 * U * r.L + a + LOG * (r.L + a)
    assert np.allclose(stable.log_softmax(quantities()).to_float(), inner * (1 + U) + 2 * U * r.l + HALF, rtol=1e-12)


def test_the_limit_of_a_log_sum_exp() -> None:
    r = row()
    a = r.sum_error(3.0)
    limit = (2 * U * r.L + a + LOG * (r.L + a)) * (1 + U) + HALF + 3.5 * U * np.abs(r.y)
    assert np.allclose(stable.logsumexp(quantities()).to_float(), limit[:, 0], rtol=1e-12)


def test_the_limit_of_a_loss() -> None:
    r = row()
    loss = r.l[AT]
    a, log_sum = r.sum_error(3.0)[:, 0], r.L[:, 0]
    limit = (a * (1 + LOG) + 2 * U * log_sum) * (1 + U) + (3 * U + LOG) * (1 + U) * loss + HALF
    assert np.allclose(stable.loss(quantities(), LABELS).to_float(), limit, rtol=1e-12)
    saved = stable.loss(quantities(saved_format="float16"), LABELS).to_float()
    assert np.allclose(saved, limit * (1 + 2.0**-11) + 2.0**-11 * loss + 2.0**-25, rtol=1e-12)


def test_a_label_without_probability_has_no_limit() -> None:
    t = quantities(np.array([[0.0, -np.inf]]))
    assert stable.loss(t, np.array([1])).to_float().tolist() == [0.0]


def test_the_gradient_rounds_once_more_and_may_come_from_the_others() -> None:
    t, r = quantities(), row()
    p = stable.softmax(t).to_float()
    g = np.abs(r.p - np.eye(4)[LABELS])
    expected = p * (1 + U) + U * g
    others = complement.gradient(t, LABELS).to_float()
    expected[AT] = np.maximum(expected[AT], others)
    assert np.allclose(stable.gradient(t, LABELS).to_float(), expected, rtol=1e-10)
    assert others[0] > (p * (1 + U) + U * g)[0, 2]  # the sum of the others is the larger in the first row


def test_a_saved_log_probability_moves_its_exponential() -> None:
    plain = stable.softmax(quantities(saved_format="float16")).to_float()
    saved = stable.softmax(quantities(saved_format="float16"), saved=True).to_float()
    r = row()
    assert np.allclose(saved - plain, r.p * (2.0**-11 * r.l + 2.0**-25), rtol=5e-3)
    assert X.shape == saved.shape
