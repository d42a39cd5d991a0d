"""The first words of a run, before frameworks are imported and kernels are compiled: no terminal stays silent."""

from __future__ import annotations

import sys

from softcert_oracle.fast.entry import CODE as EXACT
from softcert_oracle.judging.compiled.entry import CODE as JUDGING
from softcert_oracle.reference import backends


def tell() -> None:
    """Say on stderr that kernels are about to be compiled, where that is so: the wait comes once."""
    if backends.name() == "fast" and not (EXACT.ready and JUDGING.ready):
        sys.stderr.write("softcert: the first run here compiles its kernels for this processor, which is done once\n")


def announce(subjects: int, effort: str, level: str) -> None:
    """Say on stderr what begins, where several subjects are loaded before the first of them is judged."""
    if subjects > 1:
        sys.stderr.write(f"softcert: {subjects} implementations at effort {effort}, level {level}\n")
