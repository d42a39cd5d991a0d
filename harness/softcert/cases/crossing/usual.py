"""The spaces that a run asks for, by format and effort, and those whose arrays are shipped."""

from __future__ import annotations

from collections.abc import Iterator

from softcert.cases.crossing import axes, options
from softcert.cases.crossing.axes import Space
from softcert.cases.effort import EFFORTS, Effort
from softcert_oracle.numbers import formats
from softcert_oracle.numbers.formats import Format

_OPTION_VALUES = range(3, 14)  # an option has so many values


def plain_spaces(fmt: Format, effort: Effort, label_types: tuple[str, ...], seed: int) -> Iterator[Space]:
    """All pairs of all axes; beyond a thin effort all triples of the cheap ones as well."""
    yield axes.plain(fmt, label_types, 2, seed, effort)
    if not effort.thin:
        yield axes.plain(fmt, label_types, 3, seed, effort)


def usual_spaces() -> Iterator[Space]:
    """The spaces of the default label type, in formats with infinity and without, in every effort; and of options."""
    found = {}
    for name in ("float32", "float8_e4m3fn"):
        for effort in EFFORTS.values():
            for space in plain_spaces(formats.lookup(name), effort, ("int64",), 0):
                found[tuple(space.axes.items()), space.strength, space.budget] = space
    yield from found.values()
    for count in _OPTION_VALUES:
        yield options.space(count, 0)
