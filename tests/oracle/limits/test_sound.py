"""Level "sound": the stable limit and what moving each logit by delta = (h + 3) u max(max|x|, |y|) changes."""

from __future__ import annotations

import numpy as np
from tests.oracle.limits.by_hand import LABELS, ROUNDING, U, X, quantities, row

from softcert_oracle.limits import sound, stable

DELTA = 6 * ROUNDING * np.maximum(np.abs(X).max(axis=1, keepdims=True), np.abs(row().y))


def test_logits_move_by_as_many_roundings_of_the_largest_number_as_the_sum_is_deep() -> None:
    assert np.allclose(sound.displacement(quantities()), DELTA, rtol=1e-14)
    assert np.allclose(sound.displacement(quantities(summation=1)), DELTA * 4 / 6, rtol=1e-14)
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
