"""The numbers behind the page's plots, as small plain data for Observable Plot, and each plot's text alternative.

Axes, scales, ticks and marks are Plot's work (vendored, see `vendor/`); the page's script only says which columns
go where. Errors are in ulp; NaN and infinite errors have no place on an axis and are counted in words instead.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from importlib import resources
from typing import Any

from softcert_reports.document import Document, Finding, Histogram, Point, Series, Speed
from softcert_reports.formatting.numbers import short_number
from softcert_reports.formatting.sanitise import short, visible
from softcert_reports.page import anchors
from softcert_reports.page.hulls import hulls
from softcert_reports.page.numberline import number_line

PLOT_STYLE = """:where(.plot) {
  --plot-background: white;
  display: block;
  height: auto;
  height: intrinsic;
  max-width: 100%;
}
:where(.plot text),
:where(.plot tspan) {
  white-space: pre;
}"""
"""The style element that Plot 0.6 puts into each of its pictures (class name "plot"); the policy admits its hash."""

ROW_POINTS = 400
"""A row with more classes is drawn by its first and largest elements: more points than pixels help nobody."""


POINTS = 3200
"""Points of all curves together: a hundred curves are drawn with up to 32 points each, four hundred with 8."""


def libraries() -> list[str]:
    """The source of Plot with what it needs of d3, as bundled from the registry's packages."""
    return [(resources.files("softcert_reports.page") / "vendor" / "plot.bundle.js").read_text("utf-8")]


def vendored() -> Mapping[str, Mapping[str, Any]]:
    """File -> sha256, licence, packages with their versions, and how it was built from them."""
    folder = resources.files("softcert_reports.page") / "vendor"
    data: dict[str, dict[str, Any]] = json.loads((folder / "vendor.json").read_text("utf-8"))
    return data


def data(document: Document) -> dict[str, Any]:
    """Everything that is drawn: names once, then curves, histograms and speeds by index, findings by anchor."""
    names = list(dict.fromkeys(s.name for s in document.subjects))
    curves: list[Series | Histogram | Speed] = [*document.series, *document.histograms, *document.speed]
    names = list(dict.fromkeys((*names, *(c.subject for c in curves))))
    index = {name: i for i, name in enumerate(names)}
    keys = [(c.operation, c.format) for c in curves if not isinstance(c, Speed)]
    errors = _worst_errors(document)
    edges = list(dict.fromkeys(h.edges for h in document.histograms))
    most = max(8, min(32, POINTS // max(1, len(document.series))))
    return {
        "names": [f"\u2068{short(visible(name), 28)}\u2069" for name in names],
        "keys": [list(k) for k in dict.fromkeys(keys)],
        "series": [
            [
                index[s.subject],
                s.operation,
                s.format,
                s.axis,
                [_point(p.x, p.median, p.worst, p.limit) for p in thinned(s, most)],
            ]
            for s in document.series
        ],
        "limits": _limit_curves(document, index, most),
        "edges": [_numbers(e) for e in edges],
        "histograms": [
            [index[h.subject], h.operation, h.format, edges.index(h.edges), list(h.counts)] for h in document.histograms
        ],
        "speed": [
            [index[s.subject], s.operation, s.format, short_number(s.elements_per_second), short_number(worst)]
            for s in document.speed
            if (worst := errors.get((s.subject, s.operation, s.format))) is not None
        ],
        "hulls": [[list(corner) for corner in hull.corners] for hull in hulls(document)],
        "findings": {anchors.of_finding(f): picture for f in document.findings if (picture := _pictures(f))},
    }


def _limit_curves(document: Document, index: Mapping[str, int], most: int) -> list[list[object]]:
    """[operation, format, axis, subjects, points (x, limit)]: a limit that several subjects share is drawn once.

    It passes through the limit of every error that is drawn, so that no error looks larger than its limit is.
    """
    shared: dict[tuple[str, str, str, tuple[tuple[float, float], ...]], list[Series]] = {}
    for s in document.series:
        points = tuple((p.x, p.limit) for p in sorted(s.points, key=lambda p: p.x) if p.limit is not None)
        shared.setdefault((s.operation, s.format, s.axis, points), []).append(s)
    out: list[list[object]] = []
    for (operation, format, axis, points), series in shared.items():
        drawn = {p.x for s in series for p in thinned(s, most)} | {x for x, _ in (*points[:1], *points[-1:])}
        curve = [_point(x, limit) for x, limit in points if x in drawn]
        out.append([operation, format, axis, [index[s.subject] for s in series], curve])
    return out


def thinned(series: Series, most: int) -> list[Point]:
    """At most so many points of a curve: the worst of each stretch of the axis (equal in the logarithm of x).

    A point without a number is worse than any other. Only measured points are drawn, never a mixture of several.
    """
    points = sorted(series.points, key=lambda p: p.x)
    if len(points) <= most:
        return points
    logs = [math.log(p.x) if p.x > 0 and math.isfinite(p.x) else 0.0 for p in points]
    width = (max(logs) - min(logs)) / most or 1.0
    worst: dict[int, Point] = {}
    for p, at in zip(points, logs, strict=True):
        stretch = min(most - 1, int((at - min(logs)) / width))
        if stretch not in worst or _badness(p) > _badness(worst[stretch]):
            worst[stretch] = p
    return [worst[i] for i in sorted(worst)]


def _badness(point: Point) -> float:
    if point.worst is None:
        return -1.0
    return point.worst if math.isfinite(point.worst) else math.inf


def _point(*values: float | None) -> list[object]:
    return [None if v is None else short_number(v) for v in values]


def _numbers(values: Iterable[float]) -> list[object]:
    return [short_number(v) for v in values]


def _worst_errors(document: Document) -> dict[tuple[str, str, str], float]:
    """The largest finite error in ulp of each subject, operation and format."""
    out: dict[tuple[str, str, str], float] = {}
    for c in document.cells:
        if c.worst_ulp is not None and math.isfinite(c.worst_ulp):
            key = (c.subject, c.operation, c.format)
            out[key] = max(out.get(key, 0.0), c.worst_ulp)
    return out


def _pictures(finding: Finding) -> dict[str, Any]:
    """The number line and the row of one finding, each where it helps."""
    out: dict[str, Any] = {}
    if line := number_line(finding):
        out["line"] = line
    w = finding.witness
    if w and len(w.row_got) >= 2 and len(w.row_got) == len(w.row_exact):
        if not any(map(math.isfinite, (*w.row_got, *w.row_exact))):
            return out  # nothing has a place on an axis
        chosen = _chosen(w.row_exact)
        limits = w.row_limit if len(w.row_limit) == len(w.row_got) else (None,) * len(w.row_got)
        out["row"] = [_point(i, w.row_got[i], w.row_exact[i], limits[i]) for i in chosen]
        out["of"] = len(w.row_got)
    return out


def _chosen(exact: tuple[float, ...]) -> list[int]:
    if len(exact) <= ROW_POINTS:
        return list(range(len(exact)))
    largest = sorted(range(len(exact)), key=lambda i: (-abs(exact[i]) if exact[i] == exact[i] else 0.0, i))
    return sorted({*range(ROW_POINTS // 2), *largest[: ROW_POINTS // 2]})


def summary(series: Series) -> dict[str, Any]:
    """A curve in a table's row: its range, its worst point, the limit there, and how often it has no number."""
    finite = [p for p in series.points if p.worst is not None and math.isfinite(p.worst)]
    worst = max(finite, key=lambda p: p.worst or 0.0, default=None)
    shares = [(p.worst or 0.0) / p.limit for p in finite if p.limit]
    return {
        "series": series,
        "low": min((p.x for p in series.points), default=None),
        "high": max((p.x for p in series.points), default=None),
        "worst": worst,
        "share": max(shares, default=None),
        "infinite": sum(1 for p in series.points if p.worst is not None and not math.isfinite(p.worst)),
    }
