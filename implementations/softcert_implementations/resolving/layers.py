"""Classes with ``forward`` and ``backward``, as people write layers by hand: the functions that they stand for.

Each call makes a new instance, runs ``forward``, and for a gradient ``backward`` after it. torch's modules have an
adapter's own way and do not come here.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

GRADIENTS = {"cross_entropy": "cross_entropy_grad", "softmax": "softmax_vjp", "log_softmax": "log_softmax_vjp"}
"""The operation that ``backward`` is, by that of ``forward``."""


def is_layer(target: Any) -> bool:
    """Whether a class has a method ``forward``."""
    return isinstance(target, type) and inspect.isfunction(inspect.getattr_static(target, "forward", None))


@dataclass(frozen=True)
class Forward:
    """The ``forward`` of a new instance.

    Parameters
    ----------
    make
        Makes an instance.
    kind
        Its class.
    """

    make: Callable[[], Any]
    kind: Any

    def __call__(self, *arguments: Any) -> Any:
        """Call ``forward`` of a new instance."""
        return self.make().forward(*arguments)

    @property
    def __name__(self) -> str:
        return str(self.kind.__name__)

    @property
    def __wrapped__(self) -> Any:
        return self.kind.forward

    @property
    def __signature__(self) -> inspect.Signature:
        """That of ``forward``, without the instance."""
        return _without_self(self.kind.forward)


@dataclass(frozen=True)
class Backward:
    """The gradient of a new instance: ``forward``, then ``backward``.

    ``backward`` of a loss gets 1 as the gradient of what comes after, or nothing where it asks for nothing; where it
    asks for logits and labels again, it gets those. ``backward`` of a function of logits alone gets the upstream
    gradient.
    """

    make: Callable[[], Any]
    kind: Any
    loss: bool

    def __call__(self, *arguments: Any) -> Any:
        """Call ``forward`` and ``backward`` of a new instance."""
        instance = self.make()
        given = arguments if self.loss else arguments[:1]
        instance.forward(*given)
        wanted = _required(_without_self(self.kind.backward))
        if not self.loss:
            return instance.backward(*arguments[1:])
        return instance.backward(*(arguments if wanted == len(arguments) else (1.0,) * wanted))

    @property
    def __name__(self) -> str:
        return f"{self.kind.__name__}.backward"

    @property
    def __wrapped__(self) -> Any:
        return self.kind.backward

    @property
    def __signature__(self) -> inspect.Signature:
        """That of ``forward``, whose arguments come first."""
        if self.loss:
            return _without_self(self.kind.forward)
        parameters = [inspect.Parameter(n, inspect.Parameter.POSITIONAL_ONLY) for n in ("x", "upstream")]
        return inspect.Signature(parameters)


def backward_of(kind: type, make: Callable[[], Any], operation: str) -> dict[str, Callable[..., Any]]:
    """The gradient that a class has, by the name of its operation; empty without ``backward``."""
    if operation not in GRADIENTS or not callable(getattr(kind, "backward", None)):
        return {}
    return {GRADIENTS[operation]: Backward(make, kind, operation == "cross_entropy")}


def _without_self(method: Any) -> inspect.Signature:
    signature = inspect.signature(method)
    return signature.replace(parameters=list(signature.parameters.values())[1:])


def _required(signature: inspect.Signature) -> int:
    """How many positional arguments have no default."""
    positional = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return sum(p.kind in positional and p.default is inspect.Parameter.empty for p in signature.parameters.values())
