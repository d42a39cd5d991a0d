"""The textbook formulas are right: they agree with SciPy, and rows without a finite maximum follow the table."""

from __future__ import annotations

import numpy as np
import pytest

from softcert_implementations.gallery import textbook

special = pytest.importorskip("scipy.special")
X = np.array([[0.0, 1.0, 2.0], [1000.0, 999.0, -1000.0], [-5.0, -5.0, -5.0]])
LABELS = np.array([0, 1, 2])


@pytest.mark.parametrize("operation", ["softmax", "log_softmax", "logsumexp"])
def test_functions_of_the_logits_agree_with_scipy(operation):
    np.testing.assert_allclose(getattr(textbook, operation)(X), getattr(special, operation)(X, axis=-1), rtol=1e-14)


def test_the_loss_is_the_mean_of_minus_log_p_and_its_gradient_p_minus_one_hot_over_m():
    log_p = special.log_softmax(X, axis=-1)
    assert textbook.cross_entropy(X, LABELS) == pytest.approx(-log_p[[0, 1, 2], LABELS].mean(), rel=1e-14)
    right = (special.softmax(X, axis=-1) - np.eye(3)) / 3
    np.testing.assert_allclose(textbook.cross_entropy_grad(X, LABELS), right, rtol=1e-14, atol=1e-17)


def test_narrow_formats_come_back_in_their_own():
    x = X.astype(np.float16)
    assert textbook.softmax(x).dtype == np.float16
    assert textbook.wide(x).dtype == np.float32
    assert textbook.wide(X) is X


def test_a_row_of_minus_infinity_is_shifted_by_zero():
    x = np.array([[-np.inf, -np.inf], [-np.inf, 1.0], [np.inf, 0.0]])
    assert textbook.row_max(x).tolist() == [[0.0], [1.0], [np.inf]]
    with np.errstate(all="ignore"):
        assert textbook.logsumexp(x).tolist() == [-np.inf, 1.0, np.inf]


def test_every_label_in_every_row_has_the_same_mean_when_the_table_would_be_too_large(monkeypatch):
    rows = np.random.default_rng(0).normal(size=(50, 3))
    labels = np.arange(50) % 3 - 1
    whole = textbook.picked_everywhere(rows, labels)
    monkeypatch.setattr(textbook, "_WHOLE", 10)
    by_row = textbook.picked_everywhere(rows, labels)
    assert (whole.shape, by_row.shape) == ((50, 50), (50,))
    np.testing.assert_allclose(by_row, whole.mean(1), rtol=1e-12)


def test_a_running_sum_rounds_each_partial_sum():
    ones = np.ones((1, 3000), np.float32)
    assert textbook.running_sum(ones, np.float16).tolist() == [[2048.0]]
    assert textbook.running_sum(ones, np.float32).tolist() == [[3000.0]]
