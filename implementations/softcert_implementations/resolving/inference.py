"""What an object says about itself: which operations it holds, in which array library, with which axis keyword.

Read from names, signatures, annotations and the globals that its code refers to; nothing is called here (the
resolver's trial calls come after). Names are matched against the one table of operations and its aliases.
"""

from __future__ import annotations

import functools
import inspect
import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import CodeType, ModuleType
from typing import Any

from softcert_oracle import operations
from softcert_oracle.errors import UsageError

AXIS_NAMES = ("dim", "axis")
_LABEL_NAMES = ("labels", "label", "target", "targets", "y", "y_true", "classes")
_LOGIT_NAMES = ("x", "logits", "input", "inputs", "scores", "y_pred", "pred", "preds", "z", "a")

_ROOTS: Mapping[str, str] = {
    "torch": "torch", "triton": "torch",
    "jax": "jax", "jaxlib": "jax", "optax": "jax", "flax": "jax",
    "tensorflow": "tensorflow", "keras": "tensorflow",
    "cupy": "cupy", "mlx": "mlx",
    "numpy": "numpy", "scipy": "numpy", "numba": "numpy", "sklearn": "numpy", "ml_dtypes": "numpy",
}  # fmt: skip
"""The array library in which functions of a package take their arguments, by the package's first name."""


@dataclass(frozen=True)
class Applied:
    """A torch.autograd.Function as a function: its ``apply``."""

    function: Any

    def __call__(self, *arguments: Any) -> Any:
        """Call ``apply``."""
        return self.function.apply(*arguments)

    @property
    def __name__(self) -> str:
        return str(self.function.__name__)


@dataclass(frozen=True)
class Call:
    """A function with the axis keyword that it wants, and its arguments in the order that it wants.

    ``axis`` is the keyword's name, "" for an axis given by position, None for none.
    """

    function: Callable[..., Any]
    axis: str | None = None
    labels_first: bool = False

    def __call__(self, *arguments: Any, **options: Any) -> Any:
        """Call the function; the option ``axis`` goes to its own axis keyword."""
        axis = options.pop("axis", -1)
        if self.labels_first and len(arguments) == 2:
            arguments = (arguments[1], arguments[0])
        if self.axis == "":
            return self.function(*arguments, axis, **options)
        if self.axis is not None:
            options[self.axis] = axis
        elif axis != -1:
            options["axis"] = axis
        return self.function(*arguments, **options)


def operation_of(name: str) -> str | None:
    """The operation that a function's name says, None where it says none.

    The whole name first, then the longest name or alias that it holds as whole words: "MyLogSoftmax" and
    "fast_log_softmax_f32" are log_softmax, not softmax.
    """
    words = _words(name)
    for length in range(len(words), 0, -1):
        found = {
            _TABLE[candidate]
            for start in range(len(words) - length + 1)
            if (candidate := "_".join(words[start : start + length])) in _TABLE
        }
        if len(found) == 1:
            return found.pop()
        if found:
            return None
    return None


def _words(name: str) -> list[str]:
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name)
    return [w for w in spaced.lower().split("_") if w]


_TABLE: Mapping[str, str] = {name: o.name for o in operations.OPERATIONS.values() for name in (o.name, *o.aliases)}


def name_of(target: Any) -> str:
    """The name of a callable, through partials, jit wrappers and instances."""
    if isinstance(target, functools.partial):
        return name_of(target.func)
    if isinstance(target, Call):
        return name_of(target.function)
    for source in (target, getattr(target, "py_func", None), getattr(target, "fn", None)):
        name = getattr(source, "__name__", None) or getattr(source, "original_name", None)
        if isinstance(name, str):
            return name
    return type(target).__name__


def functions_of(target: Any, asked: tuple[str, ...]) -> tuple[dict[str, Callable[..., Any]], list[str]]:
    """The functions of a target by operation, and sentences about how they were found.

    ``asked`` are operations that the user named: for a single callable, what it is; for a class, module or
    object, which ones to take. Raises `UsageError` where none is found.
    """
    if isinstance(target, Mapping):
        return {operations.lookup(k).name: f for k, f in target.items() if not asked or k in asked}, []
    if _is_torch(target, "autograd", "Function"):
        return _single(Applied(target), asked, "torch.autograd.Function: its apply is called")
    if _is_torch(target, "nn", "Module"):
        return _module(target, asked)
    if isinstance(target, type):
        return _class(target, asked)
    if not isinstance(target, ModuleType) and callable(target):
        return _single(target, asked, "")
    return _members(target, asked)


def _single(function: Callable[..., Any], asked: tuple[str, ...], note: str) -> tuple[dict[str, Any], list[str]]:
    notes = [note] if note else []
    if len(asked) > 1:
        raise UsageError(f"op={', '.join(asked)}: one function is one operation; name one.")
    if asked:
        return {asked[0]: function}, notes
    name = name_of(function)
    operation = operation_of(name)
    if operation is None:
        raise UsageError(
            f"the name {name!r} does not say which operation it is. Say it with op=... (--op), "
            f"one of {', '.join(operations.OPERATIONS)}."
        )
    return {operation: function}, [*notes, f"operation {operation}, from the name {name!r}"]


def _module(target: Any, asked: tuple[str, ...]) -> tuple[dict[str, Any], list[str]]:
    kind = target if isinstance(target, type) else type(target)
    notes: list[str] = []
    if isinstance(target, type):
        target, notes = _instance(target)
    found, more = ({asked[0]: target}, []) if len(asked) == 1 else ({}, [])
    if not found:
        name = getattr(target, "original_name", kind.__name__)  # a scripted module keeps its own
        operation = operation_of(name)
        if operation is None:
            return _members(target, asked)
        found, more = {operation: target}, [f"operation {operation}, from the class name {name!r}"]
    return found, [*notes, *more]


def _class(target: type, asked: tuple[str, ...]) -> tuple[dict[str, Any], list[str]]:
    if any(name in _TABLE for name in dir(target)):
        static = all(
            isinstance(inspect.getattr_static(target, name), staticmethod | classmethod)
            for name in dir(target)
            if name in _TABLE
        )
        if static:
            return _members(target, asked)
        instance, notes = _instance(target)
        found, more = _members(instance, asked)
        return found, [*notes, *more]
    instance, notes = _instance(target)
    if not callable(instance):
        raise UsageError(f"class {target.__name__} has no method named as an operation, and no __call__.")
    found, more = _single(instance, asked, "")
    return found, [*notes, *more]


def _instance(target: type) -> tuple[Any, list[str]]:
    try:
        parameters = inspect.signature(target).parameters
    except (TypeError, ValueError):
        parameters = {}  # type: ignore[assignment]
    axis = {name: -1 for name in AXIS_NAMES if name in parameters}
    shown = ", ".join(f"{k}=-1" for k in axis)
    try:
        return target(**axis), [f"an instance {target.__name__}({shown}) was made"]
    except TypeError as error:
        raise UsageError(
            f"class {target.__name__} cannot be instantiated without arguments ({error}). Name an instance of it."
        ) from None


def _members(target: Any, asked: tuple[str, ...]) -> tuple[dict[str, Any], list[str]]:
    found: dict[str, Any] = {}
    for operation in asked or operations.CORE:
        entry = operations.lookup(operation)
        for name in (entry.name, *entry.aliases):
            member = getattr(target, name, None)
            if callable(member):
                found[entry.name] = member
                break
    shown = getattr(target, "__name__", type(target).__name__)
    if not found:
        found = _by_words(target, asked)
    if not found:
        wanted = ", ".join(asked or operations.CORE)
        raise UsageError(f"{shown} has no function named as an operation. Looked for: {wanted} and their aliases.")
    return found, [f"operations {', '.join(found)}, from the names of functions in {shown}"]


def _by_words(target: Any, asked: tuple[str, ...]) -> dict[str, Any]:
    """Functions of a module's own whose names hold an operation, where exactly one does for an operation."""
    candidates: dict[str, list[Any]] = {}
    for name, member in vars(target).items() if isinstance(target, ModuleType) else ():
        operation = operation_of(name)
        if callable(member) and getattr(member, "__module__", "") == target.__name__ and operation is not None:
            candidates.setdefault(operation, []).append(member)
    wanted = asked or operations.CORE
    return {o: members[0] for o, members in candidates.items() if len(members) == 1 and o in wanted}


def _is_torch(target: Any, part: str, name: str) -> bool:
    torch = sys.modules.get("torch")
    base = getattr(getattr(torch, part, None), name, None)
    return isinstance(base, type) and (
        isinstance(target, base) or (isinstance(target, type) and issubclass(target, base))
    )


def parameters_of(function: Any) -> Mapping[str, inspect.Parameter] | None:
    """The parameters of a function, or None where it has no readable signature (builtins)."""
    if _is_torch(function, "nn", "Module"):
        function = function.forward
    try:
        return inspect.signature(function).parameters
    except (TypeError, ValueError):
        return None


def axis_keywords(function: Any) -> tuple[str | None, ...]:
    """The axis keywords to try, best first: from the signature, or all of them where there is none."""
    parameters = parameters_of(function)
    if parameters is None:
        return (None, *AXIS_NAMES, "")
    named = tuple(name for name in AXIS_NAMES if name in parameters)
    return named or (None,)


def labels_first(function: Any) -> bool:
    """Whether a loss takes its labels before its logits, by the names of its parameters."""
    parameters = parameters_of(function)
    names = list(parameters or ())[:2]
    return len(names) == 2 and names[0] in _LABEL_NAMES and names[1] in _LOGIT_NAMES


def declared_reduction(function: Any) -> str | None:
    """The reduction that a loss declares by itself: an attribute, or the default of its parameter."""
    attribute = getattr(function, "reduction", None)
    if attribute is None:
        parameter = (parameters_of(function) or {}).get("reduction")
        attribute = parameter.default if parameter is not None else None
    return attribute if attribute in operations.REDUCTIONS else None


def libraries_of(function: Any) -> dict[str, str]:
    """Array libraries that a function seems to take, with the reason, best first; empty where nothing tells."""
    found: dict[str, str] = {}
    for module in _homes(function):
        _add(found, module, f"it belongs to {module.split('.')[0]}")
    plain = _plain(function)
    for text in map(str, getattr(plain, "__annotations__", {}).values()):
        for root in _ROOTS:
            if re.search(rf"\b{root}\b", text):
                _add(found, root, f"its annotations name {root}")
        if "np.ndarray" in text or "NDArray" in text:
            _add(found, "numpy", "its annotations name NumPy arrays")
        if "Tensor" in text and "tensorflow" not in text:
            _add(found, "torch", "its annotations name tensors")
    for root in _referenced(plain, 3, set()):
        _add(found, root, f"its code uses {root}")
    return found


def _add(found: dict[str, str], module: str, reason: str) -> None:
    library = _ROOTS.get(module.split(".")[0])
    if library is not None:
        found.setdefault(library, reason)


def _homes(function: Any) -> list[str]:
    owner = getattr(function, "__self__", None)
    candidates = (
        getattr(function, "__module__", None),
        type(function).__module__,
        getattr(owner, "__module__", None),
        owner.__name__ if isinstance(owner, ModuleType) else None,
        *(base.__module__ for base in type(function).__mro__),
    )
    return [c for c in candidates if isinstance(c, str)]


def _plain(function: Any) -> Any:
    for _ in range(16):  # wrappers around wrappers, but no endless chain
        inner = (
            getattr(function, "py_func", None)
            or getattr(function, "__wrapped__", None)
            or getattr(function, "__func__", None)
            or (function.func if isinstance(function, functools.partial) else None)
            or (function.function if isinstance(function, Call | Applied) else None)
        )
        if inner is None:
            break
        function = inner
    if isinstance(function, type):
        return getattr(function, "forward", function)
    if not hasattr(function, "__code__") and not inspect.isbuiltin(function):
        return getattr(type(function), "forward", None) or type(function).__call__
    return function


def _referenced(function: Any, depth: int, seen: set[int]) -> list[str]:
    code, names = getattr(function, "__code__", None), getattr(function, "__globals__", {})
    if not isinstance(code, CodeType) or depth == 0 or id(code) in seen:
        return []
    seen.add(id(code))
    roots = []
    for name in _names(code):
        value = names.get(name)
        if isinstance(value, ModuleType):
            roots.append(value.__name__.split(".")[0])
        elif value is None and name in _ROOTS:  # imported within the function
            roots.append(name)
        elif getattr(value, "__module__", None) == getattr(function, "__module__", ""):
            roots += _referenced(_plain(value), depth - 1, seen)
    for cell in getattr(function, "__closure__", None) or ():
        try:
            roots += _referenced(_plain(cell.cell_contents), depth - 1, seen)
        except ValueError:  # an empty cell
            continue
    return roots


def _names(code: CodeType) -> list[str]:
    nested = [n for c in code.co_consts if isinstance(c, CodeType) for n in _names(c)]
    return [*code.co_names, *nested]
