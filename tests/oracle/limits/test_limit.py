"""The interface of limits: shapes, special rows, nesting of levels, formats, formulas, errors of use."""

from __future__ import annotations

import itertools
import time

import numpy as np
import pytest

from softcert_oracle import limits, operations
from softcert_oracle.errors import UsageError
from softcert_oracle.limits import LimitParameters, limit
from softcert_oracle.numbers import formats
from softcert_oracle.reference import truth

X = np.array([[0.0, 1.0, -3.0, 2.5], [4.0, 4.0, 4.0, 4.0], [0.0, -80.0, -900.0, -5.0], [1e4, 1e4 + 2, 9990.0, -np.inf]])
LABELS = np.array([2, 0, 0, 1])
SHAPES = {
    "softmax": (4, 4),
    "log_softmax": (4, 4),
    "logsumexp": (4,),
    "cross_entropy": (),
    "cross_entropy_grad": (4, 4),
}


def numbers(operation, level, x=X, labels=LABELS, **claims):
    p = LimitParameters(**{"format": "float32", **claims})
    return limit(operation, level, truth.rows(x.astype(formats.lookup(p.format).dtype)), labels, p).numbers


def at_most(a, b):
    return bool(np.all((a - b * (1 + 1e-12)).significand <= 0))


@pytest.mark.parametrize("operation", operations.CORE)
@pytest.mark.parametrize("level", limits.LEVELS)
@pytest.mark.parametrize("name", formats.FORMATS)
def test_limits_have_the_shape_of_the_result_and_are_positive_where_the_truth_is_finite(operation, level, name):
    x = X if formats.lookup(name).has_infinity else np.clip(X, -400, 400)
    x = x.astype(formats.lookup(name).dtype)
    rows = truth.rows(np.where(np.isinf(x.astype(float)), x[0, 0], x).astype(x.dtype))
    found = limit(operation, level, rows, LABELS, LimitParameters(format=name)).numbers
    assert found.shape == SHAPES[operation]
    assert np.all(found.significand > 0)
    assert np.all(np.isfinite(found.significand))


@pytest.mark.parametrize(
    ("operation", "name"), list(itertools.product(operations.CORE, ("float32", "float64", "bfloat16")))
)
def test_levels_nest(operation, name):
    sound, stable, accurate = (numbers(operation, level, format=name) for level in limits.LEVELS)
    assert at_most(stable, sound)
    assert at_most(accurate, stable)


@pytest.mark.parametrize("operation", operations.CORE)
@pytest.mark.parametrize(
    ("algorithm", "summation"), list(itertools.product(limits.ALGORITHMS[:-2], ("any", "pairwise", 3)))
)
def test_naming_an_algorithm_or_a_depth_never_loosens_the_limit(operation, algorithm, summation):
    named = numbers(operation, "stable", algorithm=algorithm, summation=summation)
    assert at_most(named, numbers(operation, "stable"))


@pytest.mark.parametrize("operation", operations.CORE)
def test_an_online_algorithm_pays_for_each_rescaling(operation):
    ratio = (numbers(operation, "stable", algorithm="online") / numbers(operation, "stable")).to_float()
    assert np.all(ratio[np.isfinite(ratio)] >= 1)
    assert np.nanmax(ratio) > 1.2


def test_an_exact_zero_has_no_limit_and_neither_have_special_rows():
    x = np.array([[0.0, -np.inf, 1.0], [np.inf, 0, 0], [np.nan, 0, 0], [-np.inf] * 3])
    for level in limits.LEVELS:
        found = numbers("softmax", level, x).to_float()
        assert found[0, 1] == 0
        assert np.all(found[0, [0, 2]] > 0)
        assert np.all(found[1:] == 0)
        assert np.all(numbers("logsumexp", level, x).to_float()[1:] == 0)
        assert numbers("cross_entropy", level, x, np.zeros(4, int)).to_float() == 0


def test_the_limit_of_a_probability_far_below_float64_keeps_its_exponent():
    found = numbers("softmax", "stable", np.array([[0.0, -1e5]]), format="float64")
    floor = 2.0**-1074 * 4
    assert 0 < found[0, 1].to_float() <= 4 * floor
    log = numbers("log_softmax", "stable", np.array([[0.0, -2e3]]), format="float64").to_float()
    assert log[0, 1] < 1e-12
    half = numbers("cross_entropy", "accurate", np.array([[0.0, -2e3]]), [0], format="float64")
    assert half.significand > 0


def test_x_minus_max_may_overflow():
    largest = np.finfo(np.float64).max
    x = np.array([[largest, -largest], [largest, 0.0]])
    log = numbers("log_softmax", "stable", x, format="float64").to_float()
    assert np.all(np.isfinite(log))
    assert log[0, 1] >= 2 * log[1, 1] * 0.99
    assert numbers("softmax", "stable", x, format="float64").to_float()[0, 0] < 1e-14


def test_a_sum_in_half_precision_adds_a_rounding_for_each_level_and_one_of_its_logarithm():
    x = np.linspace(-2, 2, 64)[None].astype(np.float16)
    rows = truth.rows(x)
    plain = limit("logsumexp", "stable", rows, None, LimitParameters(format="float16", result_format="float32")).numbers
    summed = limit(
        "logsumexp",
        "stable",
        rows,
        None,
        LimitParameters(format="float16", result_format="float32", sum_format="float16", summation=1),
    ).numbers
    added = (summed - plain).to_float()[0]
    log_sum = rows.L[0]  # its logarithm is kept in half precision too
    assert 0.99 < added / (2.0**-11 * (1 + log_sum)) < 1.01


def test_log_probabilities_saved_in_half_precision_widen_gradient_and_loss_by_their_rounding():
    x = np.array([[0.0, -6.0, -10.0]], np.float16)
    rows = truth.rows(x)
    wide = {"format": "float16", "result_format": "float32", "reduction": "none"}
    for operation in ("cross_entropy", "cross_entropy_grad"):
        plain = limit(operation, "stable", rows, [2], LimitParameters(**wide)).numbers.to_float()
        narrow = LimitParameters(**wide, saved_format="float16")
        saved = limit(operation, "stable", rows, [2], narrow).numbers.to_float()
        added = (saved - plain).ravel()[1 if operation == "cross_entropy_grad" else 0]
        p = np.exp(-6.0) if operation == "cross_entropy_grad" else 1.0
        size = 6.0 if operation == "cross_entropy_grad" else 10.0
        assert 0.9 < added / (p * size * 2.0**-11) < 1.1


def test_flushing_subnormals_replaces_half_the_smallest_subnormal_by_the_smallest_normal():
    x = np.array([[0.0, -95.0]], np.float32)
    gradual = numbers("softmax", "stable", x)[0, 1].to_float()
    flushed = numbers("softmax", "stable", x, flush_subnormals=True)[0, 1].to_float()
    assert gradual < 1e-43
    assert flushed == pytest.approx(np.exp(-95.0), rel=1e-6)


@pytest.mark.parametrize("operation", ["softmax", "cross_entropy_grad", "log_softmax", "cross_entropy"])
@pytest.mark.parametrize(("logit", "right"), [(-86.7, False), (-87.4, True)])  # 1.88 N and 0.93 N of float32
def test_a_flushed_zero_is_right_only_below_the_smallest_normal_number(operation, logit, right):
    x = np.array([[0.0, logit]], np.float32)
    level = "stable" if operation in ("softmax", "cross_entropy_grad") else "accurate"
    limit = numbers(operation, level, x, [0], flush_subnormals=True).to_float().ravel()
    at = 1 if level == "stable" else 0  # what is e^-86.7: the far probability, the near surprisal
    tiny = np.exp(np.float64(x[0, 1]))
    assert (limit[at] >= tiny) == right


def test_a_narrow_result_is_flushed_below_its_own_smallest_normal_number():
    x = np.array([[0.0, -9.0], [0.0, -9.8]], np.float16)  # 2.02 N and 0.91 N of float16
    limit = numbers("softmax", "stable", x, format="float16", flush_subnormals=True).to_float()[:, 1]
    assert (limit >= truth.rows(x).softmax.to_float()[:, 1] * (1 - 1e-12)).tolist() == [False, True]


def test_the_true_class_next_to_zero_has_an_absolute_floor_when_stable_and_a_relative_limit_when_accurate():
    x, label = np.array([[20.0, 0.0]], np.float32), [0]
    stable = numbers("cross_entropy_grad", "stable", x, label).to_float()[0, 0]
    accurate = numbers("cross_entropy_grad", "accurate", x, label).to_float()[0, 0]
    assert stable > 2.0**-24
    assert accurate < 1e-5 * np.exp(-20.0)
    assert numbers("cross_entropy", "stable", x, label).to_float() > 2.06e-9
    assert numbers("cross_entropy", "accurate", x, label).to_float() < 2.06e-9 * 1e-4


def test_every_limit_names_its_formula_and_its_numbers():
    rows = truth.rows(X.astype(np.float32))
    found = limit("softmax", "stable", rows, None, LimitParameters(format="float32", algorithm="shift-divide"))
    assert found.formula.startswith("p_j [u(1 + |d_j|)")
    unfolded = found.at((0, 2))
    assert unfolded["n"] == 4
    assert unfolded["h"] == 3
    assert unfolded["|d_j|"] == 5.5
    assert unfolded["limit"] == found.numbers[0, 2].to_float()
    mean = limit("cross_entropy", "stable", rows, LABELS, LimitParameters(format="float32"))
    assert mean.formula.startswith("[e^g (1 + u)")


def test_faithful_has_no_limit_and_labels_are_asked_for():
    rows = truth.rows(X.astype(np.float32))
    with pytest.raises(UsageError, match="decided by rounding"):
        limit("softmax", "faithful", rows, None, LimitParameters(format="float32"))
    with pytest.raises(UsageError, match="class index"):
        limit("cross_entropy", "stable", rows, None, LimitParameters(format="float32"))
    with pytest.raises(UsageError, match="softmax_vjp"):
        limit("softmax_vjp", "stable", rows, None, LimitParameters(format="float32"))


def test_a_small_limit_costs_less_than_a_millisecond():
    rows = truth.rows(np.random.default_rng(0).normal(size=(4, 10)).astype(np.float32))
    p = LimitParameters(format="float32")
    limit("softmax", "stable", rows, None, p)
    best = np.inf
    for _ in range(20):
        start = time.process_time()
        for _ in range(5):
            limit("softmax", "stable", rows, None, p)
        best = min(best, (time.process_time() - start) / 5)
    assert best < 1e-3
