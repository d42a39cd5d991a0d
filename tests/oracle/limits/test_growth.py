"""The law of error growth is recognised where it is known, and no growth is seen where there is none."""

from __future__ import annotations

import numpy as np
import pytest

from softcert_oracle.decide import decisions
from softcert_oracle.errors import UsageError
from softcert_oracle.limits import growth
from softcert_oracle.reference import truth

COUNTS = np.array([2, 8, 32, 128, 512, 2048, 8192, 32768], dtype=float)


def scatter(seed):
    return np.exp(np.random.default_rng(seed).normal(size=len(COUNTS)) * 0.1)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(
    ("law", "errors", "said"),
    [
        ("n", 3 + COUNTS / 16, "depth n/"),
        ("sqrt n", 3 + 0.4 * np.sqrt(COUNTS), "√n"),
        ("log2 n", 1 + np.log2(COUNTS), "log2 n"),
        ("constant", np.full(len(COUNTS), 3.0), "does not grow"),
    ],
)
def test_a_planted_law_is_found(law, errors, said, seed):
    found = growth.with_classes(COUNTS, errors * scatter(seed))
    assert found.law == law
    assert said in found.sentence


def test_depth_n_over_16_is_said_in_these_words():
    found = growth.with_classes(COUNTS, 4 + COUNTS / 16, COUNTS + 30)
    assert "behaves like depth n/16 " in found.sentence
    assert found.coefficient == pytest.approx(1 / 16, rel=1e-6)
    assert found.of_limit == pytest.approx(4.125 / 32)  # the largest share, at two classes


def test_half_a_rounding_of_drift_is_not_growth():
    assert growth.with_classes(COUNTS, np.linspace(0.4, 0.9, len(COUNTS))).law == "constant"


def test_an_error_in_proportion_to_the_offset_is_not_shift_safe():
    magnitudes = 10.0 ** np.arange(0, 7)
    found = growth.with_magnitude(magnitudes, 2 + 0.5 * magnitudes)
    assert found.law == "proportional to max|x|"
    assert "not safe" in found.sentence
    assert growth.with_magnitude(magnitudes, np.full(7, 3.0)).law == "constant"


def test_a_loop_in_float32_grows_faster_than_numpys_pairwise_sum():
    rng = np.random.default_rng(5)
    counts, looped, paired = [4, 16, 64, 256, 1024, 4096], [], []
    for n in counts:
        x = (rng.normal(size=(3, n)) * 0.1).astype(np.float32)
        e = np.exp(x - x.max(1, keepdims=True))
        exact = truth.rows(x).softmax
        for sums, store in ((np.cumsum(e, axis=1)[:, -1:], looped), (e.sum(1, keepdims=True), paired)):
            ratio = decisions.error((e / sums).astype(float), exact).ratio(exact.to_scaled() * 2.0**-24)
            store.append(ratio.max())
    loop, pair = growth.with_classes(counts, looped), growth.with_classes(counts, paired)
    assert loop.law in ("sqrt n", "n")
    assert pair.law in ("constant", "log2 n")


@pytest.mark.parametrize(
    ("at", "errors", "said"),
    [([1, 2, 2], [1, 1, 1], "three"), ([1, 2, 3], [1, 2], "as many"), ([1, 2, 3], [1, np.nan, 2], "three")],
)
def test_too_few_points_are_a_usage_error(at, errors, said):
    with pytest.raises(UsageError, match=said):
        growth.with_classes(at, errors)


def test_a_magnitude_of_zero_is_a_usage_error():
    with pytest.raises(UsageError, match="positive"):
        growth.with_magnitude([0, 1, 2], [1, 1, 1])
