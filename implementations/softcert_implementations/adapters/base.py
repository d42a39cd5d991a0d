"""What an adapter is: how raw bytes become arrays of one library, and how its results become bytes again.

Arrays travel as bytes plus a format name (ml_dtypes carries bfloat16 and float8 through NumPy), so that no
value is ever converted on its way to a subject or back. An adapter never casts: what a library cannot
express is `UnsupportedError`, what a subject returns is reported in the format that it has.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import cache
from typing import Any, Protocol

import numpy as np

from softcert_oracle.numbers import formats


class Raw(Protocol):
    """An array as raw bytes with a view: the part of `softcert.executors.protocol.Array` that adapters read."""

    @property
    def data(self) -> Any:
        """The bytes, writeable: the subject works on them in place where its library can."""

    @property
    def format(self) -> str:
        """A format's name, or "int64", "int32", "bool", ..."""

    @property
    def shape(self) -> tuple[int, ...]:
        """Lengths of the axes."""

    @property
    def strides(self) -> tuple[int, ...]:
        """Steps in bytes."""

    @property
    def offset(self) -> int:
        """Bytes before the first element."""

    @property
    def writeable(self) -> bool:
        """False asks for a read-only array where the library has them."""


@dataclass(frozen=True, kw_only=True)
class View:
    """A `Raw` that is made here: the rows of another one, and the arrays of trial calls."""

    data: Any
    format: str
    shape: tuple[int, ...]
    strides: tuple[int, ...]
    offset: int = 0
    writeable: bool = True

    @classmethod
    def of(cls, values: np.ndarray) -> View:
        """A private copy of a NumPy array."""
        own = np.array(values, order="C", copy=True)
        return cls(
            data=own.reshape(-1).view(np.uint8).data,
            format=format_name(own.dtype),
            shape=own.shape,
            strides=own.strides,
        )


class UnsupportedError(Exception):
    """The array library cannot express the request. Only adapters raise it, before the subject is called."""


class UnavailableError(Exception):
    """The array library is not installed, or refuses to start."""


class DeclinedError(Exception):
    """The subject itself raised an error of the adapters: it was called, and declined an input that it claims."""


class NotAnArrayError(Exception):
    """The subject returned something that is no array (or scalar) of its library.

    Attributes
    ----------
    deferred
        Why the value is computed by whoever reads it (`softcert_implementations.adapters.deferred`); "" for all others.
    parts
        The names of the parts of a tuple, a list or a mapping.
    """

    deferred: str = ""
    parts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Argument:
    """An argument in the library's own type.

    ``read_back`` gives the bytes of its whole buffer after the call; None where the library worked on
    the very bytes of the request (the executor then compares those).
    """

    value: Any
    read_back: Callable[[], bytes] | None = None


def _no_surroundings(format: str) -> AbstractContextManager[Any]:
    return nullcontext()


def _everything(raw: Raw) -> str:
    return ""


def _every_format(function: Callable[..., Any], format: str) -> str:
    return ""


@dataclass(frozen=True, kw_only=True)
class Adapter:
    """One array library: how arrays get into it and out of it.

    Parameters
    ----------
    name
        The name by which `lookup.adapter` finds it.
    library
        The module that is imported before the first call.
    argument
        ``argument(raw, device)`` makes an `Argument` of the library. It raises `UnsupportedError` for a format that
        the installed release of the library does not have.
    cannot
        ``cannot(raw)`` says why no release of the library can hold an array of this form, or "". It looks at format,
        shape, strides and offset and never at values, and does not import the library: the harness asks it too.
    refuses
        ``refuses(function, format)`` says why a function of this library has no such format by its own declaration (a
        model with typed inputs), or "".
    result
        ``result(value)`` gives a NumPy array of the same bits, in C order. It raises `NotAnArrayError` for anything
        but an array of the library.
    differentiate
        ``differentiate(function)`` gives the vector-Jacobian product of a function by its first argument, which takes
        the keyword ``upstream`` (ones if it is left out) and can be differentiated once more. None for a library
        without automatic differentiation.
    surroundings
        ``surroundings(format)`` is a context manager that is entered around each call.
    flush_subnormals
        Whether the library replaces subnormal numbers by zero, which becomes the default of the contract.
    fork_safe
        Whether a process that has loaded the library may be forked before it computes.
    requirement
        What to install if the library is missing; "" if the package is named like the module.
    """

    name: str
    library: str
    argument: Callable[[Raw, str], Argument]
    result: Callable[[Any], np.ndarray]
    differentiate: Callable[[Callable[..., Any]], Callable[..., Any]] | None = None
    cannot: Callable[[Raw], str] = _everything
    refuses: Callable[[Callable[..., Any], str], str] = _every_format
    surroundings: Callable[[str], AbstractContextManager[Any]] = _no_surroundings
    flush_subnormals: bool = False
    fork_safe: bool = True
    requirement: str = ""

    def check(self) -> None:
        """Import the library; `UnavailableError`, in one sentence, where that fails."""
        if self.library and sys.modules.get(self.library) is None:
            require(self.library, self.requirement or self.library)


def require(library: str, package: str) -> Any:
    """The imported library; `UnavailableError` with what to install otherwise."""
    try:
        return importlib.import_module(library)
    except ImportError as error:
        missing = isinstance(error, ModuleNotFoundError) and (error.name or "").split(".")[0] == library.split(".")[0]
        reason = "is not installed" if missing else f"cannot be imported ({type(error).__name__}: {error})"
        raise UnavailableError(
            f"the array library {library} {reason}; install it with: pip install {package}"
        ) from None


def numpy_dtype(format: str) -> np.dtype[Any]:
    """The NumPy type (ml_dtypes included) of a format name."""
    known = formats.FORMATS.get(format)
    return known.dtype if known else np.dtype(format)


@cache
def format_name(dtype: np.dtype[Any]) -> str:
    """The format name of a NumPy type; types in foreign byte order keep their NumPy code (">f4")."""
    return dtype.name if dtype.isnative else dtype.str


def numpy_view(raw: Raw) -> np.ndarray:
    """The request's bytes as a NumPy array, without a copy.

    Parameters
    ----------
    raw
        Bytes with a format, shape, strides and offset in bytes; nothing need be aligned to the format.

    Returns
    -------
    numpy.ndarray
        An array of ``raw.shape`` with the same memory, read-only if ``raw`` is. Its base is all of the memory around
        it, in the type of the format: a subject that reads beside its array reads the poison of the request.
    """
    dtype = numpy_dtype(raw.format)
    skipped = raw.offset % dtype.itemsize
    around = np.frombuffer(raw.data, np.uint8)
    if whole := (around.size - skipped) // dtype.itemsize:
        around = np.frombuffer(raw.data, dtype, whole, skipped)
    view: np.ndarray = np.ndarray(
        raw.shape, dtype, buffer=around, offset=raw.offset - skipped if whole else raw.offset, strides=raw.strides
    )
    if not raw.writeable:
        view.flags.writeable = False
    return view


def only_contiguous(library: str) -> Callable[[Raw], str]:
    """The ``cannot`` of a library without strided views: a copy in C order would only repeat another case."""

    def cannot(raw: Raw) -> str:
        return "" if _in_c_order(raw) else f"{library} has no strided views of existing memory"

    return cannot


def between_elements(raw: Raw) -> bool:
    """Whether an array begins or steps between the elements of its memory."""
    size = numpy_dtype(raw.format).itemsize
    return bool(raw.offset % size or any(s % size for s in raw.strides))


def _in_c_order(raw: Raw) -> bool:
    """Whether the elements follow one another in C order, as NumPy counts it: axes of length 1 have any stride."""
    step = numpy_dtype(raw.format).itemsize
    if 0 in raw.shape:
        return True
    for length, stride in zip(reversed(raw.shape), reversed(raw.strides), strict=True):
        if length != 1 and stride != step:
            return False
        step *= length
    return True


def contiguous_only(raw: Raw, library: str) -> np.ndarray:
    """A private contiguous copy, for libraries without strided views.

    Raises `UnsupportedError` for any other layout than C order.
    """
    if reason := only_contiguous(library)(raw):
        raise UnsupportedError(reason)
    return numpy_view(raw).copy()
