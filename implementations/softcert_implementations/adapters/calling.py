"""One call of one operation: arguments into the library's arrays, the function, its results as bits.

Shared by every executor and by the trial calls of the resolver, so that a subject is called in one way only.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from softcert_implementations.adapters import forming, kinds
from softcert_implementations.adapters.base import (
    Adapter,
    Argument,
    DeclinedError,
    NotAnArrayError,
    Raw,
    UnavailableError,
    UnsupportedError,
    View,
    format_name,
    numpy_dtype,
)
from softcert_implementations.adapters.deferred import deferred
from softcert_implementations.adapters.lookup import adapter
from softcert_implementations.call_form import PLAIN, CallForm
from softcert_implementations.implementation import Implementation
from softcert_oracle import operations
from softcert_oracle.errors import UsageError
from softcert_oracle.numbers import formats

PYTHON_FLOAT = "python-float"
"""The format of a scalar returned as a Python number: float64 bits, accepted in the place of any format."""

_FORMATS = tuple(f.dtype for f in formats.FORMATS.values())

Results = tuple[tuple[np.ndarray, ...], tuple[str, ...]]
"""Arrays in C order, and the format of each."""


@dataclass(frozen=True)
class Outcome:
    """What a call gave.

    Parameters
    ----------
    results
        The arrays, in C order.
    formats
        The format of each.
    read_back
        For arguments that live elsewhere than in the request (on a GPU, in a private copy): the function that gives
        the bytes of the argument's buffer after the call, by the index of the argument.
    subclasses
        The types of results that are subclasses of the library's array: they may override what a comparison says.
    deferred
        Why results defer their computation until they are read; empty for most.
    """

    results: tuple[np.ndarray, ...]
    formats: tuple[str, ...]
    read_back: Mapping[int, Callable[[], bytes]] = field(default_factory=dict)
    subclasses: tuple[str, ...] = ()
    deferred: tuple[str, ...] = ()


def call(
    implementation: Implementation,
    operation: str,
    format: str,
    arrays: Sequence[Raw],
    keywords: Mapping[str, Raw] | None = None,
    options: Mapping[str, Any] | None = None,
    *,
    kind: str = kinds.PLAIN,
) -> Outcome:
    """Call the implementation's function of an operation; for a function of one row, once for each row.

    Parameters
    ----------
    implementation
        Its function, array library and contract are used.
    operation, format
        Their names; the format is that of the logits.
    arrays
        The positional arguments: the logits first, with one row along the first axis, then labels or others.
    keywords
        Arguments that are arrays and are given by keyword, for a function of one row cut to the row where their first
        axis has the same length.
    options
        Arguments that are no arrays, given by keyword.
    kind
        What the logits are given as (`softcert_implementations.adapters.kinds`).

    Raises
    ------
    UsageError
        If the implementation has no such operation.
    UnsupportedError, UnavailableError, NotAnArrayError
        By the adapter: the array library cannot express the arguments, cannot be used, or the result is no array.
    DeclinedError
        Where the subject itself raises one of the first two.
    BaseException
        Whatever the subject raises.

    Examples
    --------
    >>> doubled = Implementation("doubled", {"softmax": lambda x: x * 2}, batched=True)
    >>> call(doubled, "softmax", "float32", [View.of(np.ones((1, 2), np.float32))]).results[0]
    array([[2., 2.]], dtype=float32)
    """
    if operation not in implementation.ops:
        raise UsageError(f"operation={operation!r}: {implementation.name} has {', '.join(implementation.ops)}.")
    library = adapter(implementation.arrays)
    by_rows = implementation.batched is False
    if reason := inexpressible(implementation.arrays, by_rows, arrays, keywords or {}):
        raise UnsupportedError(reason)
    library.check()
    if reason := library.refuses(implementation.ops[operation], format):
        raise UnsupportedError(reason)
    form = CallForm.parsed(implementation.contract.value("call", operation, format))
    function = _Function(
        library=library,
        function=implementation.ops[operation],
        operation=operation,
        device=implementation.contract.value("device", operation, format),
        options=options or {},
        form=form,
        kind=_kind(kind, form),
        single=by_rows and kind != "0-d",
    )
    with library.surroundings(format):
        if function.single:
            return function.by_rows(arrays, keywords or {})
        return function.of_batch(arrays, keywords or {})


def _kind(kind: str, form: CallForm) -> str:
    """What the logits are given as, where the form of the call has a say in it."""
    if form.values == "lists":
        if kind != kinds.PLAIN:
            raise UnsupportedError(f"a function of lists takes no logits of the kind {kind!r}")
        return "lists"
    if form.inputs != "logits" and kind != kinds.PLAIN:
        raise UnsupportedError(f"a function of {form.inputs} takes none of the kind {kind!r}")
    return kind


def inexpressible(arrays: str, by_rows: bool, given: Sequence[Raw], keywords: Mapping[str, Raw]) -> str:
    """Why an array library cannot express some arguments, by their form alone; "" where it can.

    Parameters
    ----------
    arrays
        The name of the library, which is not imported.
    by_rows
        Whether the function takes one row at a time, which decides the layout that the library has to express.
    given, keywords
        The arguments. Their values are not looked at, so no subject can decline an input for what it holds.

    Examples
    --------
    >>> reversed_row = View(data=bytes(8), format="float32", shape=(1, 2), strides=(8, -4), offset=4)
    >>> inexpressible("torch", False, [reversed_row], {})
    'torch has no negative strides'
    >>> inexpressible("numpy", False, [reversed_row], {})
    ''
    """
    cannot = adapter(arrays).cannot
    parts = [*given, *keywords.values()]
    if by_rows:
        rows = given[0].shape[0]
        if not rows:
            return ""
        per_row = [a for a in keywords.values() if a.shape[:1] == given[0].shape[:1]]
        whole = [a for a in keywords.values() if a.shape[:1] != given[0].shape[:1]]
        parts = [*(_row(a, 0) for a in (*given, *per_row)), *whole]
    return next((reason for part in parts if (reason := cannot(part))), "")


@dataclass(frozen=True, kw_only=True)
class _Function:
    """A function of a subject, and all that its calls have in common."""

    library: Adapter
    function: Callable[..., Any]
    operation: str
    device: str
    options: Mapping[str, Any]
    form: CallForm
    kind: str
    single: bool
    subclasses: dict[str, None] = field(default_factory=dict)
    deferred: dict[str, None] = field(default_factory=dict)

    def of_batch(self, arrays: Sequence[Raw], keywords: Mapping[str, Raw]) -> Outcome:
        """One call on all rows."""
        arguments = self._positional(arrays)
        named = {k: self._argument(a) for k, a in keywords.items()}
        results, names = self._called(arguments, named)
        places = enumerate([*arguments, *named.values()])
        read_back = {i: a.read_back for i, a in places if a.read_back is not None}
        return Outcome(results, names, read_back, tuple(self.subclasses), tuple(self.deferred))

    def by_rows(self, arrays: Sequence[Raw], keywords: Mapping[str, Raw]) -> Outcome:
        """One call for each row, the results stacked."""
        logits, arrays = arrays[0], self._formed(arrays)
        per_row = {k for k, a in keywords.items() if a.shape[:1] == logits.shape[:1]}
        rows = []
        for i in range(logits.shape[0]):
            arguments = self._given([_row(a, i) for a in arrays])
            named = {k: self._argument(_row(a, i) if k in per_row else a) for k, a in keywords.items()}
            (result, *_), (name, *_) = self._called(arguments, named)
            rows.append((result, name))
        if not rows:
            per_class = "C" in operations.OPERATIONS[self.operation].result
            shape = (0, *logits.shape[1:]) if per_class else (0,)
            return Outcome((np.empty(shape, numpy_dtype(logits.format)),), (logits.format,))
        kinds = {(result.shape, name) for result, name in rows}
        if len(kinds) > 1:
            shown = ", ".join(sorted(f"{name} {shape}" for shape, name in kinds))
            raise NotAnArrayError(f"returned results of different kinds for the rows of one batch: {shown}")
        stacked = np.stack([result for result, _ in rows])
        return Outcome((stacked,), (rows[0][1],), subclasses=tuple(self.subclasses), deferred=tuple(self.deferred))

    def _formed(self, arrays: Sequence[Raw]) -> Sequence[Raw]:
        if self.form == PLAIN:
            return arrays
        return forming.given(self.form, self.operation, arrays, self.library, by_rows=self.single)

    def _positional(self, arrays: Sequence[Raw]) -> list[Argument]:
        """All arguments in their form, in the operation's order."""
        formed = self._formed(arrays)
        arguments = zip(arrays, formed, self._given(formed), strict=True)
        return [forming.watched(raw, made, argument) for raw, made, argument in arguments]

    def _given(self, arrays: Sequence[Raw]) -> list[Argument]:
        """The logits in their kind, and the other arguments."""
        others = self.kind if self.kind in kinds.WITH_LABELS else kinds.PLAIN
        wanted = (self.kind, *(others for _ in arrays[1:]))
        return [kinds.given(self.library, a, self.device, kind) for a, kind in zip(arrays, wanted, strict=True)]

    def _argument(self, raw: Raw) -> Argument:
        return self.library.argument(raw, self.device)

    def _called(self, arguments: Sequence[Argument], named: Mapping[str, Argument]) -> Results:
        values = {k: a.value for k, a in named.items()}
        try:
            positional = forming.ordered(self.form, self.operation, [a.value for a in arguments])
            value = self.function(*positional, **values, **self.options)
        except (UnsupportedError, UnavailableError) as error:
            raise DeclinedError(str(error)).with_traceback(error.__traceback__) from None
        return self._results(value)

    def _results(self, value: Any) -> Results:
        try:
            return self._read(forming.chosen(self.form, value))
        except NotAnArrayError as error:
            error.deferred, error.parts = deferred(value), forming.parts_of(value)
            raise

    def _read(self, value: Any) -> Results:
        count = operations.OPERATIONS[self.operation].result.count("(")
        if count == 1:
            parts: tuple[Any, ...] = (value,)
        elif isinstance(value, tuple | list) and len(value) == count:
            parts = tuple(value)
        else:
            raise NotAnArrayError(
                f"returned {type(value).__qualname__}; {self.operation} has {count} results, as a tuple"
            )
        for part in parts:
            if name := _subclass(part):
                self.subclasses[name] = None
                if reason := deferred(part):
                    self.deferred[reason] = None
        pairs = [self._result(part) for part in parts]
        return tuple(array for array, _ in pairs), tuple(name for _, name in pairs)

    def _result(self, value: Any) -> tuple[np.ndarray, str]:
        if self.form.values != "arrays" and isinstance(value, list | tuple):
            array, own = forming.of_list(value)
            name = PYTHON_FLOAT if own else format_name(array.dtype)
            array = array.astype(np.float64) if own else array
        else:
            array, name = _result(self.library, value)
        return forming.result_of(self.form, array, by_rows=self.single), name


def _row(raw: Raw, index: int) -> View:
    return View(
        data=raw.data,
        format=raw.format,
        shape=raw.shape[1:],
        strides=raw.strides[1:],
        offset=raw.offset + index * raw.strides[0],
        writeable=raw.writeable,
    )


def _subclass(value: Any) -> str:
    """The name of an array's type where that is derived from NumPy's or torch's own; otherwise ""."""
    kind = type(value)
    for base in kind.__mro__[1:]:
        if base is np.ndarray or (base.__module__, base.__qualname__) == ("torch", "Tensor"):
            return f"{kind.__module__}.{kind.__qualname__}"
    return ""


def _result(library: Adapter, value: Any) -> tuple[np.ndarray, str]:
    if value is None:
        raise NotAnArrayError("returned None: does the function end without a return?")
    if type(value) in (float, int):
        try:
            return np.array(float(value)), PYTHON_FLOAT
        except OverflowError:
            raise NotAnArrayError("returned a Python integer beyond the range of float64") from None
    if type(value) in (tuple, list):
        raise NotAnArrayError(f"returned a {type(value).__name__} of {len(value)}, not one array")
    array = library.result(value)
    if array.dtype.kind not in "biufc" and array.dtype not in _FORMATS:
        raise NotAnArrayError(f"returned an array of {array.dtype}, a type that softcert does not read")
    return array, format_name(array.dtype)
