"""Textbook algorithms keep their limits and come near them: the small version of benchmarks/limits.py."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from benchmarks import limit_cases, limit_fit, textbook

from softcert_oracle import limits
from softcert_oracle.decide import decisions
from softcert_oracle.limits import LimitParameters
from softcert_oracle.numbers import formats
from softcert_oracle.reference import truth

PAGE = Path(__file__).resolve().parents[3] / "docs" / "numerics.md"


@pytest.fixture(scope="module", params=["float32", "float64", "float16", "bfloat16"])
def fitted(request):
    f = formats.lookup(request.param)
    seen = limit_fit.primitives(f, 4000 if f.bits == 64 else 100_000)
    return f, seen, limit_fit.measure(f, seen, (2, 3, 10), 3)


def test_no_error_exceeds_the_limit_of_its_own_algorithm(fitted):
    assert max(best.sharp for best in fitted[2].values()) <= 1


def test_no_error_of_a_shift_invariant_algorithm_exceeds_the_default_limit(fitted):
    assert max(best.default for best in fitted[2].values()) <= 1
    assert max(best.fitted for best in fitted[2].values()) <= 1


def test_every_limit_is_more_than_half_reached_by_its_algorithm(fitted):
    low = {key: best.sharp for key, best in fitted[2].items() if best.sharp < 0.5}
    # one pass: several roundings and exponentials would have to err alike; longer climbing gets there
    assert all(algorithm == "online" and sharp > 0.4 for (_, algorithm, _), sharp in low.items()), low


def test_means_of_a_batch_keep_their_limits(fitted):
    f, seen, table = fitted
    worst = {key: best for key, best in table.items() if key[0] == "cross_entropy"}
    means = limit_fit.measure_means(f, seen, worst, repeated=(1, 3))
    assert max(max(best.sharp, best.fitted, best.default) for best in means.values()) <= 1
    assert means["cross_entropy", "x-m-L", "loop"].sharp > 0.5


def test_smaller_constants_than_the_defaults_would_fail_right_algorithms(fitted):
    table = fitted[2]
    for algorithm in ("exp(log_softmax)", "base-2"):
        assert max(table["softmax", algorithm, order].plain for order in textbook.SUMS) > 1


@pytest.mark.parametrize("name", ["float32", "float64", "float16", "bfloat16"])
def test_the_defaults_constants_hold_far_below_the_maximum_where_the_sum_errs_little(name):
    f, rng = formats.lookup(name), np.random.default_rng(0)
    far = rng.uniform(-16 if name == "float16" else -80, -2, 8000)
    x = np.stack([rng.uniform(0, 3, 8000), far], axis=1).astype(f.dtype)
    rows, computed = truth.rows(x), textbook.compute(x, "loop")
    p = LimitParameters(format=name, working_precision=name, exp_ulp=2.5 if name == "float32" else 1.0, log_ulp=1.0)
    for operation, results in (("softmax", computed.softmax), ("log_softmax", computed.log_softmax)):
        limit = limits.limit(operation, "stable", rows, None, p).numbers[:, 1]
        exact = truth.reference(operation, rows)[:, 1]
        ratios = {
            algorithm: decisions.error(got[:, 1].astype(float), exact).ratio(limit).max()
            for algorithm, got in results.items()
            if algorithm not in limit_fit.NOT_SHIFT_SAFE
        }
        assert max(ratios.values()) <= 1
        assert ratios["base-2"] > 0.4


def test_what_is_not_safe_against_an_offset_breaks_the_limit_of_what_is(fitted):
    table = fitted[2]
    assert table["softmax", "exp(x-lse)", "loop"].plain > 1.5
    assert table["log_softmax", "lse-x", "tree"].plain > 1.5


@pytest.mark.parametrize("name", ["float32", "float64"])
@pytest.mark.parametrize("n", [2, 3, 10, 100])
def test_log1p_of_the_others_is_accurate_in_every_component(name, n):
    f = formats.lookup(name)
    x = limit_cases.rows(f, n, np.random.default_rng(n))
    rows = truth.rows(x)
    labels = limit_fit.labels_of(rows)
    p = LimitParameters(format=name, reduction="none")
    got = textbook.compute(x, "loop").log_softmax["log1p"]
    losses = -got[np.arange(len(x)), labels]
    for operation, result in (("log_softmax", got), ("cross_entropy", losses)):
        error = decisions.error(result.astype(float), truth.reference(operation, rows, labels, reduction="none"))
        ratio = error.ratio(limits.limit(operation, "accurate", rows, labels, p).numbers).max()
        assert 0.05 < ratio <= 1


def test_the_distance_of_the_others_belongs_into_the_accurate_limit_of_a_log_probability():
    # tau = e^d of one other class, d rounded: relative error u|d|/2 at least, far above (4 + 0 + 1 + 2) u without it
    x = (-80.0 - np.random.default_rng(1).random((2000, 1))).astype(np.float32)
    x = np.concatenate([np.full_like(x, 0.1), x], axis=1)
    rows = truth.rows(x)
    got = textbook.compute(x, "loop").log_softmax["log1p"][:, 0].astype(float)
    error = decisions.error(got, rows.log_softmax[:, 0])
    truth_ = abs(rows.log_softmax[:, 0].to_scaled())
    k_e, k_l, u = 2.5, 2.0, 2.0**-24
    without = truth_ * ((4 + 1 + 2 * (k_e + k_l)) * u)
    p = LimitParameters(format="float32", exp_ulp=k_e, log_ulp=k_l)
    with_it = limits.limit("log_softmax", "accurate", rows, None, p).numbers[:, 0]
    assert error.ratio(without).max() > 1.5
    assert 0.1 < error.ratio(with_it).max() <= 1


def test_plain_log_and_lse_minus_x_are_not_accurate():
    x = np.array([[0.0, -12.3], [0.0, -30.0]], np.float32)
    rows = truth.rows(x)
    limit = limits.limit("log_softmax", "accurate", rows, None, LimitParameters(format="float32")).numbers
    computed = textbook.compute(x, "loop").log_softmax
    for algorithm in ("x-m-L", "lse-x"):
        assert decisions.error(computed[algorithm].astype(float), rows.log_softmax).ratio(limit).max() > 1


def test_a_chain_of_logaddexp_is_sound():
    rng = np.random.default_rng(2)
    for scale, offset in ((0.0, 0.0), (1.0, 0.0), (3.0, 1e4), (3.0, -1e4)):
        x = (rng.normal(size=(20, 64)) * scale + offset).astype(np.float32)
        rows = truth.rows(x)
        y = np.logaddexp.reduce(x, axis=1)
        p = LimitParameters(format="float32", algorithm="logaddexp")
        limit = limits.limit("logsumexp", "sound", rows, None, p).numbers
        assert decisions.error(y.astype(float), rows.logsumexp).ratio(limit).max() <= 1
    # At an offset of -10000 each of 64 levels rounds: an algorithm without that name has three such roundings.
    nameless = limits.limit("logsumexp", "sound", rows, None, LimitParameters(format="float32")).numbers
    assert decisions.error(y.astype(float), rows.logsumexp).ratio(nameless).max() > 0.5


def test_pairwise_limits_hold_for_numpys_own_sum():
    rng = np.random.default_rng(3)
    for n in (7, 8, 100, 129, 1000, 5000):
        e = np.full((30, n), 2.0**-24 * 0.98)
        e[:, 0] = 1
        x = np.log(np.where(rng.random((30, n)) < 0.5, rng.permuted(e, axis=1), 0.3 * e + 1e-9)).astype(np.float32)
        rows = truth.rows(x)
        d = x - x.max(axis=1, keepdims=True)
        terms = np.exp(d)
        p = terms / terms.sum(axis=1, keepdims=True)
        claims = LimitParameters(format="float32", summation="pairwise", algorithm="shift-divide")
        limit = limits.limit("softmax", "stable", rows, None, claims).numbers
        assert decisions.error(p.astype(float), rows.softmax).ratio(limit).max() <= 1


def test_the_published_table_says_what_was_asked_of_it():
    text = PAGE.read_text(encoding="utf-8")
    table = text.split("<!-- begin fit -->")[1].split("<!-- end fit -->")[0]
    lines = [line for line in table.splitlines() if re.match(r"\| (softmax|log|cross|mean|gradient)", line)]
    assert len(lines) >= 30
    for line in lines:
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        own = [float(v) for cell in cells[2:6] for v in cell.split("/") if v.strip() != ""]
        assert all(0.5 <= v <= 1 for v in own), line
        assert all(float(cell.split()[0]) <= 1 for cell in cells[6:8]), line
    assert f"Limits version {limits.LIMITS_VERSION}," in table
