"""Progress in a notebook: one line under the cell, written over as the run goes on.

The line is plain text. Outside a notebook nothing is shown, and IPython is never imported by us.
"""

from __future__ import annotations

import sys
import time
from typing import Any

from softcert.commands.progress import Listener, Silent, Step
from softcert_reports.formatting.sanitise import log_safe, one_line, short

_EVERY = 0.5  # seconds between two lines


def listener() -> Listener:
    """A listener that shows progress where this process is the kernel of a notebook; a silent one elsewhere."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None and hasattr(ipython, "get_ipython") else None
    if shell is None or not hasattr(shell, "kernel"):
        return Silent()
    from importlib import import_module

    return Line(import_module("IPython.display").display)


class Line:
    """Progress as one line.

    Parameters
    ----------
    display
        IPython's function of this name.
    """

    def __init__(self, display: Any) -> None:
        self._display, self._handle = display, None
        self._begun = time.monotonic()
        self._last = 0.0
        self._findings = 0

    def step(self, step: Step) -> None:
        """Show a step, at most twice a second; what is done is always shown."""
        self._findings += step.state == "finding"
        now = time.monotonic()
        if step.state != "done" and now - self._last < _EVERY:
            return
        self._last = now
        unit = f"{short(log_safe(one_line(step.subject)))} {step.operation} {step.format}".rstrip()
        where = f": {step.done} of {step.total} cases" if step.total and step.state != "done" else ""
        found = f"; failing so far: {self._findings}" if self._findings else ""
        self._show(f"{unit}{where}{' done' if step.state == 'done' else ''}, {now - self._begun:.0f} s{found}")

    def tick(self) -> None:
        """Do nothing: the line stands."""

    def _show(self, line: str) -> None:
        data = {"text/plain": line}
        if self._handle is None:
            self._handle = self._display(data, raw=True, display_id=True)
        else:
            self._handle.update(data, raw=True)
