"""Correct implementations that differ in the logarithm: log1p (accurate), logaddexp and lse - x (sound only), SciPy.

A result that goes through an unshifted log-sum-exp is right, but loses digits at a large common offset: level "sound".
"""

from __future__ import annotations

from typing import Any

import numpy as np

from softcert_implementations.gallery import textbook
from softcert_implementations.gallery.correct.operations_from_parts import ALL, FULL, from_functions, silent
from softcert_implementations.gallery.model import Correct
from softcert_implementations.gallery.textbook import Array
from softcert_oracle.levels import Level


def _others(x: Array) -> tuple[Array, Array, Array]:
    """Shifted logits, their exponentials with the first maximum left out, and the sum of those (m, 1)."""
    d = x - textbook.row_max(x)
    e = np.exp(d)
    e[np.arange(len(x)), x.argmax(-1)] = 0
    return d, e, np.where(np.isnan(d).any(-1, keepdims=True), np.nan, e.sum(-1, keepdims=True)).astype(x.dtype)


def log1p_log_softmax(x: Array) -> Array:
    """(x - m) - log1p(sum of the others): accurate next to 0 too."""
    w = textbook.wide(x)
    d, _, tau = _others(w)
    l = d - np.log1p(tau)  # noqa: E741 (the mathematics' own name)
    return np.where((w == -np.inf).all(-1, keepdims=True), np.nan, l).astype(x.dtype)


def log1p_logsumexp(x: Array) -> Array:
    """m + log1p(sum of the others)."""
    w = textbook.wide(x)
    m = textbook.row_max(w)
    _, _, tau = _others(w)
    y = np.where(np.isinf(m), m, m + np.log1p(tau))
    return np.where((w == -np.inf).all(-1, keepdims=True), -np.inf, y)[:, 0].astype(x.dtype)


def accurate_loss(x: Array, labels: Array) -> Any:
    """Mean of -log_softmax with log1p."""
    return textbook.mean(-textbook.picked(log1p_log_softmax(textbook.wide(x)), labels), x)


def accurate_gradient(x: Array, labels: Array) -> Array:
    """p for the wrong classes and minus their sum for the true one: no 1 is ever subtracted."""
    p = textbook.softmax(textbook.wide(x))
    rest = p.copy()
    rest[np.arange(len(p)), labels] = 0
    g = rest.copy()
    g[np.arange(len(p)), labels] = -rest.sum(-1)
    return (g / p.dtype.type(max(len(p), 1))).astype(x.dtype)


def logaddexp_logsumexp(x: Array) -> Array:
    """A chain of logaddexp, which shifts each pair by itself."""
    w = textbook.wide(x)
    return np.logaddexp.reduce(w, axis=-1).astype(x.dtype)


def _from_logsumexp(x: Array) -> Array:
    w = textbook.wide(x)
    return np.exp(w - logaddexp_logsumexp(w)[:, None]).astype(x.dtype)


def _log_softmax_from_logsumexp(x: Array) -> Array:
    w = textbook.wide(x)
    return (w - logaddexp_logsumexp(w)[:, None]).astype(x.dtype)


def _lse_minus_label(x: Array, labels: Array) -> Any:
    return textbook.mean(textbook.logsumexp(x) - textbook.picked(x, labels), x)


def _softmax_from_stable_logsumexp(x: Array) -> Array:
    return np.exp(x - textbook.logsumexp(x)[:, None])


def _log_softmax_from_stable_logsumexp(x: Array) -> Array:
    return x - textbook.logsumexp(x)[:, None]


def _gradient_from_stable_logsumexp(x: Array, labels: Array) -> Array:
    return textbook.gradient(_softmax_from_stable_logsumexp(x), labels, x)


def _scipy(name: str) -> Any:
    def function(x: Array) -> Any:
        from scipy import special

        w = textbook.wide(x)
        # SciPy takes the maximum of a row for granted; of no classes there is none.
        return np.asarray(getattr(special, name)(w, axis=-1)).astype(x.dtype)

    return function


CORRECT = (
    Correct(
        name="accurate_log1p",
        ops=silent(
            {
                "softmax": textbook.softmax,
                "log_softmax": log1p_log_softmax,
                "logsumexp": log1p_logsumexp,
                "cross_entropy": accurate_loss,
                "cross_entropy_grad": accurate_gradient,
            }
        ),
        formats=FULL,
        level=Level.ACCURATE,
        note="log1p of the sum of the others, and no 1 subtracted",
    ),
    Correct(
        name="lse_minus_label",
        ops=silent(
            {
                "softmax": _softmax_from_stable_logsumexp,
                "log_softmax": _log_softmax_from_stable_logsumexp,
                "cross_entropy": _lse_minus_label,
                "cross_entropy_grad": _gradient_from_stable_logsumexp,
            }
        ),
        formats=FULL,
        level=Level.SOUND,
        note="everything through a stable log-sum-exp, which is rounded at the size of the logits",
    ),
    Correct(
        name="logaddexp_chain",
        ops=from_functions(_from_logsumexp, _log_softmax_from_logsumexp, logaddexp_logsumexp),
        formats=FULL,
        level=Level.SOUND,
        note="a chain of logaddexp",
        contract={"algorithm": "logaddexp"},
    ),
    Correct(
        name="scipy_special",
        ops=from_functions(_scipy("softmax"), _scipy("log_softmax"), _scipy("logsumexp")),
        formats=FULL,
        note="scipy.special's three functions",
    ),
    Correct(
        name="gradient_true_class_by_sum",
        ops=silent({"cross_entropy_grad": accurate_gradient}),
        formats=ALL,
        level=Level.ACCURATE,
        note="the true class's gradient as minus the sum of the others",
    ),
)
