"""Inputs as people give them, made from an array of the format."""

from __future__ import annotations

import sys

import ml_dtypes
import numpy as np
import pytest

from softcert_implementations import contract_values
from softcert_implementations.adapters import UnavailableError, UnsupportedError, View, adapter, kinds

X = np.array([[1.0, 2.0], [0.0, 3.0]], np.float32)


def given(kind, values=X, library="numpy"):
    return kinds.given(adapter(library), View.of(values), "cpu", kind)


@pytest.mark.parametrize("kind", kinds.NUMBERS[:-1])
def test_integers_are_arrays_of_their_type(kind):
    value = given(kind).value
    assert (value.dtype.name, value.tolist()) == (kind, X.tolist())


def test_lists_hold_pythons_own_numbers_and_scalars_those_of_numpy():
    assert given("lists").value == [[1.0, 2.0], [0.0, 3.0]]
    assert type(given("lists").value[0][0]) is float
    assert type(given("NumPy scalars").value[0][0]) is np.float32


def test_one_logit_has_no_axis():
    assert np.shape(given("0-d", X[:1, :1]).value) == ()


def test_other_arrays_of_numpy_hold_the_same_numbers():
    swapped, masked, derived = (given(kind).value for kind in ("big-endian", "masked", "subclass"))
    assert not swapped.dtype.isnative
    assert type(masked) is np.ma.MaskedArray
    assert type(derived) is not np.ndarray
    assert isinstance(derived, np.ndarray)
    assert all(np.array_equal(np.asarray(v), X) for v in (swapped, masked, derived))


@pytest.mark.parametrize("kind", ["int64", "lists", "big-endian"])
def test_a_write_to_a_copy_shows_as_a_changed_argument(kind):
    raw = View.of(X)
    argument = kinds.given(adapter("numpy"), raw, "cpu", kind)
    assert argument.read_back() == bytes(raw.data)
    argument.value[0][0] = 7
    assert argument.read_back() != bytes(raw.data)


def test_a_list_that_lost_a_row_shows_too():
    raw = View.of(X)
    argument = kinds.given(adapter("numpy"), raw, "cpu", "lists")
    argument.value.append([1.0])
    assert argument.read_back() != bytes(raw.data)


def test_a_library_without_the_kind_says_so():
    with pytest.raises(UnsupportedError, match="requires_grad"):
        given("requires_grad")
    narrow = X.astype(ml_dtypes.bfloat16)
    with pytest.raises(UnsupportedError, match="bfloat16"):
        given("masked", narrow)


def test_a_frame_needs_pandas(monkeypatch):
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(UnavailableError, match="pandas"):
        given("DataFrame")


@pytest.mark.slow  # loads torch
def test_tensors_require_grad_or_are_a_subclass():
    torch = pytest.importorskip("torch")
    assert given("requires_grad", library="torch").value.requires_grad
    derived = given("subclass", library="torch").value
    assert type(derived) is not torch.Tensor
    assert isinstance(derived, torch.Tensor)


def test_a_machine_without_another_device_says_so():
    torch = pytest.importorskip("torch")
    if torch.cuda.is_available() or torch.backends.mps.is_available():
        pytest.skip("there is another device here")
    with pytest.raises(UnavailableError, match="no other device"):
        given("other device", library="torch")


def test_every_kind_that_a_contract_names_is_made_for_some_library():
    named = {kind for group in contract_values.INPUT_KINDS.values() for kind in group}
    made = {kinds.PLAIN, *kinds.NUMBERS, "0-d", "lists", "NumPy scalars", *(kind for _, kind in kinds._MADE)}
    assert named == made
