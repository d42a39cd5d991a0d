"""The limit of the Jacobian of softmax."""

from __future__ import annotations

import numpy as np

from softcert_oracle import limits
from softcert_oracle.limits import LimitParameters
from softcert_oracle.reference import truth


def test_the_jacobian_has_a_limit_for_each_pair_and_its_own_computation_keeps_it():
    x = np.random.default_rng(3).normal(size=(3, 6)).astype(np.float32) * 3
    rows = truth.rows(x)
    e = np.exp(x - x.max(1, keepdims=True))
    p = e / e.sum(1, keepdims=True)
    computed = -(p[:, :, None] * p[:, None, :])
    computed[:, np.arange(6), np.arange(6)] = p * (1 - p)
    error = abs(truth.jacobian(rows).to_scaled() - computed.astype(float))
    found = limits.jacobian(rows, LimitParameters(format="float32"))
    assert 0.01 < np.max(error.ratio(found)) <= 1
