"""How a function wants its arguments: axis keyword, labels before or after the logits, and reduction.

Read from the names of its parameters and their defaults; nothing is called.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

from softcert_implementations.resolving.wrappers import is_torch
from softcert_oracle import operations

AXIS_NAMES = ("dim", "axis")
_LABEL_NAMES = ("labels", "label", "target", "targets", "y", "y_true", "classes")
_LOGIT_NAMES = ("x", "logits", "input", "inputs", "scores", "y_pred", "pred", "preds", "z", "a")


def parameters_of(function: Any) -> Mapping[str, inspect.Parameter] | None:
    """The parameters of a function, or None where it has no readable signature (builtins)."""
    if is_torch(function, "nn", "Module"):
        function = function.forward
    try:
        return inspect.signature(function).parameters
    except (TypeError, ValueError):
        return None


def axis_keywords(function: Any) -> tuple[str | None, ...]:
    """The axis keywords to try, best first: from the signature, or all of them where there is none that says anything.

    >>> axis_keywords(lambda x, dim=None: x)
    ('dim',)
    >>> axis_keywords(lambda x: x)
    (None,)
    >>> axis_keywords(lambda *args, **kwargs: args)
    (None, 'dim', 'axis', '')
    """
    parameters = parameters_of(function)
    if parameters is None or _says_nothing(parameters):
        return (None, *AXIS_NAMES, "")
    return tuple(name for name in AXIS_NAMES if name in parameters) or (None,)


def _says_nothing(parameters: Mapping[str, inspect.Parameter]) -> bool:
    """Whether a signature is that of a wrapper that hands everything on: no argument has a place and a name."""
    kinds = [p.kind for p in parameters.values()]
    named = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return inspect.Parameter.VAR_POSITIONAL in kinds and not any(kind in named for kind in kinds)


def labels_first(function: Any) -> bool:
    """Whether a loss takes its labels before its logits, by the names of its parameters.

    >>> labels_first(lambda y_true, y_pred: 0)
    True
    """
    names = list(parameters_of(function) or ())[:2]
    return len(names) == 2 and names[0] in _LABEL_NAMES and names[1] in _LOGIT_NAMES


def declared_reduction(function: Any) -> str | None:
    """The reduction that a loss declares by itself: an attribute, or the default of its parameter.

    >>> declared_reduction(lambda x, labels, reduction="sum": 0)
    'sum'
    """
    declared = getattr(function, "reduction", None)
    if declared is None:
        parameter = (parameters_of(function) or {}).get("reduction")
        declared = parameter.default if parameter is not None else None
    return declared if declared in operations.REDUCTIONS else None
