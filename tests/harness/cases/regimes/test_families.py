"""Regimes: each gives finite logits of its shape, and the thing that it is named after."""

from __future__ import annotations

import math
import zlib

import numpy as np
import pytest

from softcert.cases.battery import battery
from softcert.cases.case import RECIPE_VERSION, Case
from softcert.cases.effort import EFFORTS
from softcert.cases.inputs import build
from softcert.cases.regimes.families import REGIMES, thresholds, values
from softcert.cases.regimes.special_values import SPECIAL
from softcert_implementations.contract import Contract
from softcert_oracle.numbers import formats

CASES = battery("cross_entropy", "float32", EFFORTS["standard"], Contract().terms("cross_entropy", "float32"), 0)


def of(regime):
    """The battery's inputs of a regime that are not large."""
    return [build(c) for c in CASES if c.regime == regime and 0 < c.size < 20_000]


def plain(regime):
    """Those that have no special values beside."""
    return [inputs for inputs in of(regime) if SPECIAL not in dict(inputs.case.parameters)]


@pytest.mark.parametrize("regime", REGIMES)
def test_every_regime_is_in_the_battery_and_fills_its_shape(regime):
    assert REGIMES[regime].provokes
    cases = of(regime)
    assert cases
    for inputs in cases[:20]:
        assert inputs.exact.shape == (inputs.case.rows_count, inputs.case.classes)
        parameters = dict(inputs.case.parameters)
        special = "special" in regime or "minus inf" in regime or SPECIAL in parameters
        special |= regime in ("sparse rows", "exact sums", "one percent") and parameters.get("beside") == "-inf"
        assert special or np.isfinite(inputs.exact).all()


def test_thresholds_are_those_of_the_format():
    found = thresholds(formats.lookup("float16"))
    assert found["overflow/float16"] == math.log(65504)
    assert found["underflow/float16"] == pytest.approx(-25 * math.log(2))
    assert "overflow/float32" in found
    assert {name.split("/")[1] for name in thresholds(formats.lookup("float32"))} == {"float32"}


def test_regimes_show_what_they_are_named_after():
    assert all(np.ptp(i.exact) == 0 for i in plain("ties") if "tied" not in dict(i.case.parameters))
    assert all(np.isneginf(i.exact).all(axis=1).any() for i in of("all minus inf"))
    for inputs in plain("far rows"):
        tops = inputs.exact.max(axis=1)
        apart = dict(inputs.case.parameters)["apart"]
        assert len(tops) < 2 or np.ptp(tops) > apart / 2
    for inputs in plain("edge"):
        name = dict(inputs.case.parameters)["at"]
        near = thresholds(formats.lookup("float32"))[name]
        assert np.abs(np.abs(inputs.exact).max() - abs(near)) < 1e-3 * abs(near) + 1 or inputs.exact.size > 2


FLOAT32 = formats.lookup("float32")
LN2 = math.log(2)


def many(regime, m=60, C=40, format="float32", seed=1, **parameters):
    """The values of a regime before they are rounded, (m, C)."""
    return values(regime, np.random.default_rng(seed), m, C, formats.lookup(format), parameters)


def test_thresholds_are_four_numbers_of_each_format():
    assert dict(thresholds(FLOAT32)) == pytest.approx(
        {
            "overflow/float32": 128 * LN2,
            "normal/float32": -126 * LN2,
            "underflow/float32": -150 * LN2,
            "absorption/float32": -24 * LN2,
        }
    )
    narrow = dict(thresholds(formats.lookup("float8_e4m3fn")))
    assert {name.split("/")[1] for name in narrow} == {"float8_e4m3fn", "float32"}
    assert all(abs(v) < 224 for v in narrow.values())
    assert {name.split("/")[1] for name in thresholds(formats.lookup("float64"))} == {"float64", "float32"}


def test_ordinary_logits_have_their_scale():
    assert many("ordinary").std() == pytest.approx(1, rel=0.1)
    assert many("ordinary", scale=20.0).std() == pytest.approx(20, rel=0.1)


@pytest.mark.parametrize(("by", "step"), [(100.0, 1.0), (-100.0, 1.0), (1e9, 1e9 * 2.0**-22)])
def test_logits_at_an_offset_differ_by_steps_of_the_format(by, step):
    x = many("offset", by=by)
    assert x.mean() == pytest.approx(by, abs=step / 2)
    assert x.std() == pytest.approx(step, rel=0.1)
    assert many("offset").mean() == pytest.approx(100, abs=0.5)


@pytest.mark.parametrize("ulps", [-2, 0, 3])
@pytest.mark.parametrize("name", ["overflow/float32", "underflow/float32"])
def test_the_largest_logit_lies_some_ulps_from_the_threshold(name, ulps):
    threshold = np.float32(thresholds(FLOAT32)[name])
    top = many("edge", at=name, ulps=ulps).max(axis=1).astype(np.float32)
    assert np.all(np.abs((top - threshold) / np.spacing(abs(threshold)) - ulps) <= (0 if ulps >= 0 else 2))
    assert len(np.unique(np.argmax(many("edge", at=name, ulps=3), axis=1))) > 10, "at any class"


def test_one_logit_stands_out_by_a_gap_of_a_few_ulps():
    x = many("gap", below=100.0)
    top = x.max(axis=1)
    assert set(top) == {-2.0, -1.0, 0.0, 1.0, 2.0}
    assert len(np.unique(np.argmax(x, axis=1))) > 10
    off = np.round((np.sort(x - top[:, None], axis=1)[:, :-1] / -100.0 - 1) / 2.0**-23)
    assert set(np.unique(off)) == {-3, -2, -1, 0, 1, 2, 3}
    assert np.all(np.argmax(many("gap", below=100.0, at=-1), axis=1) == 39)
    assert np.all(np.argmax(many("gap", below=100.0, at=41), axis=1) == 1)
    assert np.ptp(many("gap")) == 4


def test_small_terms_are_absorbed_one_by_one():
    x = many("absorption", factor=2.0)
    assert np.array_equal(np.argmax(x, axis=1), np.arange(60) % 40)
    rest = np.sort(x, axis=1)
    assert np.all(rest[:, -1] == 0)
    assert np.allclose(np.exp(rest[:, :-1]), 2.0**-23, rtol=1e-12)
    assert many("absorption").min() == pytest.approx(-24 * LN2)


@pytest.mark.parametrize("part", [1.0, 0.5])
def test_a_spread_reaches_either_end(part):
    x = many("spread", part=part)
    top = FLOAT32.largest * part
    assert np.all(x[:, 0] == -top)
    assert np.all(x[:, -1] == top)
    inner = x[:, 1:-1] / top
    assert -1 <= inner.min() < -0.98
    assert 0.98 < inner.max() <= 1
    assert np.array_equal(many("spread"), many("spread", part=1.0))


@pytest.mark.parametrize(("given", "depth"), [({}, 1.2), ({"depth": 0.5}, 0.5)])
def test_logits_reach_down_to_where_exp_underflows(given, depth):
    x = many("reach", **given) / (-150 * LN2)
    assert 0 <= x.min() < 0.01
    assert 0.98 * depth < x.max() <= depth


def test_tiny_logits_are_subnormal_or_zeros_of_either_sign():
    assert set(np.unique(many("tiny") / 2.0**-149)) == set(range(-5, 6))
    zeros = many("tiny", zeros=True)
    assert not zeros.any()
    assert 0.4 < np.signbit(zeros).mean() < 0.6


def test_ties_are_all_equal_or_as_many_as_asked():
    assert np.all(many("ties") == 1.5)
    assert np.all(many("ties", value=-3.0, tied=40) == -3)
    x = many("ties", value=2.0, tied=3)
    assert np.all((x == 2).sum(axis=1) == 3)
    assert set(np.unique(x)) == {2.0, 1.0, 0.0, -1.0, -2.0}
    assert len(np.unique(np.argmax(x, axis=1))) > 5


@pytest.mark.parametrize(("step", "taken"), [(0.5, 0.5), (-30.0, -30.0), (1e38, FLOAT32.largest / 4 / 39)])
def test_a_ladder_has_equal_steps_within_the_format(step, taken):
    x = many("ladder", step=step)
    assert np.allclose(np.diff(x, axis=1), taken)
    assert set(x[:, 0]) == {-2.0, -1.0, 0.0, 1.0, 2.0}
    assert np.allclose(np.diff(many("ladder"), axis=1), 0.5)
    assert many("ladder", m=3, C=1).shape == (3, 1)


def test_a_peak_stands_where_it_is_put():
    assert np.all(many("peak")[:, 0] == 6)
    x = many("peak", at=-1, height=9.0)
    assert np.all(x[:, 39] == 9)
    assert x[:, :39].std() == pytest.approx(0.5, rel=0.1)


def test_a_heavy_tail_begins_so_many_classes_before_the_end():
    x = many("heavy tail", tail=8, height=7.0)
    assert np.allclose(x[:, :32].mean(axis=0), 0, atol=0.4)
    assert np.allclose(x[:, 32:].mean(axis=0), 7, atol=0.4)
    assert x[:, :32].std() == pytest.approx(0.5, rel=0.1)
    default = many("heavy tail").mean(axis=0)
    assert default[-1] == pytest.approx(5, abs=0.4)
    assert abs(default[-2]) < 0.4
    assert many("heavy tail", tail=99, height=7.0).mean() == pytest.approx(7, abs=0.1)


def test_rows_lie_apart_upwards_or_downwards():
    means = [many("far rows", m=4, seed=seed).mean(axis=1) / 120 for seed in range(12)]
    assert {tuple(np.round(mean).astype(int)) for mean in means} == {(0, -1, -2, -3), (0, 1, 2, 3)}
    assert abs(many("far rows", m=1).mean()) < 1
    assert abs(many("far rows", m=2, apart=50.0).mean()) == pytest.approx(25, abs=1)


def test_a_block_of_minus_infinity_has_its_place_and_size():
    assert np.isneginf(many("minus inf block")).all(axis=0).tolist() == [True] * 4 + [False] * 36
    x = many("minus inf block", start=10, size=5)
    assert np.flatnonzero(np.isneginf(x).any(axis=0)).tolist() == [10, 11, 12, 13, 14]
    assert x[:, :10].std() == pytest.approx(2, rel=0.1)


def test_special_values_stand_at_their_classes_in_every_row_or_in_one():
    assert np.isneginf(many("special")).all(axis=0).tolist() == [True] + [False] * 39
    x = many("special", values=("inf", "nan"), at=(1, -1), base=5.0)
    assert np.all(x[:, 1] == np.inf)
    assert np.isnan(x[:, 39]).all()
    assert x[:, 2:39].std() == pytest.approx(5, rel=0.1)
    assert many("special")[:, 1:].std() == pytest.approx(1, rel=0.1)
    assert np.argwhere(np.isneginf(many("special", only_row=61))).tolist() == [[1, 0]]
    with pytest.raises(ValueError, match="zip"):
        many("special", values=("inf", "nan"), at=(1,))


def test_one_row_is_nothing_but_minus_infinity():
    assert np.flatnonzero(np.isneginf(many("all minus inf")).all(axis=1)).tolist() == [0]
    assert np.flatnonzero(np.isneginf(many("all minus inf", row=61)).any(axis=1)).tolist() == [1]


def test_the_largest_numbers_stand_in_turns():
    top = FLOAT32.largest
    assert many("extreme pair", m=2, C=3).tolist() == [[top, -top, top]] * 2
    assert many("extreme pair", m=1, C=2, signs=(-1, 1)).tolist() == [[-top, top]]


def test_the_first_class_of_a_heavy_batch_costs_the_loss():
    assert np.all(many("heavy batch")[:, 0] == -9)
    x = many("heavy batch", loss=3.0)
    assert np.all(x[:, 0] == -3)
    assert x[:, 1:].std() == pytest.approx(0.25, rel=0.1)


def test_any_float_has_every_exponent_and_either_sign():
    x = many("any float", m=200)
    exponents = np.floor(np.log2(np.abs(x)))
    assert set(np.unique(exponents)) == set(range(-149, 128))
    assert 0.4 < (x > 0).mean() < 0.6
    assert np.floor(np.log2(np.abs(many("any float", top=0.1)))).max() == 12


# CRC-32 of the bytes of each regime in float32: what a finding names as its witness must stay what it was.
DIGESTS = {
    "ordinary": 3549011114,
    "offset": 276092217,
    "edge": 33278864,
    "gap": 1409952721,
    "absorption": 4170134392,
    "spread": 1367024950,
    "reach": 1446298834,
    "tiny": 2905736333,
    "ties": 3228005139,
    "ladder": 3768743555,
    "peak": 3880484354,
    "heavy tail": 1731678238,
    "far rows": 1911288310,
    "minus inf block": 514497571,
    "special": 1070565359,
    "all minus inf": 2707858441,
    "extreme pair": 1730445314,
    "heavy batch": 1117156218,
    "any float": 1422909645,
    "sparse rows": 2173849875,
    "exact sums": 3440061086,
    "one percent": 3463912350,
    "concentrated": 251250843,
    "unequal losses": 1174568849,
}


@pytest.mark.parametrize("regime", REGIMES)
def test_a_recipe_of_one_version_gives_the_same_numbers_for_ever(regime):
    parameters = (("at", "overflow/float32"),) if regime == "edge" else ()
    inputs = build(Case.of(regime, 5, 7, "float32", parameters, seed=3))
    assert RECIPE_VERSION == 1
    assert zlib.crc32(inputs.x.tobytes()) == DIGESTS[regime], "raise RECIPE_VERSION with the numbers"
