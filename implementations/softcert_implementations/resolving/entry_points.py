"""Implementations known by name: the entry-point group ``softcert.implementations``.

Any installed package adds its own by declaring an entry point in that group; it names an `Implementation`, or
anything else that the resolver takes.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from softcert_oracle.errors import UsageError, unknown

GROUP = "softcert.implementations"


def registered() -> Mapping[str, EntryPoint]:
    """Entry points by name, in alphabetical order; nothing is imported."""
    points = {point.name: point for point in entry_points(group=GROUP)}
    return dict(sorted(points.items()))


def names() -> tuple[str, ...]:
    """The registered names."""
    return tuple(registered())


def load(name: str) -> Any:
    """The object to which the entry point of a name refers.

    Raises
    ------
    UsageError
        If there is no entry point of that name, or if its object cannot be imported.
    """
    known = registered()
    if name not in known:
        raise unknown("implementation", name, known)
    point = known[name]
    try:
        return point.load()
    except (ImportError, AttributeError) as error:
        raise UsageError(
            f"implementation={name!r} is registered as {point.value!r}, which cannot be imported: "
            f"{type(error).__name__}: {error}. Install what it needs, or name another."
        ) from None
