"""Special rows: the limit of each result, NaN where there is none."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from softcert_implementations.bundled.faithful import special
from softcert_implementations.bundled.faithful.codes import GRADIENT, LOG_SOFTMAX, LOGSUMEXP, LOSS, SOFTMAX

INF, NAN = np.inf, np.nan
ONE, SEVERAL, NONE, UNKNOWN = [0.0, INF], [INF, INF], [-INF, -INF], [NAN, INF]


@pytest.mark.parametrize(
    ("row", "softmax", "log_softmax", "logsumexp", "loss", "gradient"),
    [
        (ONE, [0, 1], [-INF, 0], INF, INF, [-0.5, 0.5]),
        (SEVERAL, [NAN, NAN], [NAN, NAN], INF, NAN, [NAN, NAN]),
        (NONE, [NAN, NAN], [NAN, NAN], -INF, NAN, [NAN, NAN]),
        (UNKNOWN, [NAN, NAN], [NAN, NAN], NAN, NAN, [NAN, NAN]),
    ],
)
def test_each_row_has_its_limits(
    row: list[float],
    softmax: list[float],
    log_softmax: list[float],
    logsumexp: float,
    loss: float,
    gradient: list[float],
) -> None:
    x, labels = np.array([row]), np.array([0])
    assert_array_equal(special.results(SOFTMAX, x, labels, 1.0), [softmax])
    assert_array_equal(special.results(LOG_SOFTMAX, x, labels, 1.0), [log_softmax])
    assert_array_equal(special.results(LOGSUMEXP, x, labels, 1.0), [[logsumexp]])
    assert_array_equal(special.results(LOSS, x, labels, 1.0), [loss])
    assert_array_equal(special.results(GRADIENT, x, labels, 0.5), [gradient])


def test_the_label_on_the_infinity_has_no_loss_and_no_gradient() -> None:
    x, labels = np.array([ONE]), np.array([1])
    assert special.results(LOSS, x, labels, 1.0).tolist() == [0.0]
    assert special.results(GRADIENT, x, labels, 0.5).tolist() == [[0.0, 0.0]]
