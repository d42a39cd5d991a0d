"""Functions within other functions: our wrappers around a subject's function, and the way through those of others.

`AdaptedFunction` passes arguments on as the subject wants them; `name_of` and `unwrapped` look through partials, jit
wrappers, bound methods and instances at the function that the user wrote.
"""

from __future__ import annotations

import functools
import inspect
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from softcert_implementations.adapters.forming import chosen, ordered
from softcert_implementations.call_form import CallForm

_LONGEST_CHAIN = 16  # wrappers around wrappers; a chain that leads back to itself must end


@dataclass(frozen=True)
class AutogradApply:
    """A torch.autograd.Function as a function: its ``apply``."""

    function: Any

    def __call__(self, *arguments: Any) -> Any:
        """Call ``apply``."""
        return self.function.apply(*arguments)

    @property
    def __name__(self) -> str:
        return str(self.function.__name__)


@dataclass(frozen=True)
class AdaptedFunction:
    """A function with the axis keyword that it wants, and with options that it needs in every call.

    Parameters
    ----------
    function
        The function of the subject.
    axis
        The name of its axis keyword; "" for an axis that is given by position, None for no axis.
    options
        Keywords of every call.

    Examples
    --------
    >>> AdaptedFunction(lambda x, dim, from_logits: (x, dim, from_logits), "dim", {"from_logits": True})("x")
    ('x', -1, True)
    """

    function: Callable[..., Any]
    axis: str | None = None
    options: Mapping[str, Any] = field(default_factory=dict)

    def __call__(self, *arguments: Any, **options: Any) -> Any:
        """Call the function; the option ``axis`` goes to its own axis keyword."""
        options = {**self.options, **options}
        axis = options.pop("axis", -1)
        if self.axis == "":
            return self.function(*arguments, axis, **options)
        if self.axis is not None:
            options[self.axis] = axis
        elif axis != -1:
            options["axis"] = axis
        return self.function(*arguments, **options)


@dataclass(frozen=True)
class PlainLoss:
    """A loss of logits and labels, in this order and with one result, of a function that has another form."""

    function: Callable[..., Any]
    form: CallForm

    def __call__(self, x: Any, labels: Any, **options: Any) -> Any:
        """Call the function in its form."""
        return chosen(self.form, self.function(*ordered(self.form, "cross_entropy", (x, labels)), **options))


def name_of(target: Any) -> str:
    """The name of a callable, through partials, jit wrappers and instances."""
    if isinstance(target, functools.partial):
        return name_of(target.func)
    if isinstance(target, AdaptedFunction):
        return name_of(target.function)
    for source in (target, getattr(target, "py_func", None), getattr(target, "fn", None)):
        name = getattr(source, "__name__", None) or getattr(source, "original_name", None)
        if isinstance(name, str):
            return name
    return type(target).__name__


def unwrapped(function: Any) -> Any:
    """The function whose code runs in the end: the innermost one, the ``forward`` of a class, or ``__call__``."""
    for _ in range(_LONGEST_CHAIN):
        inner = (
            getattr(function, "py_func", None)
            or getattr(function, "__wrapped__", None)
            or getattr(function, "__func__", None)
            or (function.func if isinstance(function, functools.partial) else None)
            or (function.function if isinstance(function, AdaptedFunction | AutogradApply | PlainLoss) else None)
        )
        if inner is None:
            break
        function = inner
    if isinstance(function, type):
        return getattr(function, "forward", function)
    if not hasattr(function, "__code__") and not inspect.isbuiltin(function):
        return getattr(type(function), "forward", None) or type(function).__call__
    return function


def is_torch(target: Any, part: str, name: str) -> bool:
    """Whether a target is an instance or a subclass of ``torch.part.name``; torch is never imported for this."""
    torch = sys.modules.get("torch")
    base = getattr(getattr(torch, part, None), name, None)
    return isinstance(base, type) and (
        isinstance(target, base) or (isinstance(target, type) and issubclass(target, base))
    )
