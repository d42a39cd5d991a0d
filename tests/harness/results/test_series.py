"""Curves, laws of growth, distributions and comparisons, from what was recorded."""

from __future__ import annotations

import numpy as np
import pytest
from tests.harness.building import softmax

from softcert import Implementation
from softcert.certification.certify import certify_one
from softcert.certification.plan import Plan
from softcert.results import series

PLAN = Plan.of("quick", isolation="none")


@pytest.fixture(scope="module")
def results():
    def subject(name, function):
        return certify_one(
            Implementation(name, {"softmax": function}, ("float32",), max_classes=600, max_rows=70), PLAN
        )

    return [subject("a", softmax), subject("b", lambda x: softmax(x) * np.float32(1 + 2**-20))]


def test_curves_are_sorted_and_hold_the_worst_error(results):
    (unit,) = results[0].units
    by_classes, by_magnitude = series.curves("a", unit)
    assert (by_classes.axis, by_magnitude.axis) == ("classes", "magnitude")
    for curve in (by_classes, by_magnitude):
        x = [p.x for p in curve.points]
        assert x == sorted(set(x))
        assert all(p.median <= p.worst for p in curve.points)
    assert max(p.worst for p in by_classes.points) == max(p.ulp for p in unit.tally.curves.points if p.classes > 1)
    assert all(np.log2(p.x) % 1 == 0 for p in by_magnitude.points), "octaves"


def test_a_histogram_counts_every_judged_element(results):
    (unit,) = results[0].units
    (histogram,) = series.histograms("a", unit)
    assert sum(histogram.counts) == unit.tally.tallies.by_property["accuracy", "stable"].checked
    assert len(histogram.edges) == len(histogram.counts) + 1


def test_growth_is_said_along_both_axes(results):
    laws = list(series.growth_laws("a", results[0].units[0]))
    assert [law.axis for law in laws] == ["classes", "magnitude"]
    assert all(law.text for law in laws)


def test_two_subjects_are_compared_on_the_cases_that_both_were_called_on(results):
    (pair,) = series.pairwise(results)
    assert (pair.a, pair.b, pair.operation) == ("a", "b", "softmax")
    assert 8 <= pair.largest_ulp <= 20
    assert pair.case is not None
    assert series.pairwise(results[:1]) == []
    (same,) = series.pairwise([results[0], results[0]])
    assert same.largest_ulp == 0


def test_coverage_is_that_of_the_subject_that_met_most(results):
    counts = {(c.axis, c.value): c.count for c in series.coverage(results)}
    assert counts["state", "twice"] == results[0].units[0].tally.domain.coverage["state", "twice"]
    assert counts["layout", "Fortran"] > 0
