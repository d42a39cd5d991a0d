"""Right algorithms keep the narrow limits of sparse, exact and concentrated rows: a small benchmarks/vocabulary.py."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from benchmarks import honest, limit_fit, vocabulary, vocabulary_rows

from softcert_oracle import limits
from softcert_oracle.decide import decisions
from softcert_oracle.limits import LimitParameters
from softcert_oracle.numbers import formats
from softcert_oracle.reference import truth

PAGE = Path(__file__).resolve().parents[3] / "docs" / "numerics.md"


@pytest.mark.parametrize("setting", ["float32", "float64", "bfloat16, float32 inside", "float16 throughout"])
def test_no_right_algorithm_leaves_a_limit_and_a_loop_comes_near(setting: str) -> None:
    """Every algorithm on every kind of row, with the measured errors of its functions."""
    own, working = (formats.lookup(name) for name in vocabulary.SETTINGS[setting])
    seen = limit_fit.primitives(working, 2_000 if working.bits == 64 else 50_000)
    x = vocabulary_rows.rows(working, 300, 21, np.random.default_rng(4)).astype(own.dtype)
    rows, cache, worst = truth.rows(x), {}, {}
    for algorithm in honest.ALGORITHMS:
        if working.name in algorithm.formats:
            for operation, found in vocabulary.ratios(algorithm, x, rows, setting, seen, cache):
                worst[algorithm.name, operation] = float(found.max())
    assert max(worst.values()) <= 1
    assert len({name for name, _ in worst}) >= 15
    assert max(worst["loop", operation] for operation in ("softmax", "log_softmax", "logsumexp")) > 0.1


def test_a_class_that_is_missing_from_an_exact_sum_leaves_the_limit() -> None:
    """One of 40000 ones: three limits off, in float32."""
    x = np.where(np.arange(80000) % 2, 0.0, -200.0)[None].astype(np.float32)
    rows, p = truth.rows(x), LimitParameters(format="float32")
    got = np.exp(x) / np.exp(x[:, :-1]).sum()
    limit = limits.limit("softmax", "stable", rows, None, p).numbers
    assert decisions.error(got.astype(float), rows.softmax).ratio(limit).max() > 2


@pytest.mark.parametrize("m", [8192, 65537])
def test_a_row_that_is_lost_from_a_batch_leaves_the_limit(m: int) -> None:
    """Losses of 0 but for one, and the mean without it, or with it twice."""
    x, labels = vocabulary.batch("one loss of many", m, np.random.default_rng(m))
    rows = truth.rows(x.astype(np.float32))
    exact = truth.reference("cross_entropy", rows, labels)
    limit = limits.limit("cross_entropy", "stable", rows, labels, LimitParameters(format="float32")).numbers
    for wrong in (0.0, 2.0 * float(exact.to_float())):
        assert float(decisions.error(np.float64(wrong), exact).ratio(limit)) > 1000


def test_log_sum_exp_in_base_2_is_stable() -> None:
    """(m log2 e + log2 s) ln 2 has three roundings at |y|: 1.35 of a limit with 2u|y|."""
    x = np.array([[370.1852111816406, 363.3134460449219], [-711.75830078125, -713.8659057617188]], np.float32)
    rows, p = truth.rows(x), LimitParameters(format="float32", exp_ulp=2.0, log_ulp=2.0)
    error = decisions.error(honest.base_2(x)["logsumexp"].astype(float), rows.logsumexp)
    limit = limits.limit("logsumexp", "stable", rows, None, p).numbers
    assert 0.5 < error.ratio(limit).max() <= 1
    assert error.ratio(np.abs(rows.logsumexp.to_float()) * 2.6 * 2.0**-24).max() > 1


def test_the_published_tables_have_no_ratio_above_one() -> None:
    """The tables of docs/numerics.md, whose commands stand above them."""
    text = PAGE.read_text(encoding="utf-8")
    table = text.split("<!-- begin vocabulary -->")[1].split("<!-- end vocabulary -->")[0]
    lines = [line for line in table.splitlines() if line.startswith("| ") and "." in line]
    ratios = [float(cell) for line in lines for cell in line.split("|")[3:] if cell.strip()[:1].isdigit()]
    assert len(lines) >= 20
    assert all(0 <= ratio <= 1 for ratio in ratios)
    assert max(ratios) > 0.5
    assert f"Limits version {limits.LIMITS_VERSION}," in table
    assert f"Limits version {limits.LIMITS_VERSION}," in text.split("<!-- begin unseen -->")[1]
