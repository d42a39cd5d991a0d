"""Which operations an object holds: functions by operation, from the names of functions, methods and classes.

Names are matched against the one table of operations and its aliases; nothing is called here (trial calls come after).
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping
from types import ModuleType
from typing import Any

from softcert_implementations.resolving.estimators import METHODS, EstimatorFunction, is_estimator
from softcert_implementations.resolving.layers import GRADIENTS, Forward, backward_of, is_layer
from softcert_implementations.resolving.libraries_from_code import library_of_module
from softcert_implementations.resolving.linear_losses import OPERATION, linear_loss
from softcert_implementations.resolving.load_spec import UnboundMethod
from softcert_implementations.resolving.signatures import AXIS_NAMES, FIXED, can_take
from softcert_implementations.resolving.wrappers import AutogradApply, is_torch, name_of
from softcert_oracle import operations
from softcert_oracle.errors import UsageError

_OPERATION_OF: Mapping[str, str] = {
    name: o.name for o in operations.OPERATIONS.values() for name in (o.name, *o.aliases)
}
"""Operations by each of their names."""

Functions = dict[str, Callable[..., Any]]
"""Functions by the name of their operation."""


class UnnamedError(UsageError):
    """No name says the operation of a target that can be called.

    Attributes
    ----------
    functions
        Gives its functions, if it were a certain operation.
    notes
        Sentences that were noted on the way.
    named
        The operation that the name says, of which the number of parameters is another one; None where it says none.
    """

    def __init__(
        self, message: str, functions: Callable[[str], Functions], notes: list[str], named: str | None
    ) -> None:
        super().__init__(message)
        self.functions, self.notes, self.named = functions, notes, named


def operation_of(name: str) -> str | None:
    """The operation that a function's name says, None where it says none.

    The whole name comes first, then the longest name or alias that it holds as whole words.

    >>> operation_of("MyLogSoftmax"), operation_of("fast_log_softmax_f32"), operation_of("loss")
    ('log_softmax', 'log_softmax', None)
    """
    words = _words(name)
    for length in range(len(words), 0, -1):
        candidates = ("_".join(words[start : start + length]) for start in range(len(words) - length + 1))
        matches = {_OPERATION_OF[candidate] for candidate in candidates if candidate in _OPERATION_OF}
        if matches:
            return matches.pop() if len(matches) == 1 else None
    return None


def _words(name: str) -> list[str]:
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name)
    return [w for w in spaced.lower().split("_") if w]


def functions_of(target: Any, asked: tuple[str, ...]) -> tuple[Functions, list[str]]:
    """The functions of a target by operation.

    Parameters
    ----------
    target
        A mapping, a callable, a class, a module, or an object with methods.
    asked
        The operations that the user named. For a single callable it is the operation of that callable; for the others
        the operations that are taken. Empty: the name of a callable says its operation, and of the others every
        operation is taken.

    Returns
    -------
    tuple
        The functions, and sentences that say from where each was taken.

    Raises
    ------
    UsageError
        If there is no function of an operation, or if a class cannot be instantiated.

    Examples
    --------
    >>> functions, notes = functions_of(len, ("softmax",))
    >>> functions
    {'softmax': <built-in function len>}
    """
    if isinstance(target, Mapping):
        return {operations.lookup(k).name: f for k, f in target.items() if not asked or k in asked}, []
    if isinstance(target, UnboundMethod):
        return _method(target, asked)
    if is_torch(target, "autograd", "Function"):
        return _single(AutogradApply(target), asked, "torch.autograd.Function: its apply is called")
    if is_torch(target, "nn", "Module"):
        return _torch_module(target, asked)
    if isinstance(target, type):
        return _class(target, asked)
    owner = getattr(target, "__self__", None)
    if is_estimator(owner) and getattr(target, "__name__", "") in METHODS:
        return _of_estimator(owner, target.__name__, asked, [])
    if is_estimator(target):
        return _of_estimator(target, "predict_proba", asked, [])
    if not isinstance(target, ModuleType) and callable(target):
        return _single(target, asked)
    return _members(target, asked)


def _single(function: Callable[..., Any], asked: tuple[str, ...], note: str = "") -> tuple[Functions, list[str]]:
    notes = [note] if note else []
    if len(asked) > 1:
        raise UsageError(f"op={', '.join(asked)}: one function is one operation; name one.")
    linear = linear_loss(function)
    if linear is not None and asked in ((), ("cross_entropy",), (OPERATION,)):
        shown = ", ".join(linear.names.values())
        regularised = ", its regularisation with strength 0" if "reg" in linear.names else ""
        return {OPERATION: linear}, [*notes, f"operation {OPERATION}, from the parameters {shown}{regularised}"]
    if asked:
        return {asked[0]: function}, notes
    name = name_of(function)
    operation = operation_of(name)
    if operation is None or not can_take(function, len(operations.OPERATIONS[operation].arguments)):
        raise unnamed(name, lambda operation: {operation: function}, notes, operation)
    return {operation: function}, [*notes, f"operation {operation}, from the name {name!r}"]


def unnamed(
    name: str, functions: Callable[[str], Functions], notes: list[str], named: str | None = None
) -> UnnamedError:
    """The error for a target whose name says no operation."""
    message = (
        f"the name {name!r} does not say which operation it is, and no trial call tells it. Say it with op=... (--op), "
        f"one of {', '.join(operations.OPERATIONS)}."
    )
    return UnnamedError(message, functions, notes, named)


def _method(target: UnboundMethod, asked: tuple[str, ...]) -> tuple[Functions, list[str]]:
    """A method that is named by its class: of an instance that is made, or of the arrays that are given themselves."""
    if library_of_module(target.kind.__module__) not in (None, "numpy") and not is_torch(target.kind, "nn", "Module"):
        return _single(getattr(target.kind, target.name), asked)  # a method of the library's own arrays
    instance, notes = _instance(target.kind)
    if is_estimator(target.kind) and target.name in METHODS:
        return _of_estimator(instance, target.name, asked, notes)
    return _with_notes(notes, lambda: _single(getattr(instance, target.name), asked))


def _with_notes(notes: list[str], find: Callable[[], tuple[Functions, list[str]]]) -> tuple[Functions, list[str]]:
    """What is found, with sentences that were noted before."""
    try:
        functions, more = find()
    except UnnamedError as error:
        error.notes[:0] = notes
        raise
    return functions, [*notes, *more]


def _of_estimator(estimator: Any, method: str, asked: tuple[str, ...], notes: list[str]) -> tuple[Functions, list[str]]:
    name = asked[0] if len(asked) == 1 else METHODS[method]
    note = f"{method} of a copy of the estimator with the identity as its coefficients: its decisions are the logits"
    return {name: EstimatorFunction(estimator, method)}, [*notes, note]


def _torch_module(target: Any, asked: tuple[str, ...]) -> tuple[Functions, list[str]]:
    """A torch.nn.Module, or a class of them: itself, by the class's name, or its methods."""
    kind, notes = type(target), list[str]()
    if isinstance(target, type):
        kind = target
        target, notes = _instance(target)
    if len(asked) == 1:
        return {asked[0]: target}, notes
    name = getattr(target, "original_name", kind.__name__)  # a scripted module keeps its own
    operation = operation_of(name)
    if operation is None:
        try:
            return _members(target, asked)
        except UsageError:
            raise unnamed(kind.__name__, lambda operation: {operation: target}, notes) from None
    return {operation: target}, [*notes, f"operation {operation}, from the class name {name!r}"]


def _class(target: type, asked: tuple[str, ...]) -> tuple[Functions, list[str]]:
    """The methods of a class that are named as operations, of an instance if they need one; ``forward``; or a call."""
    methods = [name for name in dir(target) if name in _OPERATION_OF]
    if methods and all(
        isinstance(inspect.getattr_static(target, name), staticmethod | classmethod) for name in methods
    ):
        return _members(target, asked)
    if is_estimator(target):
        instance, notes = _instance(target)
        return _of_estimator(instance, "predict_proba", asked, notes)
    if not methods and is_layer(target):
        return _layer(target, asked)
    instance, notes = _instance(target)
    if not methods and not callable(instance):
        raise UsageError(f"class {target.__name__} has no method named as an operation, and no __call__.")
    return _with_notes(notes, lambda: _members(instance, asked) if methods else _single(instance, asked))


def _layer(target: type, asked: tuple[str, ...]) -> tuple[Functions, list[str]]:
    """``forward`` of a class as a function, and ``backward`` as its gradient."""
    _, notes = _instance(target)
    forward = Forward(lambda: _instance(target)[0], target)

    def functions(operation: str) -> Functions:
        found: Functions = {operation: forward, **backward_of(target, forward.make, operation)}
        return {name: f for name, f in found.items() if not asked or name in asked}

    notes = [f"{note} for each call" for note in notes]
    if asked:
        forwards = [o for o in operations.OPERATIONS if o in asked or GRADIENTS.get(o) in asked]
        return functions(forwards[0]), notes
    operation = operation_of(target.__name__)
    if operation is None or not can_take(forward, len(operations.OPERATIONS[operation].arguments)):
        raise unnamed(target.__name__, functions, notes, operation)
    return functions(operation), [*notes, f"operation {operation}, from the class name {target.__name__!r}"]


def _instance(target: type) -> tuple[Any, list[str]]:
    try:
        parameters = frozenset(inspect.signature(target).parameters)
    except (TypeError, ValueError):  # a builtin class has no readable signature
        parameters = frozenset()
    axis = {name: -1 for name in AXIS_NAMES if name in parameters} | {
        name: value for name, value in FIXED.items() if name in parameters
    }
    shown = ", ".join(f"{k}={v}" for k, v in axis.items())
    try:
        return target(**axis), [f"an instance {target.__name__}({shown}) was made"]
    except TypeError as error:
        raise UsageError(
            f"class {target.__name__} cannot be instantiated without arguments ({error}). Name an instance of it."
        ) from None


def _members(target: Any, asked: tuple[str, ...]) -> tuple[Functions, list[str]]:
    """The members of a module, class or object that are named as operations, or whose names hold one."""
    wanted = asked or operations.CORE
    functions = _by_names(target, wanted) or _by_words(target, wanted)
    shown = getattr(target, "__name__", type(target).__name__)
    if not functions:
        looked_for = ", ".join(wanted)
        raise UsageError(f"{shown} has no function named as an operation. Looked for: {looked_for} and their aliases.")
    return functions, [f"operations {', '.join(functions)}, from the names of functions in {shown}"]


def _by_names(target: Any, wanted: tuple[str, ...]) -> Functions:
    functions: Functions = {}
    for entry in map(operations.lookup, wanted):
        members = (getattr(target, name, None) for name in (entry.name, *entry.aliases))
        function = next((member for member in members if callable(member)), None)
        if function is not None:
            functions[entry.name] = function
    return functions


def _by_words(target: Any, wanted: tuple[str, ...]) -> Functions:
    """Functions of a module's own whose names hold an operation, where exactly one does for an operation."""
    candidates: dict[str, list[Any]] = {}
    for name, member in vars(target).items() if isinstance(target, ModuleType) else ():
        operation = operation_of(name)
        if callable(member) and getattr(member, "__module__", "") == target.__name__ and operation is not None:
            candidates.setdefault(operation, []).append(member)
    return {o: members[0] for o, members in candidates.items() if len(members) == 1 and o in wanted}
