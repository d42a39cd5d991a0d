"""Models of defects carried over to other operations: a wrong maximum is as wrong in a log-softmax as in a softmax.

Softmax, log-softmax and log-sum-exp determine one another, the loss and its gradient; so a model of one gives a model
of each of the others. Used by the diagnosis alone: the gallery holds what was seen in real code.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

import numpy as np

from softcert_implementations.gallery import DEFECTS, Defect

Function = Callable[..., Any]


def _picked(values: np.ndarray, labels: np.ndarray) -> np.ndarray:
    return np.asarray(values[np.arange(len(values)), labels])


def _gradient(p: np.ndarray, labels: np.ndarray) -> np.ndarray:
    g = np.array(p)
    g[np.arange(len(g)), labels] -= 1
    return np.asarray(g / p.dtype.type(max(len(g), 1)))


# (from, to) -> what makes the second operation of a function for the first.
_ROUTES: Mapping[tuple[str, str], Callable[[Function], Function]] = {
    ("softmax", "log_softmax"): lambda f: lambda x: np.log(f(x)),
    ("softmax", "cross_entropy"): lambda f: lambda x, y: -np.log(_picked(f(x), y)).mean(dtype=x.dtype),
    ("softmax", "cross_entropy_grad"): lambda f: lambda x, y: _gradient(f(x), y),
    ("log_softmax", "softmax"): lambda f: lambda x: np.exp(f(x)),
    ("log_softmax", "cross_entropy"): lambda f: lambda x, y: -_picked(f(x), y).mean(dtype=x.dtype),
    ("log_softmax", "cross_entropy_grad"): lambda f: lambda x, y: _gradient(np.exp(f(x)), y),
    ("logsumexp", "softmax"): lambda f: lambda x: np.exp(x - f(x)[:, None]),
    ("logsumexp", "log_softmax"): lambda f: lambda x: x - f(x)[:, None],
    ("logsumexp", "cross_entropy"): lambda f: lambda x, y: (f(x) - _picked(x, y)).mean(dtype=x.dtype),
    ("logsumexp", "cross_entropy_grad"): lambda f: lambda x, y: _gradient(np.exp(x - f(x)[:, None]), y),
    ("log_softmax", "logsumexp"): lambda f: lambda x: x.max(-1) - f(x).max(-1),
    ("softmax", "logsumexp"): lambda f: lambda x: x.max(-1) - np.log(f(x).max(-1)),
}


@lru_cache(maxsize=8)
def derived_models(operation: str) -> tuple[Defect, ...]:
    """Models of an operation made from those of others, without options."""
    return tuple(
        _carried(defect, operation, _ROUTES[defect.operation, operation])
        for defect in DEFECTS
        if (defect.operation, operation) in _ROUTES and defect.option is None and defect.arrays == "numpy"
    )


def _carried(defect: Defect, operation: str, route: Callable[[Function], Function]) -> Defect:
    return replace(defect, operation=operation, function=lambda: route(defect.fresh()), factory=True)
