"""How the answers for many elements become one check."""

from __future__ import annotations

import numpy as np
import pytest

from softcert.properties.check import EDGES, Check, distribution, from_decisions, from_ratios, passed, refused
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
