"""What a contract says of a sum of so many terms, as plain numbers for the kernel: one record for each count.

`softcert_oracle.limits.sums` derives the numbers; the kernel forms the growth of any part of the sum from them
(`softcert_oracle.judging.compiled.growth.of_parts.grown_by`).
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from softcert_oracle.limit_parameters import LimitParameters
from softcert_oracle.limits import concentration, sums
from softcert_oracle.numbers import formats

_FIELDS = (
    ("count", "how many terms there are, zeros included"),
    ("levels", "the depth of their sum"),
    ("per_level", "log of the factor of one addition"),
    ("narrow", "1 where sums are kept in a narrower format: each term may round to it"),
    ("narrow_addition", "log(1 + u) there, of the addition itself; else 0"),
    ("once", "log(1 + u) where sums are kept in a wider format, and rounded at the end; else 0"),
    ("whole", "the growth of all terms"),
    ("factor", "2G - 1, or 4G - 1: by how much small terms that are absorbed count"),
    ("least", "the error of a compensated sum"),
)

SUM = np.dtype([(name, np.float64) for name, _ in _FIELDS])
"""The claims about one sum, a record that the kernel gets by its address."""

CUTS = 64
"""As `softcert_oracle.limits.concentration.CUTS`: here because shipped code is of the sources of this folder."""

assert CUTS == concentration.CUTS


@lru_cache(maxsize=1024)
def of_row(p: LimitParameters, classes: int) -> np.ndarray:
    """The `SUM` of a row's exponentials, an array of one."""
    a = p.arithmetic
    per_addition = a.rounding + a.exp if p.algorithm == "online" else 0.0
    levels, whole = sums.depth(classes, p.summation), sums.growth(classes, p)
    return _record(p, classes, levels, per_addition, whole)


@lru_cache(maxsize=4096)
def of_batch(p: LimitParameters, rows: int) -> np.ndarray:
    """The `SUM` of the losses of so many rows, an array of one."""
    return _record(p, rows, sums.batch_depth(rows, p), 0.0, sums.batch_growth(rows, p))


def _record(p: LimitParameters, count: int, levels: int, per_addition: float, whole: float) -> np.ndarray:
    a, kept = p.arithmetic, formats.lookup(p.sum_format)
    narrow, wide = kept.precision < a.working.precision, kept.precision > a.working.precision
    record = np.zeros(1, SUM)
    record["count"], record["levels"] = count, levels
    record["per_level"] = float(np.log1p(kept.unit_roundoff)) + per_addition
    record["narrow"], record["narrow_addition"] = narrow, a.rounding if narrow else 0.0
    record["once"] = a.rounding if wide else 0.0
    record["whole"], record["factor"] = whole, concentration.absorbed(whole, p)
    record["least"] = concentration.least_compensated(count, whole, p)
    return record
