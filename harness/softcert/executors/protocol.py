"""The executor protocol: the bytes and plain facts that go to a subject and come back.

An executor runs calls; the harness never holds a subject's arrays, only their bytes. The in-process executor, the
isolated worker and a program in another language are therefore interchangeable.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from types import TracebackType
from typing import Any, Protocol, Self, runtime_checkable

import numpy as np

PYTHON_FLOAT = "python-float"
"""Format of a scalar that a subject returned as a Python number: float64 bits, accepted in place of any format."""


class FaultKind(StrEnum):
    """How a call failed; the values stand in findings and documents."""

    EXCEPTION = "exception"
    """The subject raised."""
    CRASH = "crash"
    """A signal ended the process."""
    EXIT = "exit"
    """The subject ended its process, or called `sys.exit`."""
    HANG = "hang"
    """No result came within the time limit."""
    MEMORY = "memory"
    """The subject passed its memory limit, or the system was out of memory."""
    RESULT = "result"
    """The subject returned something that is no array, or has the wrong structure."""
    PROTOCOL = "protocol"
    """The worker or the program sent what the protocol does not allow."""
    DECLINED = "declined"
    """The subject was called and declined: it raised an error of the adapters, or a program broke its greeting."""
    UNAVAILABLE = "unavailable"
    """The worker or the program says that it cannot run the call. A unit in which all calls say so is not run; beside
    answered calls it is a finding."""
    UNSUPPORTED = "unsupported"
    """The array library or the protocol of programs cannot express the request: decided in the harness, before the
    call and from the request's form alone. The case is not run."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Array:
    """An array as it travels: raw bytes and a view of them.

    Parameters
    ----------
    data : bytes, bytearray or memoryview
        The bytes of the view *and* of the memory around it. The surroundings are poisoned, so that a subject that
        reads or writes beside its view is seen.
    format : str
        Name of the element type: "float32", "bfloat16", "int64", "bool", ...; `PYTHON_FLOAT` for a Python number. A
        type in foreign byte order keeps NumPy's code (">f4").
    shape : tuple of int
        Length of each axis.
    strides : tuple of int
        Step along each axis in bytes; may be negative.
    offset : int, default 0
        Bytes in ``data`` before the first element.
    writeable : bool, default True
        False asks for a read-only array, where the array library has them.

    Examples
    --------
    >>> array = Array.of(np.array([[1.0, 2.0]], np.float32))
    >>> array.format, array.shape, array.strides
    ('float32', (1, 2), (8, 4))
    >>> to_numpy(array)
    array([[1., 2.]], dtype=float32)
    """

    data: bytes | bytearray | memoryview
    format: str
    shape: tuple[int, ...]
    strides: tuple[int, ...]
    offset: int = 0
    writeable: bool = True

    @classmethod
    def of(cls, values: np.ndarray, buffer: np.ndarray | None = None, format: str | None = None) -> Array:
        """The array of NumPy values.

        Parameters
        ----------
        values : ndarray
            The elements, of any shape and layout.
        buffer : ndarray of uint8, one-dimensional, optional
            The memory that ``values`` is a view of: then layout and surroundings travel too. Without it the elements
            are copied in C order.
        format : str, optional
            Name of the format, where it is not the name of the NumPy type.
        """
        name = format or values.dtype.name
        if buffer is None:
            values = np.ascontiguousarray(values).reshape(values.shape)
            return cls(data=values.tobytes(), format=name, shape=values.shape, strides=values.strides)
        offset = int(values.__array_interface__["data"][0] - buffer.__array_interface__["data"][0])
        return cls(
            data=buffer.data,
            format=name,
            shape=values.shape,
            strides=values.strides,
            offset=offset,
            writeable=bool(values.flags.writeable),
        )


@dataclass(frozen=True, eq=False, kw_only=True)
class Request:
    """One call.

    Parameters
    ----------
    operation : str
        Name of the operation, from `softcert_oracle.operations.OPERATIONS`.
    format : str
        Name of the format of the logits.
    arrays : tuple of Array
        The positional arguments in the order of the table of operations: logits of shape (m, C), then, where the
        operation takes them, labels of shape (m,).
    keywords : dict of str to Array
        Options whose values are arrays.
    options : dict of str to object
        Options whose values are plain (numbers, strings, booleans, None).
    kind : str, default "arrays"
        What the subject is to be given the logits as (`softcert_implementations.adapters.kinds`). They travel as an
        array of the format.
    """

    operation: str
    format: str
    arrays: tuple[Array, ...]
    keywords: dict[str, Array] = field(default_factory=dict)
    options: dict[str, Any] = field(default_factory=dict)
    kind: str = "arrays"

    def all_arrays(self) -> tuple[Array, ...]:
        """All arrays in the order that `Reply.after` counts: the positional ones, then the keywords."""
        return (*self.arrays, *self.keywords.values())


@dataclass(frozen=True)
class Fault:
    """Why a call has no result.

    Parameters
    ----------
    kind : FaultKind
        How the call failed.
    message : str
        One sentence for a person.
    detail : str, default ""
        The traceback, the name of the signal, or the limit that was passed.
    """

    kind: FaultKind
    message: str
    detail: str = ""


@dataclass(frozen=True, eq=False, kw_only=True)
class Reply:
    """The outcome of one call: exactly one of ``results`` and ``fault`` is set.

    Parameters
    ----------
    results : tuple of Array, optional
        The results in C order; one array for most operations.
    fault : Fault, optional
        Why there is no result.
    after : dict of int to bytes
        The bytes of each argument's buffer that the call changed, by its index in `Request.all_arrays`.
    observations : tuple of (kind, text)
        Side effects that decide no verdict; the kinds are "stdout", "stderr", "warning", "thread",
        "floating-point environment", "lazy result" and "result overwritten".
    seconds : float, default 0.0
        Wall-clock time of the call in the subject, in seconds.
    """

    results: tuple[Array, ...] | None = None
    fault: Fault | None = None
    after: dict[int, bytes] = field(default_factory=dict)
    observations: tuple[tuple[str, str], ...] = ()
    seconds: float = 0.0


OVERWRITTEN = "result overwritten"
"""Kind of an observation: the result buffer of the previous call was overwritten."""

AFTERWARDS = "after that call was over"
"""Words of such an observation where no later call wrote, but something that the subject left running."""

LAZY = "lazy result"
"""Kind of an observation: the result is computed by whoever reads it."""


@runtime_checkable
class Executor(Protocol):
    """Runs the calls of one subject; a context manager that closes itself.

    `InProcessExecutor`, `ProcessExecutor` and `ProgramExecutor` (softcert.executors) satisfy it.
    """

    @property
    def given_up(self) -> bool:
        """Whether the subject ended its process too often in a row: each further call gets the same fault at once."""

    @property
    def deaths(self) -> int:
        """Number of processes that the subject has ended so far."""

    def run(self, request: Request) -> Reply:
        """Run one call.

        Parameters
        ----------
        request : Request
            The operation and its arguments.

        Returns
        -------
        Reply
            The results, or the fault; whatever the subject does, a reply comes back.

        Raises
        ------
        ValueError
            If the executor is closed.
        """

    def renew(self) -> None:
        """Have the next call made by a process that has made none, and give a subject that was given up its turn."""

    def run_all(self, requests: Iterable[Request]) -> Iterator[Reply]:
        """Run calls one after the other, some of them ahead of the replies that are asked for.

        Parameters
        ----------
        requests : iterable of Request
            The calls. They are pulled as they are needed; those that are not pulled are not made.

        Yields
        ------
        Reply
            The replies in order, those that a loop of `run` would give. Where the generator is closed before its end,
            no later call meets what the calls ahead have left.

        Raises
        ------
        ValueError
            If the executor is closed.
        """

    def close(self) -> None:
        """Release the subject and the process that runs it; may be called twice."""

    def __enter__(self) -> Self:
        """The executor itself."""

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close it."""


def to_numpy(array: Array) -> np.ndarray:
    """The array as a NumPy view of its bytes (ml_dtypes formats included)."""
    from softcert_oracle.numbers import formats

    known = formats.FORMATS.get(array.format)
    dtype = known.dtype if known else np.dtype("float64" if array.format == PYTHON_FLOAT else array.format)
    return np.ndarray(array.shape, dtype, buffer=array.data, offset=array.offset, strides=array.strides)


def changed_buffers(request: Request, buffers: Iterable[np.ndarray]) -> dict[int, bytes]:
    """The buffers that a call changed, as `Reply.after` holds them.

    Parameters
    ----------
    request : Request
        The request, with the bytes from before the call.
    buffers : iterable of ndarray of uint8, one-dimensional
        The buffer of each array after the call, in the order of `Request.all_arrays`.
    """
    pairs = zip(request.all_arrays(), buffers, strict=True)
    return {
        i: now.tobytes() for i, (array, now) in enumerate(pairs) if _differs(np.frombuffer(array.data, np.uint8), now)
    }


def _differs(before: np.ndarray, after: np.ndarray) -> bool:
    """Whether two buffers of bytes differ; eight bytes at a time where their length allows."""
    if before.size != after.size:
        return True
    whole = before.size & ~7
    a, b = before[:whole].view(np.uint64), after[:whole].view(np.uint64)
    return not np.array_equal(a, b) or not np.array_equal(before[whole:], after[whole:])
