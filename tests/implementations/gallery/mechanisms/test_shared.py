"""The pieces that tables share: maxima and sums of some columns, and numbers cut to some bits."""

from __future__ import annotations

import numpy as np
import pytest

from softcert_implementations.gallery.mechanisms.shared import cut_to, sum_of, top_of

X = np.array([[3.0, 1.0, 2.0]])


def test_the_maximum_of_some_columns():
    assert top_of(lambda n: slice(1, None))(X).tolist() == [[2.0]]


def test_the_sum_of_some_columns():
    assert sum_of(lambda n: slice(0, n - 1))(X).tolist() == [[4.0]]


def test_no_columns_stand_for_all():
    assert top_of(lambda n: slice(0))(X).tolist() == [[3.0]]
    assert sum_of(lambda n: slice(0))(X).tolist() == [[6.0]]


@pytest.mark.parametrize(("dtype", "bits"), [(np.float32, 24), (np.float64, 53)])
def test_a_number_keeps_all_bits_of_its_format(dtype, bits):
    third = np.array([[1 / 3]], dtype)
    assert cut_to(bits)(third) == third


def test_bits_are_cut_off_towards_zero():
    assert cut_to(2)(np.array([[1.75, -1.75]], np.float32)).tolist() == [[1.5, -1.5]]
