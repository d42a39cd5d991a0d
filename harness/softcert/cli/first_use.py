"""A word on the first run after an installation, which compiles the kernels for the processor."""

from __future__ import annotations

import sys

from softcert_oracle.fast.entry import CODE as EXACT
from softcert_oracle.judging.compiled.entry import CODE as JUDGING
from softcert_oracle.reference import backends


def tell() -> None:
    """Say on stderr that kernels are about to be compiled, where that is so: the wait comes once."""
    if backends.name() == "fast" and not (EXACT.ready and JUDGING.ready):
        sys.stderr.write("softcert: the first run here compiles its kernels for this processor, which is done once\n")
