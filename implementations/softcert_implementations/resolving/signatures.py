"""How a function wants its arguments: axis keyword, labels first, probabilities or logits, options, and reduction.

Read from the names of its parameters and their defaults; nothing is called.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Mapping
from typing import Any

from softcert_implementations.resolving.wrappers import is_torch, name_of
from softcert_oracle import operations

AXIS_NAMES = ("dim", "axis")
_LABEL_NAMES = ("labels", "label", "target", "targets", "y", "t", "y_true", "classes", "onehot", "one_hot", "y_onehot")
_PROBABILITY_NAMES = ("p", "probs", "prob", "probabilities", "y_prob", "y_proba", "softmax_output", "softmax_out")
_EITHER_NAMES = ("y_pred", "y_hat", "yhat", "pred", "preds", "prediction", "predictions", "output", "outputs", "a")
_LOG_NAMES = ("log_probs", "log_prob", "logprobs", "log_p", "logp", "log_probabilities", "log_softmax_output")
_LOGIT_NAMES = (
    *("x", "logits", "input", "inputs", "scores", "z"),
    *_PROBABILITY_NAMES,
    *_EITHER_NAMES,
    *_LOG_NAMES,
)
_BY_FUNCTION = {"nll": "log-probabilities", "log_loss": "probabilities"}
"""What functions take that are named so, or whose names hold this as whole words."""
FIXED = {"from_logits": True}
"""Options that say that logits are given, with the value that says it."""


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
    names = [name.lower() for name in list(parameters_of(function) or ())[:2]]
    return len(names) == 2 and names[0] in _LABEL_NAMES and names[1] in _LOGIT_NAMES


def can_take(function: Any, count: int) -> bool:
    """Whether a function can be called with so many positional arguments, as far as its signature says.

    >>> can_take(lambda x, labels: 0, 1), can_take(lambda x, axis: 0, 1)
    (False, True)
    """
    parameters = parameters_of(function)
    if parameters is None:
        return True
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    known = (*AXIS_NAMES, *FIXED)
    positional = [p for n, p in parameters.items() if p.kind in kinds and n not in known]
    required = sum(p.default is p.empty for p in positional)
    anything = any(p.kind is p.VAR_POSITIONAL for p in parameters.values())
    return required <= count and (anything or count <= len(positional))


def inputs_by_name(function: Any) -> tuple[str, ...]:
    """What the names say that a loss takes in the place of logits; empty where they say nothing of that kind.

    Names that people use for logits and for probabilities alike count as well: values have to agree in any case.

    >>> inputs_by_name(lambda probs, labels: 0), inputs_by_name(lambda logits, labels: 0)
    (('probabilities',), ())
    """
    name = name_of(function).lower()
    named = [kind for word, kind in _BY_FUNCTION.items() if re.search(rf"(^|_){word}(?![a-z])|^{word}", name)]
    for parameter in list(parameters_of(function) or ())[:2]:
        if parameter.lower() in (*_PROBABILITY_NAMES, *_EITHER_NAMES):
            named.append("probabilities")
        if parameter.lower() in _LOG_NAMES:
            named.append("log-probabilities")
    return tuple(dict.fromkeys(named))


def fixed_options(function: Any) -> Mapping[str, Any]:
    """Options of a function that say that it is given logits.

    >>> fixed_options(lambda y_true, y_pred, from_logits=False: 0)
    {'from_logits': True}
    """
    parameters = parameters_of(function) or {}
    return {name: value for name, value in FIXED.items() if name in parameters}


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
