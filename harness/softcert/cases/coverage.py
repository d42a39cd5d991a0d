"""Coverage of the taxonomy: which crossings of its axes a case stands for."""

from __future__ import annotations

from collections.abc import Iterator

from softcert.cases.case import Case
from softcert.cases.regimes import REGIMES


def crossings(case: Case) -> Iterator[tuple[str, str]]:
    """The places of a case in the taxonomy, as (axis, value), single axes and the crossings that matter."""
    axis = REGIMES[case.regime].axis if case.regime in REGIMES else "explicit"
    classes, rows = size_class(case.classes), row_class(case)
    yield axis, case.regime
    yield "classes", classes
    yield "rows", rows
    yield "layout", case.layout
    yield "state", case.state
    yield "labels", case.labels
    yield "label type", case.label_dtype
    yield "regime x classes", f"{case.regime} x {classes}"
    yield "regime x rows", f"{case.regime} x {rows}"
    yield "regime x labels", f"{case.regime} x {case.labels if not case.labels.startswith('at') else 'chosen class'}"
    if case.layout != "C":
        yield "layout x shape", f"{case.layout} x {rows}"


def size_class(classes: int) -> str:
    """The class counts, gathered: 1, 2, 3, to 16, to 128, to 1024, to 4097, vocabularies."""
    for top in (1, 2, 3):
        if classes <= top:
            return str(classes)
    for low, top in ((4, 16), (17, 128), (129, 1024), (1025, 4099)):
        if classes <= top:
            return f"{low} to {top}"
    return "vocabulary"


def row_class(case: Case) -> str:
    """The row counts, gathered, with the square inputs apart."""
    m = case.rows_count
    if m == case.classes and m > 1:
        return "rows = classes"
    if m <= 2:
        return str(m)
    return "3 to 64" if m <= 64 else "65 to 1024" if m <= 1024 else "more than 1024"
