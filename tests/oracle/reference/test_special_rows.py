"""Rows without a finite maximum: their class, and the limits that stand in the place of values."""

from __future__ import annotations

import numpy as np

from softcert_oracle.reference import truth
from softcert_oracle.reference.truth import RowKind

INF, NAN = np.inf, np.nan
KINDS = [
    ([1.0, -INF], RowKind.ORDINARY),
    ([-INF, -INF], RowKind.ALL_MINUS_INF),
    ([INF, -INF], RowKind.ONE_PLUS_INF),
    ([INF, INF], RowKind.SEVERAL_PLUS_INF),
    ([INF, NAN], RowKind.HAS_NAN),
    ([-INF, NAN], RowKind.HAS_NAN),
]


def test_rows_are_classed_by_their_special_values() -> None:
    found = truth.rows(np.array([row for row, _ in KINDS]))
    assert found.kind.tolist() == [kind for _, kind in KINDS]
    assert found.ordinary.tolist() == [True] + [False] * 5


def test_special_rows_have_limits_or_no_value_and_leave_their_neighbours_alone() -> None:
    x = np.array([row for row, _ in KINDS] + [[2.0, 1.0]])
    found = truth.rows(x)
    alone = truth.rows(x[-1:])
    assert np.array_equal(found.softmax.hi[1:6], [[NAN] * 2, [1, 0], [NAN] * 2, [NAN] * 2, [NAN] * 2], equal_nan=True)
    assert np.array_equal(found.log_softmax.hi[2], [0, -INF])
    assert np.array_equal(found.logsumexp.hi[1:6], [-INF, INF, INF, NAN, NAN], equal_nan=True)
    assert found.softmax.hi[6].tolist() == alone.softmax.hi[0].tolist()
    assert found.L[6] == alone.L[0]
    assert np.isnan(found.s[1:6]).all()
    assert np.isnan(truth.jacobian(found).hi[1:6]).all()
    assert np.isfinite(truth.jacobian(found).hi[[0, 6]]).all()
