"""How the answers for many elements become one check."""

from __future__ import annotations

import numpy as np
import pytest

from softcert.properties.check import (
    EDGES,
    INFINITY,
    NAN,
    VACUOUS,
    VALUE,
    ZERO,
    Check,
    distribution,
    from_decisions,
    from_ratios,
    passed,
    refused,
)
from softcert_oracle.levels import Level
from softcert_oracle.numbers.enclosure import Decision


def test_a_ratio_is_violated_undecided_or_within_by_its_margin():
    ratios = np.array([[0.5, 0.9999], [1.0, 1.2]])
    check = from_ratios("ties", Level.STABLE, ratios, 0.01)
    assert (check.checked, check.violated, check.undecided) == (4, 1, 2)
    assert (check.ratio, check.index) == (1.2, (1, 1))
    assert check.failed


def test_a_ratio_that_is_nan_is_violated():
    check = from_ratios("ties", Level.SOUND, np.array([0.1, np.nan]), 0.01)
    assert (check.violated, check.ratio, check.index) == (1, np.inf, (1,))


def test_nothing_to_measure_is_nothing_checked():
    for check in (
        from_ratios("ties", Level.SOUND, np.zeros((0, 3)), 0.0),
        from_decisions("accuracy", Level.SOUND, np.zeros(0), np.zeros(0)),
    ):
        assert (check.checked, check.failed) == (0, False)


def test_the_worst_violated_element_is_shown_even_where_another_has_a_larger_ratio():
    decisions = np.array([Decision.NO, Decision.YES, Decision.UNDECIDED, Decision.YES])
    check = from_decisions("accuracy", Level.STABLE, decisions, np.array([9.0, 2.0, 1.0, 3.0]))
    assert (check.violated, check.undecided, check.index, check.ratio) == (2, 1, (3,), 3.0)
    none = from_decisions("accuracy", Level.STABLE, np.full(4, Decision.NO), np.array([9.0, 2.0, 1.0, 3.0]))
    assert (none.violated, none.index) == (0, (0,))


@pytest.mark.parametrize("ulp", [0.0, 2.0**-30, 0.4, 0.5, 1.0, 3.0, 2.0**61, np.inf])
def test_an_error_falls_between_its_edges(ulp):
    counts = distribution(np.array([ulp]))
    assert (counts.sum(), len(counts)) == (1, len(EDGES) - 1)
    where = int(np.argmax(counts))
    with np.errstate(divide="ignore"):
        assert EDGES[where] <= np.log2(ulp) <= EDGES[where + 1]


def test_a_nan_counts_with_the_largest_errors():
    assert int(np.argmax(distribution(np.array([np.nan])))) == len(EDGES) - 2


def test_statements_about_a_whole_output():
    assert not passed("completes").failed
    check = refused("result_shape", cause="shape", message="shape (2,), expected (3,)")
    assert (check.failed, check.ratio, check.level) == (True, np.inf, Level.SOUND)


def test_a_check_is_built_by_keyword():
    with pytest.raises(TypeError):
        Check("accuracy", Level.STABLE, 1)  # type: ignore[misc]


def test_the_edges_are_exact_results_then_powers_of_two():
    powers = [float(power) for power in range(-8, 13)]
    assert list(EDGES) == [-np.inf, -20.0, *powers, 20.0, 60.0, np.inf]


@pytest.mark.parametrize(("ulp", "lower"), [(0.0, -np.inf), (2.0**-21, -np.inf), (2.0**-20, -20.0), (1.0, 0.0)])
def test_an_error_at_an_edge_falls_above_it(ulp, lower):
    assert EDGES[int(np.argmax(distribution(np.array([ulp]))))] == lower


def test_a_ratio_at_the_end_of_its_margin():
    check = from_ratios("ties", Level.STABLE, np.array([0.75, 1.25]), 0.25)
    assert (check.violated, check.undecided) == (0, 1), "violated beyond 1 + margin, undecided above 1 - margin"


def test_a_violated_element_of_ratio_zero_is_shown_before_those_that_hold():
    check = from_decisions("accuracy", Level.STABLE, np.array([Decision.NO, Decision.YES]), np.array([9.0, 0.0]))
    assert (check.index, check.ratio) == ((1,), 0.0)


def test_without_a_violation_the_largest_ratio_is_shown():
    check = from_decisions("accuracy", Level.STABLE, np.full(3, Decision.NO), np.array([0.1, np.nan, 0.3]))
    assert (check.index, check.ratio) == ((1,), np.inf)


def test_a_check_has_measured_nothing_unless_it_says_so():
    check = Check(property_name="ties", level=Level.SOUND, checked=1)
    assert (check.violated, check.undecided, check.ratio, check.measured, check.limit, check.ulp) == (0,) * 6
    assert (check.index, check.cause, check.unit, check.message, check.histogram) == ((), "", "", "", None)


def test_a_statement_is_checked_once_and_says_why_it_is_refused():
    assert (passed("completes").checked, passed("ties", Level.STABLE).level) == (1, Level.STABLE)
    check = refused("result_shape", cause="shape", message="too short", level=Level.STABLE)
    assert (check.checked, check.violated, check.cause, check.message) == (1, 1, "shape", "too short")
    assert check.level == Level.STABLE


def test_the_words_of_causes_stand_in_documents_and_do_not_change():
    assert (NAN, INFINITY, ZERO, VALUE, VACUOUS) == ("nan", "infinity", "zero", "value", "vacuous")
