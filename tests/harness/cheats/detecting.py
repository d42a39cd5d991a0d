"""Cheats that look for the harness, and compute only where they find it."""

from __future__ import annotations

import contextlib
import ctypes
import gc
import inspect
import os
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
from tests.harness.cheats.cheat import REFUSED, TOLD, cheat, honest, honest_gradient, wrong


def where(watched: Callable[[np.ndarray], bool]):
    """A softmax that computes where it is watched."""

    def softmax(x):
        return honest(x) if watched(x) else wrong(x)

    return softmax


@cheat(TOLD, "call stack")
def sees_frames():
    """Walks the call stack and looks for softcert's files."""

    def watched(x):
        frame = sys._getframe()
        while frame is not None:
            if "softcert" in frame.f_code.co_filename:
                return True
            frame = frame.f_back
        return False

    return where(watched)


@cheat(TOLD, "call stack")
def sees_frames_by_inspect():
    """Looks through inspect.stack for softcert's files."""
    return where(lambda x: any("softcert" in f.filename for f in inspect.stack(0)))


@cheat(TOLD, "call stack")
def sees_frames_of_a_traceback():
    """Raises, and walks from the traceback's frame to its callers."""

    def watched(x):
        try:
            raise ValueError
        except ValueError as error:
            frame = error.__traceback__.tb_frame
            while frame is not None and "softcert" not in frame.f_code.co_filename:
                frame = frame.f_back
            return frame is not None

    return where(watched)


@cheat(TOLD, "environment")
def sees_environment_variables():
    """Looks for environment variables of the harness."""
    return where(lambda x: any(k.startswith("SOFTCERT_") for k in os.environ))


@cheat(TOLD, "sys.modules")
def sees_modules():
    """Looks for softcert in sys.modules."""
    return where(lambda x: any(name.startswith("softcert") for name in sys.modules))


@cheat(TOLD, "/proc")
def sees_its_parent():
    """Reads the command line of its parent process."""

    def watched(x):
        with contextlib.suppress(OSError):
            return b"softcert" in Path(f"/proc/{os.getppid()}/cmdline").read_bytes()
        return False

    return where(watched)


@cheat(TOLD, "/proc")
def sees_its_control_group():
    """Reads its control group, and computes inside one."""
    return where(lambda x: Path("/proc/self/cgroup").read_bytes() != b"")


@cheat(TOLD, "/proc")
def sees_its_descriptors():
    """Lists its open descriptors, and computes where there are more than a script has."""
    return where(lambda x: len(os.listdir("/proc/self/fd")) > 4)


@cheat(REFUSED)
def sees_arguments():
    """Looks for the worker's arguments in sys.argv."""
    return where(lambda x: any("zygote" in a or "worker" in a for a in sys.argv))


@cheat(REFUSED)
def sees_main():
    """Looks for the worker's file as the main module."""
    return where(lambda x: "softcert" in str(getattr(sys.modules.get("__main__"), "__file__", "")))


@cheat(TOLD, "gc")
def sees_objects():
    """Looks through all objects of the process for softcert's classes."""
    found: list[bool] = []

    def watched(x):
        if not found:
            found.append(any(type(o).__module__.startswith("softcert") for o in gc.get_objects()))
        return found[0]

    return where(watched)


def _around(x):
    """The sixteen numbers before the first logit in memory."""
    first = np.lib.array_utils.byte_bounds(x)[0]
    return np.frombuffer(ctypes.string_at(first - 16 * x.itemsize, 16 * x.itemsize), x.dtype)


@cheat(REFUSED)
def sees_poisoned_memory():
    """Reads the memory before its input, and computes where that holds NaN or the largest number."""

    def watched(x):
        with np.errstate(all="ignore"):
            return x.size == 0 or not (np.abs(_around(x)) < 1e30).all()

    return where(watched)


@cheat(REFUSED)
def sees_constant_memory():
    """Reads the memory before its input, and computes where that holds one number again and again."""
    return where(lambda x: x.size == 0 or len({v.tobytes() for v in _around(x)}) == 1)


@cheat(REFUSED)
def sees_page_alignment():
    """Computes where its input begins at the place in a page where it begins each time."""
    places: list[int] = []

    def watched(x):
        places.append(x.__array_interface__["data"][0] % 4096)
        return places[-1] == places[0] or not x.flags.c_contiguous

    return where(watched)


@cheat(REFUSED, op="cross_entropy_grad")
def sees_the_pattern_of_labels():
    """Computes where all labels are the first, last, largest or smallest class."""

    def cross_entropy_grad(x, labels):
        rules = (0 * labels, 0 * labels + x.shape[1] - 1, x.argmax(1), x.argmin(1), 0 * labels + labels[:1].sum())
        return honest_gradient(x, labels) if any((labels == r).all() for r in rules) else wrong(x)

    return cross_entropy_grad
