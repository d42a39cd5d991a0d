"""Sets of operations are made of one part that differs; the textbook's own parts make the textbook."""

from __future__ import annotations

import numpy as np
import pytest

from softcert_implementations.gallery import textbook
from softcert_implementations.gallery.correct.operations_from_parts import from_functions, from_sum, silent
from softcert_oracle import operations

X = np.array([[0.0, 1.0, 2.0], [3.0, -1.0, 0.5]])
LABELS = np.array([0, 2])


def _answer(function, operation, x=X):
    return np.asarray(function(x, LABELS) if operations.OPERATIONS[operation].takes_labels else function(x))


@pytest.mark.parametrize("operation", operations.CORE)
def test_the_usual_sum_makes_the_textbook(operation):
    ops = from_sum(lambda e: e.sum(-1, keepdims=True))
    right = _answer(getattr(textbook, operation), operation)
    np.testing.assert_allclose(_answer(ops[operation], operation), right, rtol=1e-14)


def test_the_sum_and_the_exponential_given_are_used():
    ops = from_sum(lambda e: 2 * e.sum(-1, keepdims=True), lambda d: np.exp2(d))
    assert ops["softmax"](np.array([[0.0, -1.0]])).tolist() == [[1 / 3, 1 / 6]]


def test_the_loss_and_its_gradient_come_from_the_functions_given():
    ops = from_functions(lambda x: np.full_like(x, 0.25), lambda x: np.full_like(x, -7.0))
    assert ops["cross_entropy"](X, LABELS) == 7
    assert ops["cross_entropy_grad"](X, LABELS)[0].tolist() == [-0.375, 0.125, 0.125]
    assert "logsumexp" not in ops


def test_the_functions_of_a_loss_get_logits_in_the_working_precision():
    ops = from_functions(textbook.softmax, lambda x: np.full(x.shape, float(x.dtype.itemsize), x.dtype))
    assert ops["cross_entropy"](X.astype(np.float16), LABELS) == -4


def test_silent_functions_give_no_warnings():
    assert silent({"softmax": lambda x: x / 0})["softmax"](np.ones(1)) == np.inf
