"""Programs in any language (``exec:./program``): requests on stdin, results on stdout, one process for all calls.

docs/exec-protocol.md describes the protocol for authors of such programs. A program is a process of its own, so it
is isolated: a crash, an exit or a hang costs a restart, as for a worker. Arrays are in C order; the protocol cannot
express options and other layouts, which are "unsupported". What a program itself cannot do it says in its greeting.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from types import TracebackType
from typing import Any

import numpy as np

from softcert.executors.crashes import CrashCounter
from softcert.executors.greeting import FORMAT_NUMBERS, MAGIC, OPERATION_NUMBERS, Greeting, read_greeting
from softcert.executors.programs.faults import ended, is_text, not_flushed, text_on_stdout
from softcert.executors.protocol import Array, Fault, FaultKind, Reply, Request
from softcert.executors.transport.captured_text import anonymous_file, take_text
from softcert.executors.transport.channel import reader
from softcert.executors.transport.untrusted import ProtocolError
from softcert.executors.worker.resources import limit_files
from softcert_implementations.adapters.base import numpy_dtype, numpy_view
from softcert_implementations.contract import ResolvedContract
from softcert_oracle import operations

VERSION = 1
HEADER = struct.Struct("<IIIIQQ")  # version, operation, format, bytes of a label, rows m, classes C
ANSWER = struct.Struct("<q")  # bytes of the result; negative: not supported
_LABEL_BYTES = {"int32": 4, "int64": 8}
_LAST_WORD = 1.0  # seconds for what a program holds back until its stdin ends
_TEXT = 200  # bytes of a program's text on stdout that are looked at
_AT_ONCE = getattr(select, "PIPE_BUF", 512)  # bytes that a pipe takes at once wherever it takes any


class ProgramExecutor:
    """Runs the calls of one program; satisfies `softcert.executors.protocol.Executor`.

    Parameters
    ----------
    command : iterable of str
        The program and its arguments, as `subprocess.Popen` takes them.
    terms : mapping of (operation, format) to Terms, optional
        The contract's terms: they say in which format and with which reduction the program answers.
    timeout : float, default 10
        Seconds that a call may take.
    memory_limit : int or None, default 4 GiB
        Bytes of the program's own data; None for no limit. Enforced on Linux only.
    deaths_limit : int, default 5
        Calls in a row that end the program before it is given up: each further call then gets the same fault at once.
    """

    def __init__(
        self,
        command: Iterable[str],
        terms: Mapping[tuple[str, str], ResolvedContract] | None = None,
        *,
        timeout: float = 10.0,
        memory_limit: int | None = 4 << 30,
        deaths_limit: int = 5,
    ) -> None:
        self.command = list(command)
        self.timeout, self.memory_limit = timeout, memory_limit
        self._terms = dict(terms or {})
        self._crashes = CrashCounter(deaths_limit)
        self._errors = anonymous_file("stderr")
        self._process: subprocess.Popen[bytes] | None = None
        self._read: Any = None
        self._closed = False
        self._answers, self._ever_answered = 0, False  # by this process, by any
        self._begun = b""  # of an answer that did not come to its end
        self.greeting: Greeting | None = None

    @property
    def deaths(self) -> int:
        """Number of processes lost so far."""
        return self._crashes.deaths

    @property
    def given_up(self) -> bool:
        """Whether the program is no longer started."""
        return self._crashes.given_up

    def run(self, request: Request) -> Reply:
        """Run one call; whatever the program does, a Reply comes back. `ValueError` after `close`."""
        if self._closed:
            raise ValueError("this executor is closed")
        if self.given_up:
            return self._crashes.refusal()
        frame = _frame(request)
        if isinstance(frame, Fault):
            return Reply(fault=frame)
        if self.greeting is not None and _pair(request) not in self.greeting:
            return Reply(fault=_not_in_greeting(request))
        start = time.perf_counter()
        try:
            process = self._started()
        except OSError as error:
            return self._crashes.lost(Fault(FaultKind.CRASH, f"the program cannot be started: {error}"), (), 0.0)
        try:
            reply = self._exchange(process, frame, request, start)
        except ProtocolError as error:
            self._end()
            fault = Fault(FaultKind.PROTOCOL, f"the program broke the protocol: it sent {error}", "it was killed")
            return self._crashes.lost(fault, self._observations(), time.perf_counter() - start)
        except BaseException:  # Ctrl-C: an answer that came later would be taken for that of the next call
            self._end()
            raise
        if reply.fault is None or reply.fault.kind in _LIVES_ON:
            self._crashes.survived()
        return reply

    def run_all(self, requests: Iterable[Request]) -> Iterator[Reply]:
        """Run calls one after the other, each when its reply is asked for."""
        return map(self.run, requests)

    def _exchange(self, process: subprocess.Popen[bytes], frame: bytes, request: Request, start: float) -> Reply:
        deadline = time.monotonic() + self.timeout
        if self._answers and (unasked_for := self._read(1, 0.0)):
            if is_text(unasked_for):
                return self._ended_by(text_on_stdout(unasked_for + self._more()), start)
            raise ProtocolError("bytes that nobody had asked for")
        if not _write(process, frame, deadline):
            return self._lost(None, start)
        head = self._head(deadline)
        if not isinstance(head, bytes):
            return self._lost(head, start, flushes=len(frame) > _AT_ONCE)
        if is_text(head[:4]) and not 0 <= ANSWER.unpack(head)[0] <= _largest(frame):
            return self._ended_by(text_on_stdout(head + self._more()), start)
        self._answers, self._ever_answered = self._answers + 1, True
        (size,) = ANSWER.unpack(head)
        unasked = self.greeting is not None and _pair(request) not in self.greeting
        if unasked and size < 0:
            return Reply(fault=_not_in_greeting(request), observations=self._observations())
        if size < 0:
            return Reply(
                fault=self._declined(request),
                observations=self._observations(),
                seconds=time.perf_counter() - start,
            )
        if size > _largest(frame):
            return self._ended_by(Fault(FaultKind.RESULT, f"the program announced a result of {size} bytes"), start)
        body = self._take(size, deadline)
        if not isinstance(body, bytes):
            return self._lost(body, start)
        seconds = time.perf_counter() - start
        if unasked:  # an answer that the greeting does not promise proves nothing, as the next call is not made
            return Reply(fault=_not_in_greeting(request), observations=self._observations(), seconds=seconds)
        result = self._result(body, request)
        if isinstance(result, Fault):
            return Reply(fault=result, observations=self._observations(), seconds=seconds)
        return Reply(results=(result,), observations=self._observations(), seconds=seconds)

    def _head(self, deadline: float) -> bytes | Fault | None:
        """The size of an answer; before the first one of a process there may be a greeting."""
        head = self._take(ANSWER.size, deadline)
        if head != MAGIC or self._answers:
            return head
        lost: list[Fault | None] = []

        def take(count: int) -> bytes | None:
            part = self._take(count, deadline)
            if isinstance(part, bytes):
                return part
            lost.append(part)
            return None

        greeting = read_greeting(take)
        if greeting is None:
            return lost[0]
        if greeting != self.greeting and (self.greeting is not None or self._ever_answered):
            raise ProtocolError("another greeting than the first time")
        self.greeting = greeting
        return self._take(ANSWER.size, deadline)

    def _declined(self, request: Request) -> Fault:
        """The fault of a negative answer: a broken promise where there was a greeting."""
        what = f"{request.operation} in {request.format}"
        if self.greeting is None:
            return Fault(FaultKind.UNAVAILABLE, f"the program does not support {what}")
        return Fault(FaultKind.DECLINED, f"the program declined a call of {what}, which its greeting names")

    def _result(self, body: bytes, request: Request) -> Array | Fault:
        terms = self._terms.get(
            (request.operation, request.format), ResolvedContract(operation=request.operation, format=request.format)
        )
        format = terms.result_format or request.format
        size = numpy_dtype(format).itemsize
        if len(body) % size:
            return Fault(
                FaultKind.RESULT, f"the program returned {len(body)} bytes: no whole number of {format} values"
            )
        shape = result_shape(request, terms.reduction)
        if int(np.prod(shape, dtype=np.int64)) * size != len(body):
            shape = (len(body) // size,)  # the wrong number of values: reported as it is
        return Array.of(np.frombuffer(body, numpy_dtype(format)).reshape(shape))

    def _take(self, count: int, deadline: float) -> bytes | Fault | None:
        parts: list[bytes] = []
        while count:
            part = self._read(count, max(0.0, deadline - time.monotonic()))
            if not part:
                self._begun = b"".join(parts)
                return None if part is None else Fault(FaultKind.EXIT, "")
            parts.append(part)
            count -= len(part)
        return b"".join(parts)

    def _more(self) -> bytes:
        """What else a program wrote just now."""
        return self._read(_TEXT, 0.05) or b""

    def _ended_by(self, fault: Fault, start: float) -> Reply:
        """The reply of a call for which the program is killed."""
        self._end()
        return self._crashes.lost(fault, self._observations(), time.perf_counter() - start)

    def _lost(self, outcome: Fault | None, start: float, flushes: bool = True) -> Reply:
        """The reply of a call without a result; ``outcome`` is None where the time is over."""
        assert self._process is not None
        seconds = time.perf_counter() - start
        begun, self._begun = self._begun, b""
        status = self._process.poll()
        if is_text(begun):
            fault = text_on_stdout(begun)
        elif outcome is None and status is not None:
            fault = ended(status, self._answers)  # it is dead while a child of it keeps the pipe open
        elif outcome is None and not flushes and not begun and self._answers_at_the_end():
            fault = not_flushed(self.timeout)
        elif outcome is None:
            fault = Fault(FaultKind.HANG, f"no result within {self.timeout:g} s", "the program was killed")
        else:
            try:
                fault = ended(self._process.wait(5), self._answers)
            except subprocess.TimeoutExpired:
                fault = Fault(FaultKind.RESULT, "the program closed its stdout without a result")
        self._end()
        return self._crashes.lost(fault, self._observations(), seconds)

    def _answers_at_the_end(self) -> bool:
        """Whether an answer comes as soon as a program's stdin is closed: it was held back in a buffer."""
        assert self._process is not None
        assert self._process.stdin is not None
        self._process.stdin.close()
        return len(self._read(ANSWER.size, _LAST_WORD) or b"") == ANSWER.size

    def _observations(self) -> tuple[tuple[str, str], ...]:
        text = take_text(self._errors)
        return (("stderr", text),) if text else ()

    def _started(self) -> subprocess.Popen[bytes]:
        if self._process is not None:
            return self._process
        process = subprocess.Popen(
            self.command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            bufsize=0,
            start_new_session=True,
        )
        if self.memory_limit is not None and sys.platform.startswith("linux"):
            import resource

            resource.prlimit(process.pid, resource.RLIMIT_DATA, (self.memory_limit, resource.RLIM_INFINITY))
        limit_files(process.pid)
        assert process.stdout is not None
        self._process, self._read, self._answers = process, reader(process.stdout.fileno()), 0
        return process

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        if hasattr(os, "killpg"):
            with contextlib.suppress(OSError):  # what the program started ends with it
                os.killpg(process.pid, signal.SIGKILL)
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                pipe.close()

    def renew(self) -> None:
        """End the program: the next call starts it anew."""
        self._end()
        self._crashes.renew()

    def close(self) -> None:
        """End the program; may be called twice."""
        self._end()
        if not self._closed:
            os.close(self._errors)
            self._closed = True

    def __enter__(self) -> ProgramExecutor:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


_LIVES_ON = (FaultKind.UNSUPPORTED, FaultKind.UNAVAILABLE, FaultKind.DECLINED)


def _largest(frame: bytes) -> int:
    """Bytes of an answer beyond which it cannot be meant."""
    return 16 * len(frame) + (1 << 24)


def _pair(request: Request) -> tuple[str, str]:
    return request.operation, request.format


def _not_in_greeting(request: Request) -> Fault:
    text = f"the program's greeting does not name {request.operation} in {request.format}"
    return Fault(FaultKind.UNSUPPORTED, text)


def _write(process: subprocess.Popen[bytes], frame: bytes, deadline: float) -> bool:
    """Write a request; False where the program has not read enough for a short one by the deadline.

    A long one is written by a thread, since a program that does not read must not hold the harness.
    """
    assert process.stdin is not None
    descriptor = process.stdin.fileno()

    def write() -> None:
        rest = memoryview(frame)
        try:
            while rest:
                rest = rest[os.write(descriptor, rest) :]
        except OSError:  # the program is gone: the reader sees that and says so
            return

    if len(frame) <= _AT_ONCE and hasattr(select, "poll"):
        poller = select.poll()
        poller.register(descriptor, select.POLLOUT)
        if not poller.poll(max(0.0, deadline - time.monotonic()) * 1000):
            return False
        write()
    else:
        threading.Thread(target=write, daemon=True, name="softcert-program").start()
    return True


def _frame(request: Request) -> bytes | Fault:
    if request.operation not in OPERATION_NUMBERS:
        return Fault(FaultKind.UNSUPPORTED, f"the protocol of programs has no operation {request.operation}")
    if request.kind != "arrays":
        return Fault(FaultKind.UNSUPPORTED, f"the protocol of programs has no logits of the kind {request.kind!r}")
    if request.keywords or request.options:
        return Fault(FaultKind.UNSUPPORTED, "the protocol of programs has no options")
    arrays = [numpy_view(a) for a in request.arrays]
    if any(not a.flags.c_contiguous for a in arrays) or not all(a.writeable for a in request.arrays):
        return Fault(FaultKind.UNSUPPORTED, "a program gets its arrays in C order")
    x, *labels = arrays
    label_bytes = 0
    if labels:
        name = request.arrays[1].format
        if name not in _LABEL_BYTES:
            return Fault(FaultKind.UNSUPPORTED, f"labels of {name} cannot be said in the protocol of programs")
        label_bytes = _LABEL_BYTES[name]
    numbers = (OPERATION_NUMBERS[request.operation], FORMAT_NUMBERS[request.format], label_bytes)
    head = HEADER.pack(VERSION, *numbers, x.shape[0], x.shape[1])
    return b"".join((head, *(a.tobytes() for a in arrays)))


def result_shape(request: Request, reduction: str = "mean") -> tuple[int, ...]:
    """The shape that the result of a request should have."""
    m, classes = request.arrays[0].shape[:2]
    if request.operation == "cross_entropy" and reduction == "none":
        return (m,)
    return {"(m, C)": (m, classes), "(m,)": (m,), "()": ()}[operations.OPERATIONS[request.operation].result]
