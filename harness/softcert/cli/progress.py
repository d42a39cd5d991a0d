"""Progress on stderr: bars on a terminal, lines in a log.

A log gets a line when a unit is done, the first finding of a subject at once, and otherwise a line every ten seconds at
least, so that nobody has to guess whether the run goes on.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from types import TracebackType
from typing import TYPE_CHECKING, Protocol, Self

from softcert.cli.stop_signals import stop
from softcert_reports.formatting.sanitise import log_safe, one_line, short

if TYPE_CHECKING:
    from rich.progress import TaskID

    from softcert.commands.progress import Step

_FIRST, _EVERY = 3.0, 10.0  # seconds until the first line, and between lines, where nothing else is told
_DRAWN_EVERY = 0.1


class Progress(Protocol):
    """Shows the steps of a run; a context manager."""

    def step(self, step: Step) -> None:
        """Show a step. Raises `StoppedError` where the user has asked for the end and the run still goes on."""

    def tick(self) -> None:
        """Show that the run goes on."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None: ...


def progress() -> Progress:
    """Bars where a person looks at stderr; lines in CI, in a pipe and where TERM is dumb."""
    terminal = sys.stderr.isatty() and not os.environ.get("CI") and os.environ.get("TERM") != "dumb"
    return Bars() if terminal else Log()


def _unit(step: Step) -> str:
    return f"{short(log_safe(one_line(step.subject)))} {step.operation} {step.format}".rstrip()


def _finding(step: Step) -> str:
    return f"{_unit(step)}: {short(log_safe(one_line(step.text)), 200)}"


class Log:
    """Progress as lines."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._begun = time.monotonic()
        self._last: float | None = None
        self._now: Step | None = None
        self._failed: set[str] = set()

    def step(self, step: Step) -> None:
        """Show a step. Raises `StoppedError` where the user has asked for the end and the run still goes on."""
        stop.check()
        if step.state in ("started", "cases"):
            self._now = step
            self.tick()
        elif step.state == "finding":
            if step.subject not in self._failed:
                self._failed.add(step.subject)
                self._write(f"{_finding(step)} (first finding)")
        else:
            self._now = None
            self._write(_finding(step))

    def tick(self) -> None:
        """Write a line where nothing was written for a while."""
        now = time.monotonic()
        if now - self._begun < _FIRST if self._last is None else now - self._last < _EVERY:
            return
        step = self._now
        if step is None:
            self._write(f"running, {now - self._begun:.0f} s")
        elif step.total and step.done < step.total:
            self._write(f"{_unit(step)}: {step.done} of {step.total} cases")
        else:
            self._write(f"{_unit(step)}: judging, {now - self._begun:.0f} s")

    def _write(self, line: str) -> None:
        with self._lock:
            self._last = time.monotonic()
            sys.stderr.write(f"{line}\n")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        pass


class Bars:
    """Progress as bars: one for each unit that is running."""

    def __init__(self) -> None:
        from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
        from rich.progress import Progress as RichProgress

        from softcert.cli.app import console

        self._console = console()
        self._progress = RichProgress(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            console=self._console,
            transient=True,
            auto_refresh=False,
            redirect_stdout=False,
            redirect_stderr=False,
        )
        self._tasks: dict[tuple[str, str, str], TaskID] = {}
        self._failed: set[str] = set()
        self._last = 0.0

    def step(self, step: Step) -> None:
        """Show a step; draws at most ten times a second. Raises `StoppedError` as `Log.step` does."""
        stop.check()
        key = (step.subject, step.operation, step.format)
        if step.state == "finding":
            if step.subject not in self._failed:
                self._failed.add(step.subject)
                self._console.print(f"{_finding(step)} (first finding)")
            return
        if step.state == "done":
            if (task := self._tasks.pop(key, None)) is not None:
                self._progress.remove_task(task)
            return
        if key not in self._tasks:
            self._tasks[key] = self._progress.add_task(_unit(step), total=step.total or None)
        self._progress.update(self._tasks[key], completed=step.done, total=step.total or None)
        now = time.monotonic()
        if now - self._last > _DRAWN_EVERY or step.done == step.total:
            self._last = now
            self._progress.refresh()

    def tick(self) -> None:
        """Do nothing: the bars stand."""

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()
