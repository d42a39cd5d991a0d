"""Coverage of the taxonomy: which crossings of its axes a case stands for."""

from __future__ import annotations

from collections.abc import Iterator

from softcert.cases.case import Case
from softcert.cases.crossing.sizes import row_count_class, size_class
from softcert.cases.regimes.families import REGIMES

__all__ = ["crossings", "row_class", "row_count_class", "size_class"]


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
    yield "classes x rows", f"{classes} x {row_count_class(case.rows_count)}"
    if case.layout != "C":
        yield "layout x shape", f"{case.layout} x {rows}"


def row_class(case: Case) -> str:
    """The row counts, gathered, with the square inputs apart."""
    m = case.rows_count
    return "rows = classes" if m == case.classes and m > 1 else row_count_class(m)
