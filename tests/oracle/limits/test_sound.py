"""Level "sound": the stable limit and what moving each logit by delta = 3u |y| changes."""

from __future__ import annotations

import numpy as np
from tests.oracle.limits.by_hand import LABELS, ROUNDING, U, X, quantities, row

from softcert_oracle.limits import sound, stable

DELTA = 3 * ROUNDING * np.abs(row().y)


def test_logits_move_by_three_roundings_of_log_sum_exp_whatever_the_depth() -> None:
    assert np.allclose(sound.displacement(quantities()), DELTA, rtol=1e-14)
    assert np.allclose(sound.displacement(quantities(summation=1)), DELTA, rtol=1e-14)
    far = quantities(np.array([[0.0, -200.0, -1e30, -np.inf]]))
    assert sound.displacement(far).item() < 1e-80


def test_a_chain_of_logaddexp_rounds_the_largest_number_at_each_finite_logit() -> None:
    size = np.maximum(np.abs(X).max(axis=1, keepdims=True), np.abs(row().y))
    chain = sound.displacement(quantities(algorithm="logaddexp"))
    assert np.allclose(chain, 6 * ROUNDING * size, rtol=1e-14)
    shallow = sound.displacement(quantities(algorithm="logaddexp", summation=1))
    assert np.allclose(shallow, 4 * ROUNDING * size, rtol=1e-14)
    sparse = sound.displacement(quantities(np.array([[5.0, -np.inf, -np.inf, -np.inf]]), algorithm="logaddexp"))
    assert np.allclose(sparse, 3 * ROUNDING * 5.0, rtol=1e-14)


def test_no_logit_moves_in_a_row_without_a_finite_maximum() -> None:
    special = sound.displacement(quantities(np.array([[np.inf, 0.0]])))
    assert special.tolist() == [[0.0]]


def test_a_probability_changes_by_a_factor_and_a_log_probability_by_twice_the_move() -> None:
    t, r = quantities(), row()
    p = (sound.softmax(t) - stable.softmax(t)).to_float()
    assert np.allclose(p, r.p * np.expm1(2 * DELTA), rtol=1e-6)
    log = (sound.log_softmax(t) - stable.log_softmax(t)).to_float()
    assert np.allclose(log, np.broadcast_to(2 * DELTA, X.shape), rtol=1e-6)


def test_a_loss_changes_by_twice_the_move_and_a_log_sum_exp_by_once() -> None:
    t = quantities()
    loss = (sound.loss(t, LABELS) - stable.loss(t, LABELS)).to_float()
    assert np.allclose(loss, 2 * DELTA[:, 0], rtol=1e-6)
    lse = (sound.logsumexp(t) - stable.logsumexp(t)).to_float()
    assert np.allclose(lse, DELTA[:, 0], rtol=1e-6)


def test_the_gradient_is_made_of_probabilities_of_this_level() -> None:
    t = quantities()
    wrong = np.arange(4) != LABELS[:, None]
    expected = sound.softmax(t, saved=True).to_float() * (1 + U) + U * row().p
    assert np.allclose(sound.gradient(t, LABELS).to_float()[wrong], expected[wrong], rtol=1e-10)
    assert (sound.gradient(t, LABELS).to_float() >= stable.gradient(t, LABELS).to_float()).all()


def test_an_absent_class_has_no_limit() -> None:
    t = quantities(np.array([[0.0, -np.inf, 1.0]]))
    assert sound.log_softmax(t).to_float()[0, 1] == 0.0
    assert sound.loss(t, np.array([1])).to_float().tolist() == [0.0]
