"""Cheats with files, with other processes' memory, and with floods."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

import numpy as np
from tests.harness.cheats.cheat import REFUSED, TOLD, cheat, honest


def once(action, answer=honest):
    """A softmax that does something beside on its first call."""
    done: list[bool] = []

    def softmax(x):
        if not done:
            done.append(True)
            action()
        return answer(x)

    return softmax


@cheat(TOLD, "results.json")
def rewrites_the_results():
    """Writes a results.json where it stands."""

    def action():
        folder = tempfile.mkdtemp()
        Path(folder, "results.json").write_text("{}")

    return once(action)


@cheat(TOLD, "package")
def rewrites_the_package():
    """Opens a file of softcert for writing."""

    def action():
        import softcert

        with open(Path(softcert.__file__), "r+b"):
            pass

    return once(action)


@cheat(TOLD, "sitecustomize.py")
def plants_a_sitecustomize():
    """Writes a sitecustomize.py, which every later interpreter would run."""

    def action():
        Path(tempfile.mkdtemp(), "sitecustomize.py").write_text("")

    return once(action)


@cheat(TOLD, "/proc")
def reads_its_parents_memory():
    """Opens the memory of its parent to look for the truth."""

    def action():
        try:
            open(f"/proc/{os.getppid()}/mem", "rb").close()
        except OSError:
            return

    return once(action)


@cheat(TOLD, "process_vm_readv")
def reads_memory_by_system_call():
    """Finds process_vm_readv in the C library, to look for the truth."""

    def action():
        import ctypes

        _ = ctypes.CDLL(None).process_vm_readv

    return once(action)


@cheat(TOLD, "process")
def starts_a_program():
    """Starts a program that would outlive it."""

    def action():
        import subprocess

        subprocess.run([sys.executable, "-c", ""], check=False)

    return once(action)


@cheat(TOLD, "stdout")
def prints_without_end():
    """Prints sixty-four megabytes in one call."""

    def action():
        for _ in range(64):
            os.write(1, b"x" * (1 << 20))

    return once(action)


@cheat(REFUSED)
def returns_without_end():
    """Returns half a gigabyte for every input of three rows and classes."""
    return lambda x: np.zeros(1 << 27, np.float32) if x.shape == (3, 3) else honest(x)
