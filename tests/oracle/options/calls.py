"""Calls that the tests of composed limits share: three ordinary rows of five classes, with every kind of option."""

from __future__ import annotations

from typing import Any

import numpy as np

from softcert_oracle.levels import Level
from softcert_oracle.limit_parameters import LimitParameters
from softcert_oracle.options.canonical_call import CanonicalCall, canonical_call
from softcert_oracle.options.row_limits import RowLimits

U = 2.0**-24
X = np.array([[0.5, -2.0, 3.25, 1.0, 0.0], [30.0, 31.0, -14.0, 30.0, 2.0], [-1.0, 0.0, 0.5, 0.25, 9.0]])
LABELS = np.array([1, 2, 4])
WEIGHT = np.array([0.5, 2.0, 0.0, 1.25, 1.0])
TARGETS = np.array([[0.5, 0.25, 0.0, 0.25, 0.0], [0.0, 1.0, 0.0, 0.0, 0.0], [0.1, 0.2, 0.3, 0.4, 0.0]])
MASK = np.array([[True, True, False, True, True], [True, True, True, True, False], [True] * 5])
UPSTREAM = np.random.default_rng(1).standard_normal(X.shape)

OPTIONS: dict[str, dict[str, Any]] = {
    "plain": {},
    "weight": {"weight": WEIGHT, "label_smoothing": 0.1},
    "targets": {"targets": TARGETS, "reduction": "sum"},
    "ignored": {"ignore_index": 2, "z_loss": 0.25},
    "shaped": {"temperature": 0.7, "softcap": 5.0, "reduction": "none"},
    "masked": {"mask": MASK, "label_smoothing": 0.1, "reduction": "none", "targets": TARGETS * MASK},
}


def call(operation: str, options: dict[str, Any], x: np.ndarray = X, labels: np.ndarray = LABELS) -> CanonicalCall:
    """The canonical form of a call on these rows."""
    return canonical_call(operation, {"x": x, "labels": labels, "upstream": UPSTREAM}, options)


def row_limits(given: CanonicalCall, level: str = "stable", **claims: Any) -> RowLimits:
    """The row limits of a call in float32."""
    return RowLimits(given, Level(level), LimitParameters(format="float32", **{"reduction": given.reduction, **claims}))
