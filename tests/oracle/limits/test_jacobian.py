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


def test_off_the_diagonal_both_probabilities_err_and_on_it_their_difference():
    x = np.array([[0.0, 1.5, -2.0]], np.float32)
    rows, u = truth.rows(x), 0.125  # of float8_e5m2, in which b is so large that its square counts
    claims = LimitParameters(format="float8_e5m2", working_precision="float8_e5m2", exp_ulp=0.5, log_ulp=0.5)
    found = limits.jacobian(rows, claims).to_float()[0]
    b = limits.limit("softmax", "stable", rows, None, claims).numbers.to_float()[0]
    p, half = rows.softmax.to_float()[0], 2.0**-17
    for i in range(3):
        for j in range(3):
            if i == j:
                own = b[i] * (1 + b[i])
                grown = (1 + u) ** 2 - 1
                expected = own * (1 + grown) + p[i] * (1 - p[i]) * grown + half
            else:
                expected = (b[i] * p[j] + p[i] * b[j] + b[i] * b[j]) * (1 + u) + p[i] * p[j] * u + half
            assert np.isclose(found[i, j], expected, rtol=1e-9)
