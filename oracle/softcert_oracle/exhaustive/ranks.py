"""The numbers of a format as ranks: whole numbers in their order, with 0 for both zeros.

Ranks make the neighbours of a number adjacent, so that results are compared by whole numbers. Formats of at most 16
bits have a table for every bit pattern.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from softcert_oracle.errors import UsageError
from softcert_oracle.numbers import formats
from softcert_oracle.numbers.formats import Format

NAN = np.int32(1 << 30)
"""The rank of NaN: no number of a 16-bit format has it."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Ranks:
    """The bit patterns of a format of n <= 16 bits.

    Parameters
    ----------
    format
        The format.
    codes
        Every bit pattern in the order of its value, NaN last, -0 before +0; unsigned (2^n,).
    values
        Their values as float64, (2^n,).
    finite
        The places of the finite ones, which stand together.
    of_code
        int32 (2^n,): the rank of each bit pattern. 0 for zeros, k for the k-th positive number, -k for its negative;
        infinity follows the largest number; `NAN` for NaN.
    """

    format: Format
    codes: NDArray[np.unsignedinteger]
    values: NDArray[np.float64]
    finite: slice
    of_code: NDArray[np.int32]

    @property
    def top(self) -> int:
        """The rank of what lies beyond the largest number: infinity, or NaN where the format has no infinity."""
        finite = self.values[np.isfinite(self.values)]
        return int(np.count_nonzero(finite > 0)) + 1


@cache
def ranks(name: str) -> Ranks:
    """The ranks of a format of at most 16 bits.

    Raises
    ------
    UsageError
        For a wider format.
    """
    format = formats.lookup(name)
    if format.bits > 16:
        raise UsageError(f"format={name!r}: only formats of at most 16 bits have a table of all their numbers.")
    patterns = np.arange(1 << format.bits, dtype=np.uint32).astype(format.unsigned)
    with np.errstate(invalid="ignore"):
        values = patterns.view(format.dtype).astype(np.float64)
    order = np.lexsort((~np.signbit(values), values))  # NaN last
    places = np.flatnonzero(np.isfinite(values[order]))
    magnitudes = np.unique(np.abs(values[~np.isnan(values)]))
    size = np.searchsorted(magnitudes, np.abs(values))
    rank = np.where(np.isnan(values), NAN, np.where(np.signbit(values), -size, size)).astype(np.int32)
    return Ranks(
        format=format,
        codes=patterns[order],
        values=values[order],
        finite=slice(int(places[0]), int(places[-1]) + 1),
        of_code=rank,
    )
