"""From the limits of rows to the limits of what is returned: means, sums, narrow results."""

from __future__ import annotations

import numpy as np

from softcert_oracle.limits import LimitParameters, limit
from softcert_oracle.numbers import formats
from softcert_oracle.reference import truth

X = np.array([[0.0, 1.0, -3.0, 2.5], [4.0, 4.0, 4.0, 4.0], [0.0, -80.0, -900.0, -5.0], [1e4, 1e4 + 2, 9990.0, -np.inf]])
LABELS = np.array([2, 0, 0, 1])


def numbers(operation, level, x=X, labels=LABELS, **claims):
    p = LimitParameters(**{"format": "float32", **claims})
    return limit(operation, level, truth.rows(x.astype(formats.lookup(p.format).dtype)), labels, p).numbers


def test_a_narrow_result_has_the_limit_of_wide_computation_and_one_rounding():
    x = X.astype(np.float16)
    x[3] = 0
    rows = truth.rows(x)
    wide = limit("softmax", "stable", rows, None, LimitParameters(format="float16", result_format="float32")).numbers
    narrow = limit("softmax", "stable", rows, None, LimitParameters(format="float16")).numbers
    u = 2.0**-11
    stated = wide * (1 + u) + rows.softmax.to_scaled() * u + 2.0**-25
    assert np.allclose((narrow / stated).to_float(), 1, rtol=1e-12)


def test_reductions_divide_limits_by_the_batch_and_add_its_roundings():
    u = 2.0**-24
    own = numbers("cross_entropy", "stable", reduction="none").to_float()
    losses = truth.rows(X.astype(np.float32)).loss(LABELS).to_float()
    total = numbers("cross_entropy", "stable", reduction="sum").to_float()
    mean = numbers("cross_entropy", "stable", reduction="mean").to_float()
    assert np.isclose(total, (1 + u) ** 3 * (own + losses).sum() - losses.sum(), rtol=1e-6)
    assert np.isclose(mean, ((1 + u) ** 4 * (own + losses).sum() - losses.sum()) / 4, rtol=1e-6)
    gradient = numbers("cross_entropy_grad", "stable", reduction="none").to_float()
    size = np.abs(truth.rows(X.astype(np.float32)).gradient(LABELS).to_float())
    averaged = numbers("cross_entropy_grad", "stable", reduction="mean").to_float()
    assert np.allclose(averaged, (gradient * (1 + u) ** 3 + ((1 + u) ** 3 - 1) * size) / 4, rtol=1e-6, atol=1e-40)
