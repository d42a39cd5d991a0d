"""The levels that a document speaks of, in their order: sound < stable < accurate < faithful.

This package imports nothing of softcert, so the levels are written down a second time here: a test holds them equal to
the ones of `softcert_oracle.levels`, whose members are accepted wherever a level is expected (both are strings).
"""

from __future__ import annotations

from enum import StrEnum


class Level(StrEnum):
    """How right results are. Each level includes the ones below it.

    A member is the string of its name (``Level.STABLE == "stable"``), but levels compare by rank, not by alphabet.

    Examples
    --------
    >>> Level.SOUND < Level.STABLE < Level.ACCURATE < Level.FAITHFUL
    True
    >>> max(Level.STABLE, Level.ACCURATE).rank
    2
    """

    SOUND = "sound"
    STABLE = "stable"
    ACCURATE = "accurate"
    FAITHFUL = "faithful"

    @property
    def rank(self) -> int:
        """The position in the order, 0 for "sound"."""
        return _RANKS[self._value_]

    def __lt__(self, other: str) -> bool:
        return self.rank < Level(other).rank

    def __le__(self, other: str) -> bool:
        return self.rank <= Level(other).rank

    def __gt__(self, other: str) -> bool:
        return self.rank > Level(other).rank

    def __ge__(self, other: str) -> bool:
        return self.rank >= Level(other).rank


_RANKS = {level.value: rank for rank, level in enumerate(Level)}  # cells are compared by the thousand
