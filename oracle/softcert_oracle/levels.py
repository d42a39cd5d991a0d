"""The levels that a certificate grants, in their order: sound < stable < accurate < faithful."""

from __future__ import annotations

from enum import StrEnum


class Level(StrEnum):
    """How right results are. Each level includes the ones below it.

    A member is the string of its name (``Level.STABLE == "stable"``), but levels compare by rank, not by alphabet.

    Examples
    --------
    >>> Level.SOUND < Level.STABLE < Level.ACCURATE < Level.FAITHFUL
    True
    >>> [str(level) for level in Level.STABLE.included]
    ['sound', 'stable']
    """

    SOUND = "sound"
    STABLE = "stable"
    ACCURATE = "accurate"
    FAITHFUL = "faithful"

    @property
    def rank(self) -> int:
        """The position in the order, 0 for "sound"."""
        return tuple(Level).index(self)

    @property
    def included(self) -> tuple[Level, ...]:
        """This level and all below it, the lowest first: what somebody who asks for this level asks for."""
        return tuple(Level)[: self.rank + 1]

    def __lt__(self, other: str) -> bool:
        return self.rank < Level(other).rank

    def __le__(self, other: str) -> bool:
        return self.rank <= Level(other).rank

    def __gt__(self, other: str) -> bool:
        return self.rank > Level(other).rank

    def __ge__(self, other: str) -> bool:
        return self.rank >= Level(other).rank
