"""Losses of a linear layer under their own names, such as ``softmax_loss(W, X, y, reg)``, as `linear_cross_entropy`.

The arguments go by name. Which axis of the weights is that of the classes, and whether the bias is a row of them,
trial calls find out (`softcert_implementations.call_form`). The strength of a regularisation is given as 0: the loss
is what is judged.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from softcert_implementations.resolving.signatures import parameters_of

OPERATION = "linear_cross_entropy"

_NAMES: Mapping[str, tuple[str, ...]] = {
    "X": ("x", "features", "data", "inputs", "input"),
    "W": ("w", "theta", "weights", "weight", "coef"),
    "b": ("b", "bias", "intercept"),
    "labels": ("y", "t", "labels", "label", "target", "targets", "y_true"),
    "reg": ("reg", "lam", "lambda_", "l2", "reg_strength", "regularization", "weight_decay"),
}


_OPTIONAL = (*_NAMES["b"], *_NAMES["reg"])
"""Parameters that may have a default; weights that have one are another thing: a factor for each class."""


@dataclass(frozen=True)
class LinearLoss:
    """A loss of a linear layer with its arguments by name.

    Parameters
    ----------
    function
        The function of the subject.
    names
        The function's own name for X, W, labels, and for b and reg where it has them.
    """

    function: Any
    names: Mapping[str, str]

    def __call__(self, X: Any, W: Any, b: Any, labels: Any) -> Any:
        """Call the function."""
        given = {"X": X, "W": W, "b": b, "labels": labels, "reg": 0.0}
        return self.function(**{own: given[name] for name, own in self.names.items()})

    @property
    def __name__(self) -> str:
        return str(getattr(self.function, "__name__", type(self.function).__name__))

    @property
    def __wrapped__(self) -> Any:
        return self.function


def linear_loss(function: Any) -> LinearLoss | None:
    """A function whose parameters are named as features, weights and labels; None for all others.

    >>> linear_loss(lambda W, X, y, reg: 0).names
    {'X': 'X', 'W': 'W', 'labels': 'y', 'reg': 'reg'}
    >>> linear_loss(lambda x, y: 0) is None
    True
    """
    parameters = parameters_of(function) or {}
    lower = {name.lower(): name for name, p in parameters.items() if p.default is p.empty or name.lower() in _OPTIONAL}
    found = {}
    for name, accepted in _NAMES.items():
        own = next((lower[a] for a in accepted if a in lower), None)
        if own is not None:
            found[name] = own
    others = [p for n, p in parameters.items() if n not in found.values() and p.default is p.empty]
    named = [p for p in others if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)]
    return LinearLoss(function, found) if {"X", "W", "labels"} <= set(found) and not named else None
