"""Cases of the regimes whose sums are exact or short, at the sizes where other limits are wide."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

from softcert.cases.case import Case, LabelRule
from softcert.cases.crossing import sizes
from softcert.cases.effort import Effort
from softcert.cases.regimes.sums import FAR, MINUS_INF
from softcert_oracle.numbers.formats import Format

_WIDE = (131072, 262144)
_BATCHES = (8192, 65537)


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
    # One class of 262144 is 64 u of a sum that is exact. A result of 16 bits does not show it: there the classes at
    # which loops end are nearly alone in their row.
    fine = fmt.precision >= 24
    edges = (("kept", "edges"), ("beside", FAR))
    for C in _WIDE:
        if fine:
            yield Case.of("exact sums", 1, C, f, (("by", "all"),), labels=LabelRule.LAST)
        else:
            yield Case.of("sparse rows", 1, C, f, edges, labels=LabelRule.LAST)
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
        for losses in ("one", "powers", "half"):
            yield Case.of("unequal losses", m, 2, f, (("losses", losses),), labels=LabelRule.FIRST)
    for m in _BATCHES:
        for at in (0, m // 2, m - 1) if m < 10_000 else (m - 1,):
            yield Case.of("unequal losses", m, 2, f, (("losses", "one"), ("at", at)), labels=LabelRule.FIRST)
        for losses in ("powers", "half") if m < 10_000 else ("half",):
            yield Case.of("unequal losses", m, 2, f, (("losses", losses),), labels=LabelRule.FIRST)
