"""The faithful implementation held against Arb on adversarial rows, and its behaviour as a subject."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.implementations.bundled.faithful.judging import Tally, adversarial, judge

from softcert_implementations.bundled import faithful
from softcert_implementations.bundled.faithful import IMPLEMENTATION
from softcert_oracle.errors import UsageError
from softcert_oracle.numbers import formats

FORMATS = (*faithful.DTYPES, "float8_e4m3fn", "float8_e5m2")
SHAPES = [(3, 1), (24, 2), (20, 7), (10, 33), (4, 257)]


@pytest.mark.parametrize("format", FORMATS)
def test_every_result_on_adversarial_rows_is_the_nearest_number_by_arb(format: str) -> None:
    total = Tally()
    for seed, (m, classes) in enumerate(SHAPES):
        labels = np.random.default_rng(seed).integers(0, classes, m)
        for family, x in adversarial(format, m, classes, seed):
            tally = judge(x, labels)
            assert (tally.unfaithful, tally.not_nearest) == (0, 0), (family, m, classes)
            # a tie of d that only exp(-2^53) breaks is beyond any precision that Arb is given
            assert tally.undecided <= (family == "differences on midpoints"), (family, m, classes)
            total += tally
    assert total.judged > 70_000


@pytest.mark.parametrize("format", FORMATS)
def test_many_classes_are_rounded_right(format: str) -> None:
    x = (np.random.default_rng(5).standard_normal((2, 20_011)) * 3).astype(formats.FORMATS[format].dtype)
    tally = judge(x, np.array([0, 20_010]))
    assert (tally.not_nearest, tally.undecided) == (0, 0)


@pytest.mark.parametrize("format", FORMATS)
def test_exact_ties_between_two_numbers_go_to_the_even_one(format: str) -> None:
    """(k - 1)/k of 2^(p+1) equal logits needs p+1 bits: a tie that no interval can decide, only the fraction."""
    fmt = formats.FORMATS[format]
    classes = 2 ** min(fmt.precision + 1, 12)
    tally = judge(np.ones((1, classes), fmt.dtype), np.array([3]), ("softmax", "cross_entropy_grad"))
    assert (tally.not_nearest, tally.undecided) == (0, 0)


def test_a_tie_broken_by_nothing_but_the_logarithm_is_broken_the_right_way() -> None:
    """d = 2^53 + 1 is a tie of float64 and L = exp(-d) is far below every float64: the loss rounds up."""
    x = np.array([[2.0**53, -1.0]])
    assert faithful.cross_entropy(x, np.array([1])) == 2.0**53 + 2
    assert faithful.log_softmax(x)[0, 1] == -(2.0**53 + 2)


def test_logsumexp_of_float64_log_probabilities_is_right_to_the_last_bit() -> None:
    x = np.random.default_rng(3).standard_normal((4, 60))
    tally = judge(faithful.log_softmax(x), np.zeros(4, np.int64), ("logsumexp",))
    assert (tally.judged, tally.not_nearest) == (4, 0)


def test_losses_beyond_the_largest_number_have_a_finite_mean() -> None:
    largest = np.finfo(np.float64).max
    x = np.array([[largest, -largest], [0.0, 0.0], [0.0, 0.0]])
    tally = judge(x, np.array([1, 0, 0]), ("cross_entropy",))
    assert np.isfinite(faithful.cross_entropy(x, np.array([1, 0, 0])))
    assert (tally.judged, tally.not_nearest) == (1, 0)


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize(
    "row",
    [
        [np.inf, 1.0, -np.inf],
        [np.inf, np.inf, 1.0],
        [-np.inf, -np.inf, -np.inf],
        [np.nan, 1.0, -np.inf],
        [np.inf, np.nan, 0.0],
        [-np.nan, -np.inf, -np.inf],
        [-np.inf, 2.0, -np.inf],
        [-0.0, 0.0, -np.inf],
    ],
)
def test_special_rows_have_their_limits_and_leave_the_other_rows_alone(format: str, row: list[float]) -> None:
    x = np.array([[0.5, 1.5, -2.0], row, [3.0, 2.0, 1.0]]).astype(formats.FORMATS[format].dtype)
    for label in range(3):
        tally = judge(x, np.array([2, label, 0]))
        assert (tally.unfaithful, tally.not_nearest, tally.undecided) == (0, 0, 0), label


@pytest.mark.parametrize("format", FORMATS)
def test_layouts_give_the_same_bits_and_inputs_stay_as_they_were(format: str) -> None:
    dtype = formats.FORMATS[format].dtype
    x = (np.random.default_rng(1).standard_normal((6, 10)) * 4).astype(dtype)
    labels = np.array([0, 9, 4, 4, 1, 2])
    wide = np.full((12, 20), 99.0).astype(dtype)
    wide[::2, ::2] = x
    read_only = x.copy()
    read_only.flags.writeable = False
    packed = np.zeros(x.nbytes + 1, np.uint8)
    packed[1:] = x.copy().view(np.uint8).ravel()
    unaligned = packed[1:].view(dtype).reshape(x.shape)
    layouts = [
        np.asfortranarray(x),
        x[::-1].copy()[::-1],
        x[:, ::-1].copy()[:, ::-1],
        wide[::2, ::2],
        read_only,
        unaligned,
    ]
    for name, function in IMPLEMENTATION.ops.items():
        arguments = (labels,) if name.startswith("cross_entropy") else ()
        expected = np.asarray(function(x, *arguments))
        for layout in layouts:
            before = layout.tobytes()
            got = np.asarray(function(layout, *arguments))
            assert got.dtype == dtype
            assert got.tobytes() == expected.tobytes()
            assert layout.tobytes() == before


def test_empty_batches_and_single_rows_have_their_shapes() -> None:
    empty = np.zeros((0, 4), np.float32)
    none = np.zeros(0, np.int64)
    assert faithful.softmax(empty).shape == faithful.cross_entropy_grad(empty, none).shape == (0, 4)
    assert faithful.logsumexp(empty).shape == (0,)
    assert np.isnan(faithful.cross_entropy(empty, none))
    assert faithful.softmax(np.zeros(4)).tolist() == [0.25] * 4
    assert faithful.softmax(np.zeros((2, 3, 4))).shape == (2, 3, 4)
    assert faithful.logsumexp(np.zeros((2, 3, 4))).shape == (2, 3)
    assert np.shape(faithful.logsumexp(np.zeros(4))) == ()


@pytest.mark.parametrize("labels", [[0, 3], [0, -1], [0], [[0, 1]], [0.0, 1.0], [True, False]])
def test_impossible_labels_are_refused(labels: list[float]) -> None:
    with pytest.raises(UsageError, match="give"):
        faithful.cross_entropy(np.zeros((2, 3)), np.array(labels))
    with pytest.raises(UsageError, match="give"):
        faithful.cross_entropy_grad(np.zeros((2, 3)), np.array(labels))


@pytest.mark.parametrize(
    "x", [np.zeros((2, 0)), np.zeros((2, 3), np.int64), np.zeros((2, 3), np.float128), np.zeros(())]
)
def test_impossible_arrays_are_refused(x: NDArray[np.generic]) -> None:
    with pytest.raises(UsageError, match=r"give|Give"):
        faithful.softmax(x)


def test_no_kernel_is_shared_with_the_oracle() -> None:
    import ast
    from pathlib import Path

    names = {
        node.module
        for path in Path(faithful.__file__).parent.glob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("softcert_oracle")
    }
    assert names <= {"softcert_oracle.numbers", "softcert_oracle.numbers.formats", "softcert_oracle.errors"}
