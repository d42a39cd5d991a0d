"""A witness builds its arguments in the format that it is asked for."""

from __future__ import annotations

import numpy as np
import pytest

from softcert_implementations.gallery.witness import after, constant, normal, overflowing, rows, spike, viewed
from softcert_oracle.numbers import formats

FORMATS = ("float16", "bfloat16", "float32", "float64")


@pytest.mark.parametrize("format", FORMATS)
def test_labels_are_int64_masks_bool_and_other_lists_in_the_format(format):
    dtype = formats.lookup(format).dtype
    built = rows([1, 2], scale=2.0, labels=[1], mask=[[1, 0]], weight=[1, 2], ignore_index=-100)(format)
    assert (built["x"].dtype, built["x"].tolist()) == (dtype, [[2, 4]])
    assert built["labels"].dtype == np.int64
    assert built["mask"].dtype == np.bool_
    assert built["weight"].dtype == dtype
    assert built["ignore_index"] == -100


def test_labels_that_are_an_array_keep_their_type():
    assert rows([1, 2], labels=np.array([1], np.uint8))("float32")["labels"].dtype == np.uint8


@pytest.mark.parametrize("format", ["float16", "float32", "float64"])
def test_exp_overflows_just_above_one_and_not_just_below(format):
    x = overflowing([1.01, 0.99, -1.7])(format)["x"]
    with np.errstate(all="ignore"):
        assert np.isfinite(np.exp(x)).tolist() == [[False, True, True]]
        assert np.exp(x)[0, 2] == 0


def test_normal_logits_are_the_same_each_time():
    np.testing.assert_array_equal(normal(2, 3)("float32")["x"], normal(2, 3)("float32")["x"])
    assert not np.array_equal(normal(2, 3)("float32")["x"], normal(2, 3, seed=8)("float32")["x"])


def test_scale_and_offset_of_normal_logits():
    x = normal(100, 100, 3.0, 50.0)("float64")["x"]
    assert x.mean() == pytest.approx(50, abs=0.2)
    assert x.std() == pytest.approx(3, rel=0.05)


def test_equal_logits_but_one():
    assert spike(3, 1, 5.0, elsewhere=-1.0)("float32")["x"].tolist() == [[-1, 5, -1]]
    assert constant(2, 2, 0.5)("float32")["x"].tolist() == [[0.5, 0.5], [0.5, 0.5]]


def test_a_view_is_no_copy():
    x = viewed(lambda b: b[:, :2], 3, 5)("float32")["x"]
    assert x.shape == (3, 2)
    assert x.strides == (20, 4)


def test_the_calls_before_stand_in_the_history():
    built = after([rows([1]), rows([2])], rows([3]))("float32")
    assert built["x"].tolist() == [[3]]
    assert [each["x"].tolist() for each in built["history"]] == [[[1]], [[2]]]
