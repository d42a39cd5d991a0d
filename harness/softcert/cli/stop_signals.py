"""Signals that ask the command line to stop: SIGINT (Ctrl-C), SIGTERM (CI systems), SIGHUP, SIGBREAK on Windows.

The first one ends the run as Ctrl-C does and keeps what is finished; the second one ends at once. While files are
written, one signal is put off until they are. Handlers are installed by `softcert.cli.main` and by nothing else:
neither the Python interface nor the pytest plug-in changes how a process treats signals.
"""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Iterator
from types import FrameType
from typing import Any

SIGNALS = ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK")
"""The signals that stop a run, as far as the system has them."""


class StoppedError(KeyboardInterrupt):
    """A signal asks for the end; its text is the reason that a document gives."""


class StopSignals:
    """The signals that came, and whether the next one raises `StoppedError` at once or is put off."""

    def __init__(self) -> None:
        self.received: list[str] = []
        self._held = False
        self._put_off = False

    @property
    def reason(self) -> str:
        """Why the run ends; "" while no signal has come."""
        if not self.received:
            return ""
        return "interrupted by the user" if self.received[0] == "SIGINT" else f"ended by {self.received[0]}"

    @contextlib.contextmanager
    def installed(self) -> Iterator[None]:
        """Handle the signals, and restore how they were handled before; a signal that is ignored stays ignored."""
        self.received, self._held, self._put_off = [], False, False
        before: dict[int, Any] = {}
        if threading.current_thread() is threading.main_thread():
            for name in SIGNALS:
                number = getattr(signal, name, None)
                if number is not None and signal.getsignal(number) is not signal.SIG_IGN:  # nohup ignores SIGHUP
                    before[number] = signal.signal(number, self._handle)
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, signal.SIG_DFL if handler is None else handler)

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """Put off the first signal that comes within; the second one raises `StoppedError`."""
        self._held, self._put_off = True, False
        try:
            yield
        finally:
            self._held = False

    @contextlib.contextmanager
    def released(self) -> Iterator[None]:
        """Within `held`: signals raise at once, and so does one that was put off."""
        self._held = False
        try:
            if self._put_off:
                raise StoppedError(self.reason)
            yield
        finally:
            self._held, self._put_off = True, False

    def check(self) -> None:
        """Raise `StoppedError` if a signal has come whose exception got lost, as it does in a destructor."""
        if self.received:
            raise StoppedError(self.reason)

    def _handle(self, number: int, frame: FrameType | None) -> None:
        self.received.append(signal.Signals(number).name)
        if self._held and not self._put_off:
            self._put_off = True
        else:
            raise StoppedError(self.reason)


stop = StopSignals()
"""The signals of this process; `softcert.cli.main` installs them."""
