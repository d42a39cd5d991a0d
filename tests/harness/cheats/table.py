"""All cheats: importing this module fills `CHEATS`, one file a family."""

from __future__ import annotations

from tests.harness.cheats import (
    borrowing,
    caching,
    channel,
    counting,
    declining,
    detecting,
    files,
    late,
    patching,
    result_types,
)
from tests.harness.cheats.cheat import CHEATS

FAMILIES = tuple(
    module.__name__.rpartition(".")[2]
    for module in (
        borrowing,
        caching,
        channel,
        counting,
        declining,
        detecting,
        files,
        late,
        patching,
        result_types,
    )
)

__all__ = ["CHEATS", "FAMILIES"]
