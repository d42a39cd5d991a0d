"""Enclosures next to an exact value begin at it, so that the direction decides their rounding."""

from __future__ import annotations

import numpy as np
import pytest

from softcert_oracle.decide import decisions
from softcert_oracle.numbers.enclosure import Decision
from softcert_oracle.numbers.formats import FORMATS
from softcert_oracle.reference import arb, backends, truth

INF, NAN = np.inf, np.nan
F64 = FORMATS["float64"]


# A dictionary keeps its order: the backends of a set would come in another order in every process.
BACKENDS = list(dict.fromkeys([backends.default(), arb.enclose]))
BESIDE = [
    # row, operation, entry, the number that it lies beside, the side
    ([0.0, -1e9], "softmax", 0, 1.0, -1),
    ([0.0, -60.0], "softmax", 0, 1.0, -1),
    ([0.0, 0.0, -1e9], "softmax", 1, 0.5, -1),
    ([0.0, 0.0, -200.0], "softmax", 1, 0.5, -1),
    ([1.0] * 4 + [-1e5], "softmax", 2, 0.25, -1),
    ([3.0, -1e9], "logsumexp", 0, 3.0, 1),
    ([3.0, -200.0], "logsumexp", 0, 3.0, 1),
    ([-3.0, -800.0], "logsumexp", 0, -3.0, 1),
    ([2.0**60, 0.0], "log_softmax", 1, -(2.0**60), -1),
    ([300.0, 100.0], "log_softmax", 1, -200.0, -1),
    ([1e300, -1e300], "log_softmax", 1, -2e300, -1),
    ([0.0, -1e12], "log_softmax", 1, -1e12, -1),
]


@pytest.mark.parametrize(("row", "operation", "entry", "number", "side"), BESIDE)
@pytest.mark.parametrize("backend", BACKENDS, ids=lambda b: b.__module__.split(".")[1])
def test_values_that_differ_from_a_number_by_less_than_anything_lie_on_the_right_side_of_it(
    row: list[float], operation: str, entry: int, number: float, side: int, backend: backends.Backend
) -> None:
    e = truth.reference(operation, truth.rows(np.array([row]), backend)).reshape(-1)[entry]
    low, high, decided = decisions.neighbours(e, F64)
    assert decided
    assert (low if side > 0 else high) == number
    assert low < high
    assert decisions.correctly_rounded(number, e, F64) == Decision.YES


@pytest.mark.parametrize("backend", BACKENDS, ids=lambda b: b.__module__.split(".")[1])
def test_a_midpoint_moved_by_next_to_nothing_is_no_tie(backend: backends.Backend) -> None:
    # d = -(2^53 + 1) is the midpoint of -2^53 (even) and -(2^53 + 2); l = d - exp(-2^53) lies beyond it.
    found = truth.rows(np.array([[-(2.0**53), 1.0]]), backend)
    assert decisions.nearest(found.log_softmax, F64)[0][0, 0] == -(2.0**53 + 2)
    assert decisions.nearest(found.log_softmax, F64)[1][0, 0]
