"""The spaces that a run asks for, by format and effort, and those whose arrays are shipped."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

from softcert.cases.crossing import axes, options
from softcert.cases.crossing.axes import Space
from softcert.cases.effort import EFFORTS, Effort
from softcert_oracle.numbers import formats
from softcert_oracle.numbers.formats import Format

_OPTION_VALUES = range(3, 14)  # an option has so many values
_LABEL_TYPES = (("int64",), ("int64", "int32"), ("int64", "int32", "int16", "int8", "uint8"))
"""The label types of most contracts: the default, what libraries accept, and what the bundled `faithful` does."""


def plain_spaces(fmt: Format, effort: Effort, label_types: tuple[str, ...], seed: int) -> Iterator[Space]:
    """All pairs of all axes; beyond a thin effort all triples of the cheap ones as well."""
    yield axes.plain(fmt, label_types, 2, seed, effort)
    if not effort.thin:
        yield axes.plain(fmt, label_types, 3, seed, effort)


def usual_spaces() -> Iterator[Space]:
    """The spaces of common label types, in formats with infinity and without, in every effort; and of options."""
    found = {}
    for name, effort, types in product(("float32", "float8_e4m3fn"), EFFORTS.values(), _LABEL_TYPES):
        for space in plain_spaces(formats.lookup(name), effort, types, 0):
            found[tuple(space.axes.items()), space.strength, space.budget] = space
    yield from found.values()
    for count in _OPTION_VALUES:
        yield options.space(count, 0)
