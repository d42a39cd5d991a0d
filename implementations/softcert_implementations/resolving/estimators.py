"""Linear classifiers in the manner of scikit-learn: ``predict_proba`` as a function of logits.

An estimator is copied with the identity as its coefficients and no intercept, so that its decision function gives the
logits themselves. Of two classes it has one row of coefficients, and its decision is the difference of the logits.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import Any

import numpy as np

METHODS = {"predict_proba": "softmax", "predict_log_proba": "log_softmax"}
"""The operations of an estimator's methods."""


@dataclass(frozen=True)
class EstimatorFunction:
    """A method of an estimator as a function of logits (m, C).

    Parameters
    ----------
    estimator
        An instance, fitted or not.
    method
        One of `METHODS`.
    """

    estimator: Any
    method: str

    def __call__(self, x: np.ndarray) -> Any:
        """The method of a copy with identical coefficients."""
        from scipy import sparse

        classes = x.shape[-1]
        model = copy.copy(self.estimator)
        if classes == 2:
            model.coef_ = np.array([[-1, 1]], x.dtype)
        else:
            model.coef_ = sparse.identity(classes, dtype=x.dtype, format="csr")
        model.intercept_ = np.zeros(model.coef_.shape[0], x.dtype)
        model.classes_, model.n_features_in_ = np.arange(classes), classes
        return getattr(model, self.method)(x)

    @property
    def __name__(self) -> str:
        return self.method


def is_estimator(target: Any) -> bool:
    """Whether an object, or a class, is a linear classifier: it is fitted, decides and gives probabilities."""
    kind = target if isinstance(target, type) else type(target)
    linear = any("Linear" in base.__name__ for base in kind.__mro__)
    return linear and all(hasattr(kind, name) for name in ("fit", "decision_function", "predict_proba"))
