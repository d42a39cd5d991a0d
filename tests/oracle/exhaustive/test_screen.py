"""The screen of two classes against the block judge and exact rounding: it never calls a wrong result right."""

from __future__ import annotations

import numpy as np
import pytest

from softcert_implementations.bundled.faithful import implementation as faithful
from softcert_implementations.bundled.faithful import per_row
from softcert_oracle.decide.decisions import nearest
from softcert_oracle.errors import UsageError
from softcert_oracle.exhaustive.ranks import NAN, ranks
from softcert_oracle.exhaustive.screen import correctly_rounded
from softcert_oracle.exhaustive.shapes import Shape
from softcert_oracle.exhaustive.thresholds import log_logistic, logistic
from softcert_oracle.numbers import formats
from softcert_oracle.reference import truth

OPERATIONS = ("softmax", "log_softmax", "logsumexp", "cross_entropy", "cross_entropy_grad")
EIGHT_BITS = ("float8_e4m3fn", "float8_e5m2")
SIXTEEN_BITS = ("bfloat16", "float16")


def exact(shape: Shape, low: int, high: int) -> tuple[np.ndarray, np.ndarray]:
    """Correctly rounded results of rows in the format, and which rows are ordinary with finite logits."""
    x, labels = shape.build(low, high)
    with np.errstate(invalid="ignore"):
        values = x.astype(np.float64)
    finite = np.isfinite(values).all(axis=1)
    rows = truth.rows(values[finite])
    own = None if labels is None else labels[finite]
    refine = truth.refine(shape.operation, rows, own, reduction="none")
    told, decided = nearest(
        truth.reference(shape.operation, rows, own, reduction="none"), formats.lookup(shape.format), refine
    )
    assert decided.all()
    got = np.zeros((len(x), *told.shape[1:]), x.dtype)
    with np.errstate(over="ignore"):
        got[finite] = told.astype(x.dtype)
    return got, finite


def blocks(shape: Shape) -> list[tuple[int, int]]:
    """All rows of 8 bits; of 16 bits some whose logits are near one another, for every label."""
    if shape.bits <= 16:
        return [(0, shape.rows)]
    zero = ranks(shape.format).finite.stop // 2
    ranks_ = (0, 9000, -9000, zero - 500, 500 - zero)
    starts = [(zero + k << 16) + zero + j - 300 for k in ranks_ for j in ranks_]
    return [((label << 32) + s, (label << 32) + s + 600) for s in starts for label in range(2 if shape.labelled else 1)]


@pytest.mark.parametrize("format", [*EIGHT_BITS, *SIXTEEN_BITS])
@pytest.mark.parametrize("operation", OPERATIONS)
def test_exact_roundings_are_right_and_their_neighbours_never(operation, format):
    shape = Shape(operation=operation, format=format, classes=2)
    seen = total = 0
    for low, high in blocks(shape):
        got, finite = exact(shape, low, high)
        right = correctly_rounded(shape, low, got)
        seen += int(right.sum())
        total += int(finite.sum())
        assert not right[~finite].any()
        moved = got.view(formats.lookup(format).unsigned) ^ 1  # the neighbour, or another number of the same size
        assert not correctly_rounded(shape, low, moved.view(got.dtype)).any()
    assert seen > (0.3 if operation == "logsumexp" else 0.9) * total


def test_each_element_of_a_row_counts():
    shape = Shape(operation="softmax", format="bfloat16", classes=2)
    low = ranks("bfloat16").finite.stop // 2 * 65537
    got, _ = exact(shape, low, low + 64)
    for j in range(2):
        wrong = got.copy()
        wrong[7, j] = np.float32(0.75)
        assert correctly_rounded(shape, low, wrong).sum() == 63


def test_negative_zero_is_zero_and_nan_is_no_number():
    shape = Shape(operation="softmax", format="float16", classes=2)
    known = ranks("float16")
    low = (known.finite.stop - 1 << 16) + known.finite.start  # [65504, -65504]
    right = np.array([[1.0, -0.0], [1.0, np.nan]], np.float16)
    assert correctly_rounded(shape, low, right).tolist() == [True, False]


@pytest.mark.parametrize("format", [*EIGHT_BITS, *SIXTEEN_BITS])
@pytest.mark.parametrize("table", [logistic, log_logistic])
def test_thresholds_rise_and_enclose_the_inverse(table, format):
    made = table(format)
    assert (np.diff(made.low) > 0).all()
    assert (made.low < made.high).all()
    assert (made.high[:-1] < made.low[1:]).all()
    below, above = (truth.rows(np.stack([d, np.zeros_like(d)], axis=1)) for d in (made.low, made.high))
    name = "softmax" if table is logistic else "log_softmax"
    for rows, expected in ((below, made.ranks[:-1]), (above, made.ranks[1:])):
        value, decided = nearest(getattr(rows, name)[:, 0], formats.lookup(format))
        known = ranks(format)
        with np.errstate(over="ignore"):
            rank = known.of_code[value.astype(known.format.dtype).view(known.format.unsigned)]
        assert (rank[decided] == expected[decided]).all()
        assert decided.mean() > 0.9


def test_ranks_order_the_numbers():
    known = ranks("float8_e4m3fn")
    rank = known.of_code[known.codes]
    numbers = rank[known.finite]
    assert (np.diff(numbers) >= 0).all()
    assert (numbers == 0).sum() == 2
    assert (rank == NAN).sum() == 2


def test_a_shape_has_every_row_once():
    shape = Shape(operation="cross_entropy", format="float8_e5m2", classes=2)
    x, labels = shape.build(0, shape.rows)
    seen = set(zip(x.view(np.uint16)[:, 0].tolist(), labels.tolist(), strict=True))
    assert len(seen) == shape.rows == 2 * 65536


def test_rows_with_a_zero_have_every_pattern():
    shape = Shape(operation="softmax", format="float32", classes=2, kind="zero")
    x, _ = shape.build(0x3F800000, 0x3F800002)
    assert shape.rows == 2**32
    assert x.tolist() == [[1.0, 0.0], [1.0 + 2**-23, 0.0]]


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"format": "float32", "classes": 2}, "2\\^64 rows"),
        ({"format": "bfloat16", "classes": 0}, "classes=0"),
        ({"format": "bfloat16", "classes": 3, "kind": "zero"}, "classes=3"),
        ({"format": "bfloat16", "classes": 2, "kind": "half"}, "half"),
    ],
)
def test_what_is_no_shape_is_refused(given, says):
    with pytest.raises(UsageError, match=says):
        Shape(operation="softmax", **given)


@pytest.mark.parametrize("format", SIXTEEN_BITS)
def test_the_faithful_losses_of_rows_are_right(format):
    for operation in ("cross_entropy", "cross_entropy_grad"):
        shape = Shape(operation=operation, format=format, classes=2)
        low = shape.rows // 2 + (ranks(format).finite.stop // 2 + 15000 << 16)
        x, labels = shape.build(low, low + 65536)
        right = correctly_rounded(shape, low, getattr(per_row, operation)(x, labels))
        assert right.mean() > 0.9


def test_the_faithful_loss_of_one_row_is_the_mean_of_one_row():
    x, labels = np.array([[1.0, 3.0]], np.float32), np.array([0])
    assert per_row.cross_entropy(x, labels)[0] == faithful.cross_entropy(x, labels)
    both = np.repeat(x, 2, axis=0), np.repeat(labels, 2)
    assert np.array_equal(per_row.cross_entropy_grad(*both)[0], faithful.cross_entropy_grad(x, labels)[0])
