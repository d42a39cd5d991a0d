"""Crossings of the taxonomy's axes by covering arrays: every pair of values meets, or it is said why not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from softcert.cases.case import Case
from softcert.cases.crossing import instances, usual
from softcert.cases.effort import Effort
from softcert_implementations.contract import ResolvedContract
from softcert_oracle.numbers.formats import Format


def cases(fmt: Format, effort: Effort, terms: ResolvedContract, seed: int, listed: Iterable[Case]) -> Iterator[Case]:
    """The cases of the covering arrays of an effort, then a row or two for every class count that has none.

    Parameters
    ----------
    fmt, effort, terms, seed
        The format, how many cases there are, the contract (its label types are an axis), and the seed.
    listed
        The cases that the battery has beside these: their class counts need no further row.
    """
    listed = list(listed)
    met = {case.classes for case in listed}
    for space in usual.plain_spaces(fmt, effort, terms.label_dtypes, seed):
        found = list(instances.cases(space, fmt, met))
        if space.strength == 2:
            found += instances.corners(space, fmt, [*listed, *found])
        met.update(case.classes for case in found)
        yield from found
    yield from instances.counts_left(fmt, seed, met, not effort.thin)
