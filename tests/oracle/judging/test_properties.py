"""Structural properties in NumPy form: what a comparison of two results forgives by itself."""

from __future__ import annotations

import numpy as np
import pytest

from softcert_oracle.judging.properties import BY_OPERATION, EVALUATION, MARGIN, NAMES, View

NEAR = [[2.0**-40, 0.0]]  # probabilities of one half, the first a little larger


@pytest.mark.parametrize(
    ("operation", "name", "rows", "got"),
    [
        ("softmax", "order", NEAR, lambda by: [[0.5 - by / 2, 0.5]]),
        ("softmax", "ties", [[0.0, 0.0]], lambda by: [[0.5, 0.5 - by / 2]]),
        ("logsumexp", "lse_bounds", [[48.0, 0.0]], lambda by: [48.0 * (1 - by)]),
        ("logsumexp", "lse_bounds", [[-48.0, -48.0]], lambda by: [(np.log(2) - 48) + 48 * by]),
        ("cross_entropy_grad", "gradient_range", [[-50.0, 0.0]] * 2, lambda by: [[-0.5 - by / 2, 0.5]] * 2),
    ],
)
def test_comparisons_of_results_forgive_their_own_rounding(operation, name, rows, got):
    """Without any limit, two roundings of float64 pass and a few more do not."""
    ratios = BY_OPERATION[operation][NAMES[operation].index(name)]

    def ratio(by):
        values = np.array(got(by))
        view = View(
            x=np.array(rows),
            labels=np.zeros(len(rows), np.int64),
            got=values,
            truth=values,
            error=np.zeros_like(values),
            limit=np.zeros_like(values),
            divisor=len(rows),
        )
        with np.errstate(all="ignore"):
            return float(np.max(ratios(view)))

    assert ratio(2.0**-52) <= 0.75
    assert 1.9 < ratio(2.0**-50) < 2.5
    assert (EVALUATION, MARGIN) == (2.0**-51, 2.0**-30)
