"""Rows with infinities and NaN: the limits that are proven, NaN where there is none."""

import numpy as np
import pytest

from softcert_oracle.symbolic import evaluate

INF = float("inf")
NAN = float("nan")
SPECIAL = [
    ("softmax", [INF, 1.0, -INF], None, [1, 0, 0]),
    ("log_softmax", [INF, 1.0, -INF], None, [0, -INF, -INF]),
    ("logsumexp", [INF, 1.0], None, [INF]),
    ("cross_entropy", [INF, 1.0], 0, [0]),
    ("cross_entropy", [INF, 1.0], 1, [INF]),
    ("cross_entropy_grad", [INF, 1.0], 1, [1, -1]),
    ("jacobian", [INF, 1.0], None, [0, 0, 0, 0]),
    ("softmax", [INF, INF, 1.0], None, [NAN, NAN, 0]),
    ("log_softmax", [INF, INF, 1.0], None, [NAN, NAN, -INF]),
    ("logsumexp", [INF, INF], None, [INF]),
    ("cross_entropy", [INF, INF, 1.0], 2, [INF]),
    ("cross_entropy", [INF, INF, 1.0], 0, [NAN]),
    ("softmax", [-INF, -INF], None, [NAN, NAN]),
    ("logsumexp", [-INF, -INF], None, [-INF]),
    ("cross_entropy", [-INF, -INF], 0, [NAN]),
    ("softmax", [0.0, -INF, 0.0], None, [0.5, 0, 0.5]),
    ("log_softmax", [0.0, -INF], None, [0, -INF]),
    ("logsumexp", [3.0, -INF], None, [3]),
    ("cross_entropy", [0.0, -INF], 1, [INF]),
    ("cross_entropy_grad", [0.0, -INF, 0.0], 1, [0.5, -1, 0.5]),
    ("cross_entropy_grad", [0.0, -INF, 0.0], 2, [0.5, 0, -0.5]),
    ("jacobian", [0.0, -INF, 0.0], None, [0.25, 0, -0.25, 0, 0, 0, -0.25, 0, 0.25]),
    ("softmax", [NAN, 1.0], None, [NAN, NAN]),
    ("logsumexp", [NAN, INF], None, [NAN]),
    ("jacobian", [NAN, 1.0], None, [NAN] * 4),
]


@pytest.mark.parametrize(("operation", "row", "label", "expected"), SPECIAL, ids=str)
def test_special_rows_have_their_limit_or_nan(operation, row, label, expected):
    got = [float(v) for v in evaluate(operation, row, label)]
    np.testing.assert_array_equal(got, expected)
