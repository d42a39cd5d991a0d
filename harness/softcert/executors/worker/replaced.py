"""Functions that a subject replaces in its process: NumPy's, the standard library's, and softcert's own.

The truth is in another process, so that no replaced function reaches it. A subject that replaces what its answers
travel through is told of all the same.
"""

from __future__ import annotations

import operator
import sys
from collections.abc import Callable, Iterator
from types import FunctionType
from typing import Any

REPLACED = "replaced function"
"""Kind of an observation: a function of a module is no longer the one that it was before the subject was loaded."""

_WATCHED = ("numpy", "torch", "torch.nn.functional", "builtins", "json", "struct", "time", "warnings")
_OURS = ("softcert.", "softcert_oracle.", "softcert_implementations.")
_NUMPY_S_OWN = ("numpy", "contextlib", "functools", "unittest")
_EXCHANGED = (
    "warnings.showwarning",
    "warnings._showwarnmsg_impl",
)  # by warnings.catch_warnings, of the standard library
_LIMIT = 20  # texts at a time
_EVERY = 16  # calls between two looks, once the first ones have passed


class Originals:
    """The functions of the watched modules as they are when this is made."""

    def __init__(self) -> None:
        self._calls = 0
        self._told: set[str] = set()
        self._places = [
            (name, namespace, names, _values(names), tuple(map(namespace.get, names)))
            for name, namespace in _namespaces()
            if (names := tuple(k for k, v in namespace.items() if callable(v) and f"{name}.{k}" not in _EXCHANGED))
        ]

    def due(self) -> bool:
        """Count a call, and say whether to look after it: a look costs as much as a small call."""
        self._calls += 1
        return self._calls <= 2 or self._calls % _EVERY == 0

    def observations(self) -> list[tuple[str, str]]:
        """What was replaced since, each once."""
        found = [(REPLACED, text) for text in _foreign_in_testing() if text not in self._told]
        for name, namespace, names, present, values in self._places:
            try:
                now = present(namespace)
            except KeyError:  # one of them was removed
                now = tuple(map(namespace.get, names))
            if not all(map(operator.is_, now, values)):
                changed = (n for n, a, b in zip(names, now, values, strict=True) if a is not b)
                found += [(REPLACED, f"{name}.{n}") for n in changed if f"{name}.{n}" not in self._told]
        self._told.update(text for _, text in found)
        return found[:_LIMIT]


def _values(names: tuple[str, ...]) -> Callable[[Any], tuple[Any, ...]]:
    """A function that gives the values of a namespace under these names, in half the time of single look-ups."""
    if len(names) > 1:
        return operator.itemgetter(*names)
    return lambda namespace: tuple(map(namespace.get, names))


def _foreign_in_testing() -> list[str]:
    """The functions of numpy.testing, which is loaded only where a subject uses it, that are not NumPy's."""
    module = sys.modules.get("numpy.testing")
    functions = ((n, v) for n, v in (vars(module) if module else {}).items() if isinstance(v, FunctionType))
    return [f"numpy.testing.{n}" for n, v in functions if str(v.__module__).partition(".")[0] not in _NUMPY_S_OWN]


def _namespaces() -> Iterator[tuple[str, Any]]:
    """The namespaces of the watched modules, and of the classes that our own define."""
    for name, module in list(sys.modules.items()):
        if name in _WATCHED or name.startswith(_OURS):
            yield name, vars(module)
        if name.startswith(_OURS):
            for value in list(vars(module).values()):
                if isinstance(value, type) and value.__module__ == name:
                    yield f"{name}.{value.__qualname__}", value.__dict__
