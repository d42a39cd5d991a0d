"""Arguments and results in the form in which a function takes and gives them (`softcert_implementations.call_form`).

A request has logits (m, C) and labels (m,) as class indices. What another form needs is made of their bytes here, in
the subject's process, before the array library sees them; probabilities are those of our correctly rounded softmax.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from softcert_implementations.adapters.base import (
    Adapter,
    Argument,
    NotAnArrayError,
    Raw,
    UnsupportedError,
    View,
    numpy_view,
)
from softcert_implementations.call_form import CallForm
from softcert_oracle import operations


def given(form: CallForm, operation: str, arrays: Sequence[Raw], library: Adapter, *, by_rows: bool) -> list[Raw]:
    """The positional arguments of an operation in a form, in the operation's own order.

    Parameters
    ----------
    form
        How the function takes them.
    operation
        Its name.
    arrays
        The arguments in the plain form.
    library
        The array library that has to express them.
    by_rows
        Whether single rows are cut from them afterwards: a row has one axis only, so no axis is swapped.

    Returns
    -------
    list
        Those that need no change are the given objects themselves, or other views of their bytes.

    Raises
    ------
    UnsupportedError
        For labels that the form cannot express.
    """
    names = [a.name for a in operations.OPERATIONS[operation].arguments]
    made = list(arrays)
    if "labels" in names and form.labels != "indices":
        at = names.index("labels")
        made[at] = _LABELS[form.labels](numpy_view(arrays[at]), arrays[0])
    if names[0] == "x" and form.inputs != "logits":
        made[0] = _of_logits(form.inputs, arrays[0])
    if names[0] == "X":
        made = _linear(form, made, library)
    if form.classes == "first" and not by_rows:
        made = [_swapped(raw, library) if len(raw.shape) == 2 else raw for raw in made]
    return made


def ordered(form: CallForm, operation: str, values: Sequence[Any]) -> list[Any]:
    """Positional values in the order in which the function takes them."""
    names = [a.name for a in operations.OPERATIONS[operation].arguments]
    if form.order == "logits first" or "labels" not in names:
        return list(values)
    at = names.index("labels")
    return [values[at], *values[:at], *values[at + 1 :]]


def chosen(form: CallForm, value: Any) -> Any:
    """The part of what a function returned that is the operation's result.

    Raises
    ------
    NotAnArrayError
        Where the value has no such part.
    """
    if not form.result:
        return value
    try:
        return value[form.result] if isinstance(value, Mapping) else value[int(form.result)]
    except (KeyError, IndexError, TypeError, ValueError):
        raise NotAnArrayError(
            f"returned {type(value).__name__}, which has no part {form.result!r} (call: result={form.result})"
        ) from None


def parts_of(value: Any) -> tuple[str, ...]:
    """The names of the parts of a value that is a tuple, a list or a mapping; none for all others.

    >>> parts_of((1.0, None)), parts_of({"loss": 1.0}), parts_of(1.0)
    (('0', '1'), ('loss',), ())
    """
    if isinstance(value, Mapping):
        return tuple(str(key) for key in value if isinstance(key, str))[:_MOST_PARTS]
    return tuple(map(str, range(min(len(value), _MOST_PARTS)))) if isinstance(value, tuple | list) else ()


_MOST_PARTS = 8
"""How many results of one call are looked at."""


def of_list(value: Any) -> tuple[np.ndarray, bool]:
    """The array that a list of numbers is, and whether they are Python's own.

    Raises
    ------
    NotAnArrayError
        For a list of anything else, or of rows of several lengths.
    """
    try:
        array = np.asarray(value)
    except (ValueError, TypeError):
        array = np.empty(0, object)
    if array.dtype.hasobject or array.dtype.kind in "USmM":
        raise NotAnArrayError(f"returned a {type(value).__name__} of {len(value)}, which is no list of numbers")
    leaf = value
    while isinstance(leaf, list | tuple) and leaf:
        leaf = leaf[0]
    return np.ascontiguousarray(array), isinstance(leaf, int | float) and not isinstance(leaf, np.generic)


def result_of(form: CallForm, array: np.ndarray, *, by_rows: bool) -> np.ndarray:
    """A result with its classes last."""
    return np.ascontiguousarray(array.T) if form.classes == "first" and array.ndim == 2 and not by_rows else array


def watched(raw: Raw, made: Raw, argument: Argument) -> Argument:
    """An argument of which another array was made, with what reads the given one back: changed where the made one is.

    >>> raw = View.of(np.zeros(2, np.float32))
    >>> watched(raw, raw, Argument("x")).read_back is None
    True
    """
    if made.data is raw.data:
        return argument
    before = bytes(made.data)
    now = argument.read_back or (lambda: bytes(made.data))

    def read_back() -> bytes:
        whole = np.frombuffer(raw.data, np.uint8)
        return (whole if now() == before else ~whole).tobytes()  # inverted: what stands there now is something else

    return Argument(argument.value, read_back)


def _one_hot(labels: np.ndarray, logits: Raw) -> View:
    classes = logits.shape[-1]
    if labels.size and not (labels.min() >= 0 and labels.max() < classes):
        raise UnsupportedError("one-hot labels cannot name a class that does not exist")
    rows = np.zeros((len(labels), classes), numpy_view(logits).dtype)
    rows[np.arange(len(labels)), labels.astype(np.int64)] = 1
    return View.of(rows)


def _one_based(labels: np.ndarray, logits: Raw) -> View:
    if labels.size and labels.max() == np.iinfo(labels.dtype).max:
        raise UnsupportedError(f"{labels.dtype} has no label above {labels.max()}")
    return View.of(labels + labels.dtype.type(1))


_LABELS: Mapping[str, Callable[[np.ndarray, Raw], View]] = {"one-hot": _one_hot, "one-based": _one_based}


def _of_logits(inputs: str, logits: Raw) -> View:
    """Probabilities or log-probabilities of logits, each the number of the format nearest to the exact one."""
    from softcert_implementations.bundled.faithful.implementation import log_softmax, softmax

    x = numpy_view(logits)
    if 0 in x.shape:
        return View.of(x)
    return View.of((softmax if inputs == "probabilities" else log_softmax)(x))


def _linear(form: CallForm, arrays: list[Raw], library: Adapter) -> list[Raw]:
    """X, W, b and labels with the bias and the axes of the weights where the form has them."""
    features, weights, bias, labels = arrays
    if form.bias != "given":
        x, w, b = (numpy_view(a) for a in (features, weights, bias))
        features = View.of(np.concatenate([x, np.ones((len(x), 1), x.dtype)], axis=1))
        weights = View.of(np.concatenate([w, b[:, None]], axis=1))
    if form.weights != "classes first":
        weights = _swapped(weights, library)
    return [features, weights, bias, labels]


def _swapped(raw: Raw, library: Adapter) -> Raw:
    """A matrix with its axes swapped: a view where the library has such views, else a copy."""
    view = View(
        data=raw.data,
        format=raw.format,
        shape=raw.shape[::-1],
        strides=raw.strides[::-1],
        offset=raw.offset,
        writeable=raw.writeable,
    )
    return View.of(numpy_view(view)) if library.cannot(view) else view
