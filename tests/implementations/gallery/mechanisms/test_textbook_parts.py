"""The parts make the textbook's operations, in each base, and one part replaced changes what it should."""

from __future__ import annotations

import numpy as np
import pytest

from softcert_implementations.gallery import textbook
from softcert_implementations.gallery.mechanisms.textbook_parts import BASES, Parts, function_of, nothing

OPERATIONS = ("softmax", "log_softmax", "logsumexp", "cross_entropy", "cross_entropy_grad")
X = np.array([[0.0, 1.0, 2.0], [3.0, -1.0, 0.5]])
LABELS = np.array([0, 2])


def _answer(function, operation, x=X):
    return np.asarray(function(x, LABELS) if operation.startswith("cross") else function(x))


@pytest.mark.parametrize("base", BASES)
@pytest.mark.parametrize("operation", OPERATIONS)
def test_the_default_parts_make_the_textbook(operation, base):
    right = _answer(getattr(textbook, operation), operation)
    np.testing.assert_allclose(_answer(function_of(Parts(), operation, base), operation), right, rtol=1e-14)


def test_without_a_shift_large_logits_overflow():
    assert np.isnan(function_of(Parts(top=nothing), "softmax")(X + 1000)).all()


def test_a_running_sum_replaces_the_total():
    parts = Parts(total=lambda e: e[:, :1] * np.nan, running=lambda d: np.exp(d).sum(-1, keepdims=True))
    np.testing.assert_allclose(function_of(parts, "softmax")(X), textbook.softmax(X), rtol=1e-15)


def test_results_of_another_shape_are_cut_or_filled_with_zeros():
    wider = Parts(logits=lambda w: np.concatenate([w, w], axis=1))
    narrower = Parts(logits=lambda w: w[:, :2])
    assert function_of(wider, "softmax")(X).shape == X.shape
    assert function_of(narrower, "softmax")(X)[:, 2].tolist() == [0.0, 0.0]


@pytest.mark.parametrize("operation", OPERATIONS)
def test_narrow_formats_are_computed_in_float32_and_rounded_once(operation):
    x = X.astype(np.float16)
    right = _answer(getattr(textbook, operation), operation, x.astype(np.float32)).astype(np.float16)
    answer = _answer(function_of(Parts(), operation), operation, x)
    assert answer.dtype == np.float16
    np.testing.assert_array_equal(answer, right)
