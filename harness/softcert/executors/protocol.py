"""The executor protocol: what goes to a subject and what comes back, as raw bytes and plain facts.

An executor runs calls; the harness never holds a subject's arrays, only their bytes. So the in-process
executor, the isolated worker and a program in another language are interchangeable.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np

PYTHON_FLOAT = "python-float"


@dataclass(frozen=True, eq=False)
class Array:
    """An array as it travels: raw bytes, a format name ("float32", "bfloat16", "int64", "bool") and a view.

    A scalar that a subject returned as a Python number has the format "python-float": float64 bits, which
    are accepted in the place of any format. A type in foreign byte order keeps NumPy's code (">f4").
    ``strides`` and ``offset`` are in bytes, within ``data`` (so that what lies around the view travels too:
    it is poisoned, and a subject that reads or writes there is seen). ``writeable`` False asks for a
    read-only array where the array library has them.
    """

    data: bytes | bytearray | memoryview
    format: str
    shape: tuple[int, ...]
    strides: tuple[int, ...]
    offset: int = 0
    writeable: bool = True

    @classmethod
    def of(cls, values: np.ndarray, buffer: np.ndarray | None = None, format: str | None = None) -> Array:
        """From a NumPy array (a view into ``buffer``, one-dimensional uint8, where that is given)."""
        name = format or values.dtype.name
        if buffer is None:
            values = np.ascontiguousarray(values).reshape(values.shape)
            return cls(values.tobytes(), name, values.shape, values.strides)
        offset = int(values.__array_interface__["data"][0] - buffer.__array_interface__["data"][0])
        return cls(buffer.data, name, values.shape, values.strides, offset, bool(values.flags.writeable))


@dataclass(frozen=True, eq=False)
class Request:
    """One call: the operation, its arguments in the order of the table of operations, its options.

    ``arrays`` holds the positional arguments, ``keywords`` array-valued options, ``options`` plain ones.
    """

    operation: str
    format: str
    arrays: tuple[Array, ...]
    keywords: dict[str, Array] = field(default_factory=dict)
    options: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Fault:
    """What went wrong instead of a result.

    ``kind``: "exception", "crash" (signal), "exit", "hang", "memory", "result" (not an array: wrong type,
    wrong structure), "unsupported" (the array library cannot express the request: not run, no finding),
    "unavailable" (the library is missing).
    """

    kind: str
    message: str
    detail: str = ""  # traceback, signal name, the limit that was passed


@dataclass(frozen=True, eq=False)
class Reply:
    """The outcome of one call.

    Exactly one of ``results`` (one array for most operations) and ``fault`` is set. ``after`` holds the bytes of
    the arguments' buffers after the call where they differ from before: index of the argument -> new bytes.
    ``observations`` are (kind, text): "stdout", "stderr", "warning", "thread", "floating-point environment".
    """

    results: tuple[Array, ...] | None
    fault: Fault | None = None
    after: dict[int, bytes] = field(default_factory=dict)
    observations: tuple[tuple[str, str], ...] = ()
    seconds: float = 0.0


class Executor(Protocol):
    """Runs the calls of one subject. Use as a context manager; `close` may be called twice."""

    def run(self, request: Request) -> Reply:
        """Run one call; whatever the subject does, a Reply comes back."""

    def close(self) -> None:
        """Release the subject and whatever runs it."""


def to_numpy(array: Array) -> np.ndarray:
    """The array as a NumPy view of its bytes (ml_dtypes formats included)."""
    from softcert_oracle.numbers import formats

    known = formats.FORMATS.get(array.format)
    dtype = known.dtype if known else np.dtype("float64" if array.format == PYTHON_FLOAT else array.format)
    return np.ndarray(array.shape, dtype, buffer=array.data, offset=array.offset, strides=array.strides)
