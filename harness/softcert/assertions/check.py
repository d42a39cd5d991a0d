"""The assertion: quick where everything is within its limit, in full where something is not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from softcert.assertions import quick, screen
from softcert.assertions.given import Given, Terms, given
from softcert.assertions.results import exactly
from softcert_oracle.errors import unknown
from softcert_oracle.judging import judge_block
from softcert_oracle.levels import Level
from softcert_oracle.reference import backends


def check(got: Any, op: str, x: Any, labels: Any, *, contract: Terms, level: str, options: Mapping[str, Any]) -> None:
    """Raise `AssertionError` unless every number of a result is within its limit.

    The arguments are those of `softcert.testing.assert_within_limit`.
    """
    if level not in tuple(Level):
        raise unknown("level", level, Level)
    call = given(op, x, labels, contract, options)
    parts = exactly(call, got)
    if not _passes_quickly(call, parts, Level(level)) and not _of_no_rows(call, parts):
        _in_full(call, parts, Level(level))


def is_wrong(got: Any, op: str, x: Any, labels: Any = None) -> bool:
    """Whether a result is beyond its limit at "stable", or of another form: as `check`, without a message.

    What proves nothing is not wrong.
    """
    call = given(op, x, labels, None, {})
    try:
        parts = exactly(call, got)
    except AssertionError:
        return True
    if _passes_quickly(call, parts, Level.STABLE) or _of_no_rows(call, parts):
        return False
    from softcert.assertions.comparison import compare

    return bool(compare(call, parts, Level.STABLE).wrong.any())


def _passes_quickly(call: Given, parts: tuple[np.ndarray, ...], level: Level) -> bool:
    if not call.plain or backends.name() != "fast":
        return False
    block = quick.block_of(call, parts[0])
    if block is None:
        return False
    return screen.passes(block, level) or quick.passed(judge_block(block), level)


def _of_no_rows(call: Given, parts: tuple[np.ndarray, ...]) -> bool:
    """Whether there is nothing to judge: an empty result, or the loss of no rows, which is NaN or 0."""
    if all(part.size == 0 for part in parts):
        return True
    empty = next(iter(call.arguments.values())).size == 0
    return empty and all(bool(np.all(np.isnan(part) | (part == 0))) for part in parts)


def _in_full(call: Given, parts: tuple[np.ndarray, ...], level: Level) -> None:
    from softcert.assertions import message
    from softcert.assertions.comparison import compare

    found = compare(call, parts, level)
    if found.wrong.any():
        raise AssertionError(message.of_wrong(found))
    if found.undecided:
        raise AssertionError(message.of_undecided(found))
    if not found.looked_at:
        raise AssertionError(message.of_vacuous(found))
