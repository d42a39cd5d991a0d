"""Altered inputs differ from the first one where a cache with a small key does not look."""

from __future__ import annotations

import numpy as np
import pytest

from softcert.cases.alterations import alterations
from softcert.cases.case import Case
from softcert.cases.inputs import build


def altered(m=4, C=10, **fields):
    inputs = build(Case.of("ladder", m, C, "float32", **fields))
    return inputs, list(alterations(inputs))


@pytest.mark.parametrize(("m", "C"), [(4, 10), (5, 33), (1, 17), (2, 4)])
def test_ends_and_corners_and_the_shape_stay(m, C):
    inputs, found = altered(m, C)
    assert len(found) >= 6
    for x, _ in found:
        assert x.shape == inputs.exact.shape
        assert np.array_equal(x[:, [0, -1]], inputs.exact[:, [0, -1]])


def test_every_alteration_but_the_last_changes_logits_and_the_last_changes_labels():
    inputs, found = altered()
    *logits, (last, labels) = found
    assert all(not np.array_equal(x, inputs.exact) for x, _ in logits)
    assert all(np.array_equal(y, inputs.labels) for _, y in logits)
    assert np.array_equal(last, inputs.exact)
    assert np.array_equal(labels != inputs.labels, [False, True, True, False])


def test_the_sum_stays_and_some_alterations_keep_the_sums_of_rows_or_of_rows_and_columns():
    inputs, found = altered()
    x = inputs.exact
    assert all(y.sum() == x.sum() for y, _ in found)
    rows = [np.array_equal(y.sum(1), x.sum(1)) for y, _ in found[:-1]]
    both = [r and np.array_equal(y.sum(0), x.sum(0)) for r, (y, _) in zip(rows, found, strict=False)]
    assert sum(rows) >= 4
    assert sum(both) >= 2
    assert not all(rows)


def test_places_are_drawn_from_the_recipe():
    one, two = altered()[1], altered()[1]
    assert all(np.array_equal(a, b) for (a, _), (b, _) in zip(one, two, strict=True))
    other = altered(seed=3)[0].exact
    assert other.shape == (4, 10)


@pytest.mark.parametrize(("m", "C"), [(0, 5), (3, 3), (2, 1)])
def test_without_inner_elements_there_is_no_alteration(m, C):
    assert altered(m, C)[1] == []
