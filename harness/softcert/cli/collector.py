"""Python's collector of cycles, kept from work that frees nothing: modules that are loaded, and a process that ends.

It looks through every object again and again. For the thousand modules of a run that takes a tenth of their loading,
and half a second after the last line is printed.
"""

from __future__ import annotations

import atexit
import contextlib
import gc
from collections.abc import Iterator


@contextlib.contextmanager
def paused() -> Iterator[None]:
    """Collect nothing while modules are imported, and leave what was loaded out of every later collection."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if enabled:
            gc.enable()


@contextlib.contextmanager
def unfrozen_after() -> Iterator[None]:
    """Undo at the end what `paused` left out: whoever runs a command within a process of theirs collects as before."""
    try:
        yield
    finally:
        gc.unfreeze()


def skip_at_exit() -> None:
    """Leave everything out of what Python collects when the process ends; files are closed all the same."""
    atexit.register(gc.freeze)
