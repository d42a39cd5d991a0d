"""The libraries that people trust hold the levels that docs/numerics.md says, and flushing hardware its own limit."""

from __future__ import annotations

import numpy as np
import pytest
from benchmarks import limit_cases, limit_fit, limit_libraries

from softcert_oracle import limits
from softcert_oracle.decide import decisions
from softcert_oracle.limits import LimitParameters
from softcert_oracle.numbers import formats
from softcert_oracle.reference import truth

COUNTS = (2, 40)


def held(make, name, claims):
    return dict(limit_libraries.levels(make(), name, claims, COUNTS))


@pytest.mark.parametrize("name", ["float32", "float64"])
def test_numpy_is_stable_in_all_and_accurate_in_softmax_only(name):
    found = held(limit_libraries.numpy_subject, name, {"summation": "pairwise"})
    assert all(seen["sound"] <= 1 and seen["stable"] <= 1 for seen in found.values())
    assert found["softmax"]["accurate"] <= 1
    for operation in ("log_softmax", "cross_entropy", "cross_entropy_grad"):
        assert found[operation]["accurate"] > 1


@pytest.mark.parametrize("name", ["float32", "float64"])
def test_scipy_is_stable(name):
    pytest.importorskip("scipy")
    found = held(limit_libraries.scipy_subject, name, {"summation": "pairwise"})
    assert all(seen["stable"] <= 1 for seen in found.values())


@pytest.mark.parametrize(
    ("name", "claims"),
    [
        ("float32", {}),
        ("float64", {}),
        ("float16", limit_libraries.HALF),
        ("bfloat16", limit_libraries.HALF),
        ("bfloat16", limit_libraries.NATIVE),
    ],
)
def test_torch_is_stable_with_the_contract_that_describes_it(name, claims):
    pytest.importorskip("torch")
    found = held(limit_libraries.torch_subject, name, claims)
    assert all(seen["stable"] <= 1 for seen in found.values())


@pytest.mark.parametrize("name", ["float16", "bfloat16"])
def test_torchs_half_log_probabilities_are_not_stable_without_that_contract(name):
    pytest.importorskip("torch")
    found = held(limit_libraries.torch_subject, name, {})
    assert found["log_softmax"]["stable"] > 1
    assert found["cross_entropy_grad"]["stable"] > 1
    assert found["softmax"]["faithful"] == found["softmax"]["count"]


def others_than_the_maximum(e, argmax):
    rest = e.copy()
    rest[np.arange(len(e)), argmax] = 0
    return rest.sum(axis=1)


@pytest.mark.parametrize("name", ["float32", "float64"])
def test_the_true_classs_gradient_from_the_sum_of_the_others_or_from_expm1_is_accurate(name):
    f = formats.lookup(name)
    for n in COUNTS:
        x = limit_cases.rows(f, n, np.random.default_rng(n))
        rows = truth.rows(x)
        labels = limit_fit.labels_of(rows)
        at = np.arange(len(x)), labels
        e = np.exp(x - x.max(axis=1, keepdims=True))
        others = e.copy()
        others[at] = 0
        s = e.sum(axis=1, keepdims=True)
        gradient = e / s
        gradient[at] = -(others.sum(axis=1) / s[:, 0])
        exact = truth.reference("cross_entropy_grad", rows, labels, reduction="none")
        error = decisions.error(gradient.astype(float), exact)
        p = LimitParameters(format=name, reduction="none")
        found = limits.limit("cross_entropy_grad", "accurate", rows, labels, p)
        assert 0.05 < error.ratio(found.numbers).max() <= 1
        tau = others_than_the_maximum(e, rows.argmax)
        loss = np.log1p(tau) - (x[at] - x.max(axis=1))
        gradient[at] = np.expm1(-loss)
        assert decisions.error(gradient.astype(float), exact).ratio(found.numbers).max() <= 1
        naive = e / s
        naive[at] -= 1
        assert decisions.error(naive.astype(float), exact).ratio(found.numbers).max() > 1


def test_flushing_subnormals_to_zero_keeps_the_limits_that_say_so_and_breaks_those_that_do_not():
    f = formats.lookup("float32")

    def flushed(values):
        return np.where(np.abs(values) < f.smallest_normal, np.float32(0), values)

    for n in COUNTS:
        x = limit_cases.rows(f, n, np.random.default_rng(n))
        rows = truth.rows(x)
        labels = limit_fit.labels_of(rows)
        d = flushed(x - x.max(axis=1, keepdims=True))
        e = flushed(np.exp(d))
        s = e.sum(axis=1, keepdims=True)
        results = {"softmax": flushed(e / s), "log_softmax": flushed(d - np.log(s))}
        for operation, got in results.items():
            error = decisions.error(got.astype(float), truth.reference(operation, rows))
            for algorithm in ("any", "shift-divide", "x-m-L"):
                p = LimitParameters(format="float32", algorithm=algorithm, flush_subnormals=True)
                assert error.ratio(limits.limit(operation, "stable", rows, labels, p).numbers).max() <= 1
            p = LimitParameters(format="float32", flush_subnormals=True)
            accurate = limits.limit("softmax", "accurate", rows, None, p)
            assert operation != "softmax" or error.ratio(accurate.numbers).max() <= 1
            gradual = limits.limit(operation, "stable", rows, labels, LimitParameters(format="float32")).numbers
            if operation == "softmax":
                assert error.ratio(gradual).max() > 1
