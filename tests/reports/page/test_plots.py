"""The numbers behind the plots: thinned curves, shared limits."""

from __future__ import annotations

import hashlib
import importlib.resources
import json
import math
from dataclasses import replace

from tests.reports import sample

from softcert_reports import document as d
from softcert_reports.page import plots


def test_a_thinned_curve_keeps_its_worst_points_and_invents_none() -> None:
    points = tuple(d.Point(x=float(x), median=1.0, worst=float(x % 17), limit=20.0) for x in range(1, 400))
    points = (*points[:200], d.Point(x=200.5, median=1.0, worst=math.nan, limit=20.0), *points[200:])
    curve = d.Series(subject="s", operation="softmax", format="float32", axis="classes", points=points)
    kept = plots.thinned(curve, 10)
    assert len(kept) <= 10
    assert set(kept) <= set(points)
    assert any(p.worst is not None and math.isnan(p.worst) for p in kept)
    assert max(p.worst or 0 for p in kept if p.worst == p.worst) == 16
    assert plots.thinned(curve, 1000) == list(points)
    at_zero = d.Series(
        subject="s",
        operation="softmax",
        format="float32",
        axis="magnitude",
        points=(d.Point(x=0.0, median=0.0, worst=0.0, limit=1.0),) * 9,
    )
    assert len(plots.thinned(at_zero, 4)) == 1


def test_the_limit_passes_through_the_limit_of_every_error_that_is_drawn() -> None:
    data = plots.data(sample.many(20))
    bounds = {(o, f, axis, i): dict(curve) for o, f, axis, subjects, curve in data["limits"] for i in subjects}
    assert len(bounds) == len(data["series"])
    for subject, operation, format, axis, points in data["series"]:
        for x, _, _, limit in points:
            assert bounds[operation, format, axis, subject][x] == limit
    assert len(data["limits"]) < len(data["series"]) / 4  # shared ones are drawn once


def test_the_vendored_bundle_is_what_was_built_from_pinned_packages() -> None:
    folder = importlib.resources.files("softcert_reports.page") / "vendor"
    pinned = json.loads((folder / "package.json").read_text("utf-8"))
    licences = (folder / "LICENSES.txt").read_text("utf-8")
    for name, facts in plots.vendored().items():
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == facts["sha256"]
        assert facts["packages"]["@observablehq/plot"] == pinned["dependencies"]["@observablehq/plot"]
        assert facts["built_with"] == "esbuild " + pinned["devDependencies"]["esbuild"]
        for package, version in facts["packages"].items():
            assert f"== {package} {version} (ISC) ==" in licences


def test_a_long_row_is_drawn_by_its_first_and_its_largest_elements() -> None:
    size = 5 * plots.ROW_POINTS
    exact = (*(0.0,) * (size - 1), 1.0)
    finding = sample.sample().findings[0]
    assert finding.witness
    witness = replace(finding.witness, row_got=exact, row_exact=exact, row_limit=())
    pictures = plots.data(replace(sample.sample(), findings=(replace(finding, witness=witness),)))["findings"]
    (picture,) = pictures.values()
    drawn = [i for i, *_ in picture["row"]]
    assert picture["of"] == size
    assert len(drawn) <= plots.ROW_POINTS
    assert {0, plots.ROW_POINTS // 2 - 1, size - 1} <= set(drawn)


def test_speed_is_drawn_against_the_largest_finite_error() -> None:
    base = sample.sample()
    cells = tuple(
        replace(c, worst_ulp=math.inf if c.property == "finite" else 2.0 if c.property == "accuracy" else 1.0)
        for c in base.cells
    )
    assert {row[4] for row in plots.data(replace(base, cells=cells))["speed"]} == {2}


def test_the_summary_of_a_curve_counts_what_has_no_number() -> None:
    points = (
        d.Point(x=1.0, worst=2.0, limit=4.0),
        d.Point(x=2.0, worst=3.0, limit=12.0),
        d.Point(x=4.0, worst=math.nan, limit=4.0),
        d.Point(x=8.0, worst=math.inf, limit=4.0),
    )
    shown = plots.summary(d.Series(subject="s", operation="softmax", format="float32", axis="classes", points=points))
    assert (shown["low"], shown["high"], shown["worst"], shown["share"]) == (1.0, 8.0, points[1], 0.5)
    assert shown["infinite"] == 2
