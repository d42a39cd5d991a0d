"""Cases of the regimes whose sums are exact or short, at the sizes where other limits are wide."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from itertools import product

from softcert.cases.case import Case, LabelRule
from softcert.cases.crossing import sizes
from softcert.cases.effort import Effort
from softcert.cases.regimes.sums import DENSE, EDGES, FAR, MINUS_INF
from softcert_oracle.numbers.formats import Format

_WIDE = (131072, 262144)
_BATCHES = (8192, 65537)
_ONES = 1 << 16
"""Ones of a row of which a single one shows: 1/65536 is 256 u of float32, where limits reach 160 u (log ŝ in ulps)."""
_LOSSES = 2896
"""Equal losses of which a single one shows in float32. k of them may be summed with an error of k - 1 roundings, and
one is 1/k of the sum: twice the error where k = sqrt(2^23)."""
_NARROW = ("exact sums", "sparse rows", "one percent", "concentrated")
"""Regimes whose limits stay below 1e-4 at every class count."""
_PLAIN = ("ordinary", "peak", "ties")
"""Regimes whose limits do so up to `DENSE` classes, and whose logits are not far from 0."""


def rows(fmt: Format, effort: Effort) -> Iterator[Case]:
    """Rows in which a single missing class shows, at small class counts and at the widest."""
    f = fmt.name
    # One row for every bit of the class index tells any class.
    for C, beside in product((33, 1000), (MINUS_INF, FAR)):
        bits = (C - 1).bit_length()
        yield Case.of("exact sums", bits, C, f, (("by", "bits"), ("beside", beside)), labels=LabelRule.FIRST)
        yield Case.of("sparse rows", 2, C, f, (("kept", 16), ("beside", beside)), labels=LabelRule.ARGMAX)
        yield Case.of("exact sums", 2, C, f, (("beside", beside),), labels=LabelRule.FIRST)
    yield Case.of("concentrated", 2, 1000, f, labels=LabelRule.LAST)
    # Rows of ones that share the classes among them show any class. A result of 16 bits does not: there the classes at
    # which loops end are nearly alone in their row.
    fine = fmt.precision >= 24
    for C in _WIDE:
        if fine:
            for part in range(of := C // _ONES):
                own = (("by", "part"), ("at", part), ("of", of))
                yield Case.of("exact sums", 1, C, f, own, labels=LabelRule.LAST)
        else:
            yield Case.of("sparse rows", 1, C, f, EDGES, labels=LabelRule.LAST)
    if not effort.thin:
        for C in [n for n in (*sizes.NAMED, *sizes.MORE) if n > 1000]:
            yield from _wide(f, C)


def _wide(f: str, C: int) -> Iterator[Case]:
    """Rows of a wide class count; the complementary halves hold every class, and the bits tell which one is missing."""
    yield Case.of("exact sums", 2, C, f, (("beside", FAR),), labels=LabelRule.FIRST)
    yield Case.of("exact sums", (C - 1).bit_length(), C, f, (("by", "bits"),), labels=LabelRule.FIRST)
    yield Case.of("sparse rows", 2, C, f, (("kept", 64),), labels=LabelRule.ARGMAX)
    yield Case.of("sparse rows", 1, C, f, (("kept", "edges"),), labels=LabelRule.FIRST)
    yield Case.of("one percent", 2, C, f, labels=LabelRule.ARGMAX)
    yield Case.of("concentrated", 1, C, f, labels=LabelRule.LAST)


def batches(fmt: Format) -> Iterator[Case]:
    """Batches in which a lost, doubled or misweighted row shows, with labels."""
    f = fmt.name
    for m in (3, 17, 100, 1025):
        for losses in ("one", "powers", "part"):
            yield Case.of("unequal losses", m, 2, f, (("losses", losses),), labels=LabelRule.FIRST)
    for m in _BATCHES:
        for at in (0, m // 2, m - 1) if m < 10_000 else (m - 1,):
            yield Case.of("unequal losses", m, 2, f, (("losses", "one"), ("at", at)), labels=LabelRule.FIRST)
        if m < 10_000:
            yield Case.of("unequal losses", m, 2, f, (("losses", "powers"),), labels=LabelRule.FIRST)


def every_row(fmt: Format, effort: Effort) -> Iterator[Case]:
    """Batches for a loss that is reduced, in which any one row that is lost or doubled shows.

    Of the many parts of the largest batch effort "quick" has those of the first, the middle and the last row: functions
    that go row by row take seconds for each.
    """
    if fmt.precision < 24:
        return  # 1/k of a loss is below half an ulp of the result before the rows are shared among few batches
    for m in _BATCHES:
        of = -(-m // _LOSSES) if fmt.precision == 24 else 1
        ends = {0, m // 2 % of, (m - 1) % of}
        for part in sorted(ends) if effort.thin and m > 10_000 else range(of):
            how = (("losses", "part"), ("at", part), ("of", of))
            yield Case.of("unequal losses", m, 2, fmt.name, how, labels=LabelRule.FIRST)


def narrow_rows(fmt: Format, cases: Collection[Case]) -> Iterator[Case]:
    """Rows with narrow limits for each class count that has none: a relative error of 1e-4 shows in float32."""
    some = [case for case in cases if case.classes > 1 and case.rows_count]
    narrow = {c.classes for c in some if c.regime in (_NARROW if c.classes > DENSE else _NARROW + _PLAIN)}
    # As many rows as the class count has elsewhere: compilers pay for each new shape.
    rows = {c.classes: c.rows_count for c in sorted(some, key=lambda c: -c.rows_count)}
    for C in sorted(rows.keys() - narrow):
        yield Case.of("sparse rows", rows[C], C, fmt.name, EDGES, labels=LabelRule.LAST)
