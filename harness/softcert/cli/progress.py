"""Progress on a terminal: the current operation and format, the cases done, the time left. Silent anywhere else."""

from __future__ import annotations

import os
import time
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from softcert.cli.stop_signals import stop
from softcert_reports.formatting.sanitise import log_safe, one_line, short


class Bar:
    """A progress bar on a terminal; nothing in CI, in a pipe or where TERM is dumb."""

    def __init__(self, console: Console) -> None:
        shown = console.is_terminal and not os.environ.get("CI") and os.environ.get("TERM") != "dumb"
        self._progress = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            console=console,
            transient=True,
            disable=not shown,
            auto_refresh=False,
            redirect_stdout=False,
            redirect_stderr=False,
        )
        self._task = self._progress.add_task("", total=None)
        self._shown = shown
        self._last = 0.0

    def update(self, subject: str, operation: str, format: str, done: int, total: int) -> None:
        """Show ``done`` of ``total`` cases of an operation and format; draws at most ten times a second.

        Raises `StoppedError` where the user has asked for the end and the run still goes on.
        """
        stop.check()
        now = time.monotonic()
        if self._shown and (now - self._last > 0.1 or done == total):
            self._last = now
            what = f"{short(log_safe(one_line(subject)))}  {operation}  {format}"
            self._progress.update(self._task, description=what, completed=done, total=total, refresh=True)

    def __enter__(self) -> Bar:
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()
