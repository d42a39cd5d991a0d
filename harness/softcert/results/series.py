"""Curves, growth laws, distributions and comparisons of subjects, for the results document."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import combinations
from statistics import median_high
from typing import Literal

import numpy as np

from softcert.certification.result import Result, UnitResult
from softcert.engine.error_curves import Point
from softcert.properties.check import EDGES
from softcert_oracle.limits import growth
from softcert_oracle.numbers import formats
from softcert_reports import document as doc

_GROWTH_ROWS = 64  # batches of more rows are left out of the growth laws: their sums grow with the batch
_ABSCISSAE = 3  # a law needs at least so many


def curves(subject: str, unit: UnitResult) -> list[doc.Series]:
    """The error of a unit against class count and against magnitude, in ulp."""
    by_classes: dict[float, list[Point]] = {}
    by_magnitude: dict[float, list[Point]] = {}
    for point in unit.tally.curves.points:
        if point.classes > 1:
            by_classes.setdefault(float(point.classes), []).append(point)
        if point.magnitude > 0:
            by_magnitude.setdefault(_octave(point.magnitude), []).append(point)
    return [
        _series(subject, unit, "classes", by_classes),
        _series(subject, unit, "magnitude", by_magnitude),
    ]


def _series(
    subject: str, unit: UnitResult, axis: Literal["classes", "magnitude"], groups: dict[float, list[Point]]
) -> doc.Series:
    return doc.Series(
        subject=subject,
        operation=unit.operation,
        format=unit.format,
        axis=axis,
        points=tuple(_point(x, group) for x, group in sorted(groups.items())),
    )


def _octave(magnitude: float) -> float:
    """The power of two at or below a magnitude; 2^-20 for everything smaller."""
    return float(np.ldexp(1.0, int(np.clip(np.floor(np.log2(magnitude)), -20, 1023))))


def _point(x: float, group: list[Point]) -> doc.Point:
    ulps = [p.ulp for p in group]
    limits = [p.limit_ulp for p in group if np.isfinite(p.limit_ulp)]
    return doc.Point(x=x, median=median_high(ulps), worst=max(ulps), limit=max(limits) if limits else None)


def histograms(subject: str, unit: UnitResult) -> Iterator[doc.Histogram]:
    """The distribution of the errors of a unit, where it has any."""
    counts = unit.tally.curves.histogram
    if counts.any():
        yield doc.Histogram(
            subject=subject,
            operation=unit.operation,
            format=unit.format,
            edges=tuple(EDGES),
            counts=tuple(int(n) for n in counts),
        )


def growth_laws(subject: str, unit: UnitResult) -> Iterator[doc.Growth]:
    """The law that the largest errors follow, along class count and along magnitude.

    One ulp is at least u of the result and at most 2u: in ulp, the growth is known to within a factor of two.
    """
    points = [
        p
        for p in unit.tally.curves.points
        if np.isfinite(p.ulp) and p.classes > 1 and p.rows <= _GROWTH_ROWS and p.magnitude > 0
    ]
    for axis, law in (("classes", growth.with_classes), ("magnitude", growth.with_magnitude)):
        x = [float(p.classes) if axis == "classes" else _octave(p.magnitude) for p in points]
        if len(set(x)) < _ABSCISSAE:
            continue
        fit = law(x, [p.ulp for p in points])  # a limit of the same output may be that of another of its elements
        yield doc.Growth(
            subject=subject,
            operation=unit.operation,
            format=unit.format,
            axis=axis,
            text=fit.sentence,
            exponent=fit.coefficient if axis == "magnitude" else None,
            depth_like=fit.law == "n",
        )


def pairwise(results: Sequence[Result]) -> list[doc.Pairwise]:
    """The largest difference of every two subjects on the outputs of the cases that both were called on."""
    records: list[doc.Pairwise] = []
    for a, b in combinations(results, 2):
        theirs = {unit.key: unit for unit in b.units}
        for unit in a.units:
            if unit.key in theirs:
                records += _difference(a.name, b.name, unit, theirs[unit.key])
    return sorted(records, key=lambda p: (p.operation, p.format, p.a, p.b))


def _difference(a: str, b: str, unit: UnitResult, other: UnitResult) -> Iterator[doc.Pairwise]:
    ours, theirs = unit.tally.evidence.outputs, other.tally.evidence.outputs
    shared = [c for c in ours if c in theirs]
    if not shared:
        return
    fmt = formats.lookup(unit.format)
    apart = [(_distance(ours[c], theirs[c], fmt), n) for n, c in enumerate(shared)]
    largest, where = max(apart)
    yield doc.Pairwise(
        operation=unit.operation,
        format=unit.format,
        a=a,
        b=b,
        largest_ulp=largest,
        case=shared[where].to_json(),
    )


def _distance(a: np.ndarray, b: np.ndarray, fmt: formats.Format) -> float:
    """The largest difference of two outputs in ulp of the larger; infinite where only one is a number."""
    if a.shape != b.shape:
        return float("inf")
    with np.errstate(invalid="ignore", over="ignore", divide="ignore"):
        same = (a == b) | (np.isnan(a) & np.isnan(b))
        top = np.maximum(np.abs(a), np.abs(b))
        exponent = np.maximum(np.floor(np.log2(np.where(top > 0, top, fmt.smallest_subnormal))), fmt.emin)
        ulps = np.abs(a - b) / np.exp2(exponent - fmt.precision + 1)
    ulps = np.where(same, 0.0, np.where(np.isnan(ulps), np.inf, ulps))
    return float(ulps.max(initial=0.0))


def coverage(results: Sequence[Result]) -> list[doc.Coverage]:
    """How many cases met each value of the taxonomy, by operation and format; the subject that met most counts."""
    most: dict[tuple[str, str], Counter[tuple[str, str]]] = {}
    for result in results:
        for unit in result.units:
            most[unit.key] = most.get(unit.key, Counter()) | unit.tally.domain.coverage
    return [
        doc.Coverage(operation=operation, format=format, axis=axis, value=value, count=count)
        for (operation, format), counts in most.items()
        for (axis, value), count in sorted(counts.items())
    ]
