"""What is summed decides how far roundings may move a sum: zeros, integers and small terms, in any order."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import numpy as np
import pytest
from tests.oracle.limits.by_hand import EXP, LABELS, ROUNDING, U, X, quantities, row

from softcert_oracle.limit_parameters import LimitParameters
from softcert_oracle.limits import concentration, sums
from softcert_oracle.limits.row_quantities import RowQuantities
from softcert_oracle.numbers.scaled import Scaled
from softcert_oracle.reference import truth

NOTHING = -np.inf


def in_any_order(terms: np.ndarray, rng: np.random.Generator) -> np.floating:
    """The terms summed in a random binary tree, each addition rounded."""
    left = list(terms)
    while len(left) > 1:
        i, j = sorted(rng.choice(len(left), 2, replace=False), reverse=True)
        left.append(left.pop(i) + left.pop(j))
    return left[0]


def one_after_the_other(terms: np.ndarray, rng: np.random.Generator) -> np.floating:
    """A loop over a random order that begins with the largest, so that most is absorbed."""
    return np.add.accumulate(np.concatenate([[terms.max()], rng.permutation(np.sort(terms)[:-1])]))[-1]


@pytest.mark.parametrize("order", [in_any_order, one_after_the_other])
@pytest.mark.parametrize("dtype", [np.float32, np.float16])
def test_no_order_of_summation_moves_a_sum_further_than_its_growth(order: Callable, dtype: type) -> None:
    """Sums of given terms, which have no error of their own, lie within e^{+-g} of the exact sum."""
    rng, worst = np.random.default_rng(3), 0.0
    f = np.dtype(dtype).name
    p = LimitParameters(format=f, working_precision=f, exp_ulp=1e-9)
    for _ in range(60):
        n = int(rng.integers(2, 60))
        few = int(rng.integers(1, n + 1))
        shape = np.where(np.arange(n) < few, rng.normal(size=n), -rng.uniform(1, 12))
        terms = np.exp(shape - shape.max()).astype(dtype)
        exact = sum(map(Fraction, terms.astype(float).tolist()))
        d = -np.log(terms.astype(float))[None]
        mass = terms.astype(float)[None] / float(exact)
        growth = concentration.row_growth(
            distance=d,
            nearest=np.zeros((1, 1)),
            present=d < np.inf,
            zero=d == np.inf,
            mass=mass,
            lost=np.zeros((1, 1)),
            p=p,
        ).item()
        for _ in range(4):
            error = abs(np.log(float(Fraction(float(order(terms, rng))) / exact)))
            assert error <= growth * (1 + 1e-9)
            worst = max(worst, error / growth)
    assert worst > 0.15


def test_absorbed_terms_reach_the_growth_of_a_concentrated_row() -> None:
    """1 first, then 4000 terms just below half an ulp: all are lost, which is what the limit allows."""
    x = np.full((1, 4001), np.log(0.49 * U))
    x[0, 0] = 0.0
    growth = quantities(x, exp_ulp=0.5).growth.item()
    lost = np.log1p(4000 * 0.49 * U)
    assert lost < growth < 1.001 * lost
    assert growth < 0.5 * 4000 * ROUNDING


def test_the_growth_is_the_least_over_cuts_at_whole_distances() -> None:
    """The rows by hand, of all terms and of all but the label's or the largest."""
    t, r = quantities(), row()
    assert np.allclose(t.growth[:2], r.growth()[:2], rtol=1e-10)
    assert np.allclose(t.growth_without(LABELS), r.growth(LABELS), rtol=1e-10)
    top = X.argmax(axis=1)
    assert np.allclose(t.growth_without_maximum, r.growth(top), rtol=1e-10)
    assert EXP > 0


@pytest.mark.parametrize("nothing", [NOTHING, -200.0, -1e30])
def test_terms_that_are_zero_do_not_round(nothing: float) -> None:
    """Five ordinary logits among a thousand that have no weight grow like five."""
    x = np.full((1, 1000), nothing)
    x[0, [3, 77, 400, 998, 999]] = [0.5, -0.25, 0.75, 0.1, -0.3]
    assert quantities(x).growth.item() == pytest.approx(4 * ROUNDING, rel=1e-12)


def test_a_term_that_may_be_more_than_zero_counts() -> None:
    """e^-100 is half a hundred of float32's smallest numbers; it cannot be ignored, only bounded by what it is."""
    assert quantities().parameters.arithmetic.working.name == "float32"
    zero = concentration.zero_distance(LimitParameters(format="float32"))
    assert 150 * np.log(2.0) + 7 < zero < 113
    assert concentration.zero_distance(LimitParameters(format="float64")) > 750


@pytest.mark.parametrize("nothing", [NOTHING, -200.0])
def test_a_sum_of_small_integers_is_exact(nothing: float) -> None:
    """Every partial sum of zeros and ones is an integer that the format holds."""
    x = np.where(np.arange(1000) % 3 == 1, 0.0, nothing)[None]
    t = quantities(x)
    assert t.exact_integers.item()
    assert t.growth.item() == t.growth_without_maximum.item() == 0.0
    assert t.sum_error(3.0).item() < 1e-30
    assert t.growth_without(np.array([0])).item() > 300 * ROUNDING  # probabilities are 1/333, no integers


def test_logits_that_are_off_have_no_exact_sum() -> None:
    """A logit that is computed, as x / T is, need not be 0 where the exact one is; small terms may be larger."""
    x = np.where(np.arange(100) < 5, 0.0, -200.0)[None]
    p = LimitParameters(format="float32")
    t = RowQuantities(truth.rows(x), p, np.full((1, 100), 1e-6))
    assert t.growth.item() == pytest.approx(4 * ROUNDING, rel=1e-3)
    far = RowQuantities(truth.rows(x), p, np.where(x < 0, 200.0, 1e-6))
    assert far.growth.item() == sums.growth(100, p)


@pytest.mark.parametrize(
    ("x", "claims"),
    [
        ([[1.0, 1.0, -300.0]], {}),  # in base 2 with fused multiply-add e^0 is not 1 there
        ([[0.0, 0.0, -3.0]], {}),
        ([[0.0, 0.0, -90.0]], {}),  # a subnormal term
        ([[0.0] * 300], {"sum_format": "bfloat16"}),  # 257 is no number of bfloat16
    ],
)
def test_other_sums_are_not_exact(x: list, claims: dict) -> None:
    """A maximum that is not 0, terms between 0 and 1, more ones than the format can count."""
    assert not quantities(np.array(x), **claims).exact_integers.any()


def test_the_growth_never_exceeds_that_of_the_depth() -> None:
    """Whatever the row, n - 1 roundings or the contract's depth bound the growth."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(20, 50)) * rng.uniform(0.1, 30, size=(20, 1))
    for claims in ({}, {"summation": "pairwise"}, {"summation": 3}, {"algorithm": "online"}, {"sum_format": "float16"}):
        t = quantities(x, **claims)
        assert (t.growth <= sums.growth(50, t.parameters) * (1 + 1e-12)).all()
        assert (t.growth >= 0).all()


def test_a_narrower_sum_rounds_each_term_that_it_does_not_hold() -> None:
    """Two terms among zeros: each may be rounded to the format of the sum, and their sum is."""
    x = np.full((1, 100), NOTHING)
    x[0, :2] = 0.3, 0.1
    narrow = quantities(x, sum_format="float16").growth.item()
    assert narrow == pytest.approx(2 * np.log1p(2.0**-11) + ROUNDING, rel=1e-12)
    once = quantities(x, sum_format="float16", summation=1).growth.item()
    assert once == pytest.approx(np.log1p(2.0**-11) + ROUNDING, rel=1e-12)


def test_a_shift_below_the_maximum_costs_no_more_than_the_depth_that_the_row_saves() -> None:
    """Nothing in a row without zeros or of integers; else its distance, of at most 8 bits."""
    dense, sparse = np.array([[0.0, -5.0]]), np.full((1, 1000), NOTHING)
    sparse[0, :2] = 0.0, -5.0
    assert quantities(dense).lazy_shift.item() == 0.0
    assert quantities(sparse).lazy_shift.item() == pytest.approx((6 + 8) * 5 * U, rel=1e-6)
    sparse[0, 1] = -6.0
    assert quantities(sparse).lazy_shift.item() == 0.0
    integers = np.where(np.arange(1000) < 5, 0.0, NOTHING)[None]
    assert quantities(integers).lazy_shift.item() == 0.0


def kahan(terms: np.ndarray) -> np.floating:
    """Compensated summation: no tree, since corrections are added as well."""
    s = c = terms.dtype.type(0)
    for term in terms:
        y = term - c
        t = s + y
        s, c = t, (t - s) - y
    return s


def test_a_compensated_sum_keeps_the_growth() -> None:
    """Kahan's sum errs by two roundings, however few of the terms are large."""
    rng, p = np.random.default_rng(8), LimitParameters(format="float32", exp_ulp=1e-9)
    for _ in range(300):
        n = int(rng.integers(2, 40))
        few = int(rng.integers(1, 3))
        shape = np.where(np.arange(n) < few, -rng.exponential(size=n), -rng.uniform(12, 22))
        terms = rng.permutation(np.exp(shape - shape.max()).astype(np.float32))
        exact = sum(map(Fraction, terms.astype(float).tolist()))
        d = -np.log(terms.astype(float))[None]
        growth = concentration.row_growth(
            distance=d,
            nearest=np.zeros((1, 1)),
            present=d < np.inf,
            zero=d == np.inf,
            mass=terms.astype(float)[None] / float(exact),
            lost=np.zeros((1, 1)),
            p=p,
        ).item()
        assert abs(np.log(float(Fraction(float(kahan(terms))) / exact))) <= growth * (1 + 1e-9)


def test_losses_that_are_zero_do_not_round_in_a_batch() -> None:
    """One loss among thousands, and three that are powers of two."""
    p = LimitParameters(format="float32")
    one = np.full(8192, 2.0**-149)
    one[77] = 3.0
    assert concentration.batch_growth(Scaled.of(one), p) < 1e-30
    one[[5, 6]] = 1.0, 0.25
    assert concentration.batch_growth(Scaled.of(one), p) == pytest.approx(2 * ROUNDING, rel=0.01)
    assert concentration.batch_growth(Scaled.of(np.ones(8192)), p) == sums.batch_growth(8192, p)
    assert concentration.batch_growth(Scaled.of(np.ones(1)), p) == 0.0


def test_the_order_of_a_batch_moves_its_sum_no_further_than_its_growth() -> None:
    """Losses of very different size, in float16, summed in any order."""
    rng, p = np.random.default_rng(5), LimitParameters(format="float16", working_precision="float16")
    for _ in range(40):
        losses = (rng.exponential(size=30) * np.where(rng.random(30) < 0.2, 4.0, 0.01)).astype(np.float16)
        exact = sum(map(Fraction, losses.astype(float).tolist()))
        growth = concentration.batch_growth(Scaled.of(losses.astype(float)), p)
        for order in (in_any_order, one_after_the_other):
            error = abs(float((Fraction(float(order(losses, rng))) - exact) / exact))
            assert error <= np.expm1(growth) * (1 + 1e-9)
