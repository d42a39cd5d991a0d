"""The compiled kernel and the NumPy specification give the same answers, wherever the kernel gives any."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("numba")

from tests.oracle.judging import samples

from softcert_oracle.judging import Block, specification
from softcert_oracle.judging.judge import by_kernel
from softcert_oracle.judging.layout import (
    CHECKED,
    DECIDED,
    DEFERRED,
    INDEX,
    RATIO,
    SPECIAL,
    STATUS,
    UNDECIDED,
    VIOLATED,
    Raw,
)
from softcert_oracle.limit_parameters import LimitParameters
from softcert_oracle.numbers.formats import lookup

VISIBLE = 1e-9
"""Ratios below it are noise of the enclosures: an error that nobody sees has no size to agree about."""


def assert_same_decisions(kernel: Raw, exact: Raw) -> None:
    """The kernel's rows against the specification's, in what was looked at and what violates."""
    status = kernel.row_counts[:, STATUS]
    assert np.array_equal(status == SPECIAL, exact.row_counts[:, STATUS] == SPECIAL)
    rows = status == DECIDED
    for counted in (CHECKED, VIOLATED):
        assert np.array_equal(kernel.counts[rows][..., counted], exact.counts[rows][..., counted])
    assert not exact.counts[rows][..., UNDECIDED].any()
    assert np.array_equal(kernel.row_counts[rows], exact.row_counts[rows])


def assert_same(kernel: Raw, exact: Raw) -> None:
    """Their decisions; also the worst ratios to a millionth."""
    assert_same_decisions(kernel, exact)
    rows = kernel.row_counts[:, STATUS] == DECIDED
    a, b = kernel.sizes[rows][..., RATIO], exact.sizes[rows][..., RATIO]
    # Sums of signed errors (the first structural slots) cancel, so they are known to 2^-53 of the errors' sum only.
    seen = (a > VISIBLE) | (b > VISIBLE)
    seen[:, 4:] &= (a[:, 4:] > 0.1) | (b[:, 4:] > 0.1)
    near = np.isclose(a, b, rtol=1e-6) | ~seen
    # Within 2^-96 of a power of two the kernel takes the smaller ulp.
    near[:, 3] |= np.isclose(a[:, 3], 2 * b[:, 3])
    assert near.all()


def same_places(kernel: Raw, exact: Raw) -> np.ndarray:
    """Whether both name the same number as the worst of a row, for ratios of accuracy that are seen.

    They need not: where several numbers are equally far off (results of 0 beside losses of 10^-40), their ratios differ
    by roundings of float64 only, and so do upper bounds of errors in ulp, which hold the radii of enclosures.
    """
    rows = kernel.row_counts[:, STATUS] == DECIDED
    a = kernel.sizes[rows][:, :4, RATIO]
    places = kernel.counts[rows][:, :4, INDEX] == exact.counts[rows][:, :4, INDEX]
    return np.asarray(places[(a > VISIBLE) & (a < np.inf)])


@pytest.mark.parametrize("operation", samples.OPERATIONS)
@pytest.mark.parametrize("fmt", samples.FORMATS)
def test_the_kernel_never_contradicts_the_specification(operation: str, fmt: str) -> None:
    """All regimes, contracts and kinds of results: 18 blocks of one to 36 rows each."""
    rng = np.random.default_rng(7)
    places = []
    for regime in samples.REGIMES:
        classes = int(rng.choice([1, 2, 3, 7, 40]))
        block = samples.drawn(rng, fmt=fmt, operation=operation, regime=regime, classes=classes)
        with np.errstate(all="ignore"):
            kernel, exact = by_kernel(block)[0], specification.judge(block)
            assert_same(kernel, exact)
        places.append(same_places(kernel, exact))
    assert np.concatenate(places).mean() > 0.8


@pytest.mark.parametrize("operation", ["softmax", "cross_entropy_grad"])
def test_rows_of_several_tiles_are_judged_the_same(operation: str) -> None:
    """More classes than the tile of 4096 in which exponentials are summed."""
    rng = np.random.default_rng(3)
    block = samples.drawn(rng, fmt="float32", operation=operation, regime="normal", classes=5000)
    assert_same(by_kernel(block)[0], specification.judge(block))


def test_hardly_any_row_of_usual_logits_is_left_to_the_exact_path() -> None:
    """No row of 2,000 with usual logits, rounded results or results a few ulps off, is deferred."""
    rng = np.random.default_rng(11)
    for operation in samples.OPERATIONS:
        for fmt in ("float64", "float32", "bfloat16"):
            x = samples.logits("normal", (60, 12), lookup(fmt), rng)
            parameters = LimitParameters(format=fmt, reduction="none")
            for kind in ("rounded", "ulps off"):
                raw = by_kernel(samples.block(operation, x, 1, kind, parameters, rng))[0]
                assert not (raw.row_counts[:, STATUS] == DEFERRED).any()


def test_a_limit_that_overflows_beside_an_exact_zero_goes_the_exact_path() -> None:
    """One class of the largest logit: its log-probability is 0, and the limit of "sound" is some 10^292."""
    x = np.full((2, 1), np.finfo(np.float64).max)
    parameters = LimitParameters(format="float64")
    block = samples.block("log_softmax", x, 1, "uniform", parameters, np.random.default_rng(1))
    with np.errstate(all="ignore"):
        kernel = by_kernel(block)[0]
        assert_same(kernel, specification.judge(block))
    assert (kernel.row_counts[:, STATUS] == DEFERRED).all()


@pytest.mark.parametrize(
    "kind",
    ["even", "far from the rest", "tied", "masked", "two scales", "negative zeros"],
)
@pytest.mark.parametrize("operation", ["softmax", "log_softmax"])
def test_order_and_ties_are_the_same_however_logits_lie(operation: str, kind: str) -> None:
    """Rows of 200 classes, which are sorted by buckets or, where those fill unevenly, by bytes."""
    rng = np.random.default_rng(9)
    x = rng.normal(size=(4, 200))
    x = {
        "even": x,
        "far from the rest": np.where(np.arange(200) == 7, 150.0, x),
        "tied": np.round(2 * x),
        "masked": np.where(rng.random(x.shape) < 0.5, -np.inf, x),
        "two scales": np.where(rng.random(x.shape) < 0.5, x * 1e-6, x),
        "negative zeros": np.where(rng.random(x.shape) < 0.7, -0.0, np.round(x)),
    }[kind]
    x = x.astype(np.float32).astype(np.float64)
    parameters = LimitParameters(format="float32")
    for results in ("ulps off", "near limits"):
        block = samples.block(operation, x, 1, results, parameters, rng)
        with np.errstate(all="ignore"):
            assert_same(by_kernel(block)[0], specification.judge(block))


@pytest.mark.parametrize("operation", ["softmax", "log_softmax", "cross_entropy_grad"])
@pytest.mark.parametrize(
    "row",
    [
        [150.0, 1.25, -2.134, 0.1015625],
        [150.0, 2.0**-16, 2.0**-17, -(2.0**-17)],
        [3.4028234663852886e38, 0.0, -3.4028234663852886e38, 1.0],
        [1.8446744073709552e19, -1.8446744073709552e19, 0.0, 0.0],
        [3.4028234663852886e38] * 4,
    ],
    ids=["dominant", "beside midpoints", "the largest", "wide", "equal and large"],
)
def test_rows_far_from_usual_are_decided_by_the_kernel(operation: str, row: list[float]) -> None:
    """What a dominant logit leaves of the others decides on which side of a midpoint a result lies; limits overflow."""
    x = np.array([row]).astype(np.float32).astype(np.float64)
    parameters = LimitParameters(format="float32")
    block = samples.block(operation, x, 1, "rounded", parameters, np.random.default_rng(1))
    with np.errstate(all="ignore"):
        kernel, left = by_kernel(block)
        assert_same(kernel, specification.judge(block))
    assert left == 0


def test_errors_that_overflow_both_ways_go_the_exact_path() -> None:
    """Their sum depends on its order: infinite in one, not a number in another."""
    largest = np.finfo(np.float64).max
    x = np.zeros((1, 40))
    block = samples.block("softmax", x, 1, "uniform", LimitParameters(format="float64"), np.random.default_rng(1))
    block.got[0, ::3], block.got[0, 1::3] = largest, -largest
    with np.errstate(all="ignore"):
        kernel = by_kernel(block)[0]
        assert_same_decisions(kernel, specification.judge(block))
    assert (kernel.row_counts[:, STATUS] == DEFERRED).all()


def test_what_underflows_is_granted_to_a_label_whose_probability_is_far_below_float64() -> None:
    """A label 32752 below the maximum: saving its log-probability in 8 bits moves what has underflowed by e^128."""
    x = np.array([[32752.0, -65504.0, 32752.0, 0.0, -65504.0, -1.0, 0.0]])
    parameters = LimitParameters(format="float16", saved_format="bfloat16", algorithm="exp(x-lse)", reduction="sum")
    block = Block(
        operation="cross_entropy_grad",
        parameters=parameters,
        x=x,
        starts=np.array([0, 1]),
        got=np.array([[0.5009765625, 0.0, 0.49853515625, -1.001953125, 0.0, 0.0, 0.0]]),
        labels=np.array([3]),
    )
    with np.errstate(all="ignore"):
        kernel = by_kernel(block)[0]
        assert_same(kernel, specification.judge(block))
    assert (kernel.row_counts[:, STATUS] == DECIDED).all()


@pytest.mark.parametrize("operation", samples.OPERATIONS)
@pytest.mark.parametrize(("fmt", "distances"), [("float64", (640.0, 765.0)), ("float32", (80.0, 130.0))])
def test_a_result_of_zero_beside_terms_next_to_underflow_is_judged_the_same(operation, fmt, distances) -> None:
    """The mass of the others is all that the limit has there, and below 2^-1000 the kernel does not know it."""
    for algorithm in ("any", "log1p"):
        parameters = LimitParameters(format=fmt, reduction="none", algorithm=algorithm)
        for others in (1, 4):
            below = np.linspace(*distances, 40).astype(fmt).astype(np.float64)
            x = np.zeros((len(below), 1 + others))
            x[:, 1:] = -below[:, None]
            # What is computed without log1p: the sum is 1, its logarithm 0.
            with np.errstate(under="ignore"):
                p = np.exp(x).astype(fmt).astype(np.float64)
            hot = np.eye(1 + others)[0]
            got = {"softmax": p, "log_softmax": x, "cross_entropy_grad": p - hot}.get(operation, np.zeros(len(x)))
            block = Block(
                operation=operation,
                parameters=parameters,
                x=x,
                starts=np.arange(len(x) + 1),
                got=got,
                labels=np.zeros(len(x), np.int64),
            )
            with np.errstate(all="ignore"):
                assert_same_decisions(by_kernel(block)[0], specification.judge(block))


@pytest.mark.parametrize("x", [[-np.inf, 1e38, 0.0, -np.inf], [-np.inf, 1e10, -1e38]])
def test_a_label_of_minus_infinity_has_no_limit_of_a_probability(x: list[float]) -> None:
    """Its p is 0 whatever the row's sum is: an infinite limit at "sound" let its gradient pass as anything."""
    block = Block(
        operation="cross_entropy_grad",
        parameters=LimitParameters(format="float32"),
        x=np.array([x]),
        starts=np.array([0, 1]),
        got=np.array([[-1.0, 1.0, *np.zeros(len(x) - 2)]]),
        labels=np.array([0]),
    )
    with np.errstate(all="ignore"):
        kernel = by_kernel(block)[0]
        assert_same(kernel, specification.judge(block))
    assert kernel.row_counts[0, STATUS] == DECIDED


def test_the_gradient_of_one_class_is_the_uniform_gradient_and_no_row_is_vacuous_by_it() -> None:
    """Both are 0, so at "sound", where the limit of far logits is wide, nothing degenerate differs from the truth."""
    block = Block(
        operation="cross_entropy_grad",
        parameters=LimitParameters(format="float32"),
        x=np.array([[-8363162.0]] * 3),
        starts=np.array([0, 3]),
        got=np.zeros((3, 1)),
        labels=np.zeros(3, dtype=np.int64),
    )
    assert_same(by_kernel(block)[0], specification.judge(block))
