"""Results that whoever reads them computes, apart from arrays, numbers and the libraries' own types."""

from __future__ import annotations

import concurrent.futures

import numpy as np
import pytest

from softcert_implementations.adapters.deferred import deferred


class Asked(np.ndarray):
    """An array that takes part in its reading."""

    def __array_ufunc__(self, function, method, *inputs, **keywords):
        return 1.0


class Plain(np.ndarray):
    """An array that overrides nothing."""


class Number:
    """A number once it is asked."""

    def __float__(self):
        return 1.0


class Interface(Number):
    """An array once it is asked."""

    @property
    def __array_interface__(self):
        return np.zeros(2).__array_interface__


@pytest.mark.parametrize(
    "value",
    [
        (row for row in ()),
        iter([1.0]),
        map(float, "12"),
        lambda: 1.0,
        concurrent.futures.Future(),
        Number(),
        Interface(),
        np.zeros(2).view(Asked),
        np.array([Number()]),
        (Number(), 1.0),
    ],
)
def test_a_value_that_computes_when_it_is_read_is_deferred(value):
    assert deferred(value)


@pytest.mark.parametrize(
    "value",
    [
        np.zeros((2, 3)),
        np.float32(1),
        1.5,
        3,
        None,
        "text",
        [1.0, 2.0],
        (np.zeros(2), 1.0),
        memoryview(b"abc"),
        np.zeros(2).view(Plain),
        np.ma.masked_array(np.zeros(2), mask=True),
        np.array([1.0, 2.0], object),
        np.zeros(0, object),
    ],
)
def test_arrays_numbers_and_containers_of_them_are_not(value):
    assert deferred(value) == ""


def test_tensors_are_not_but_those_that_override_every_function_are():
    torch = pytest.importorskip("torch")

    class Asked(torch.Tensor):
        @classmethod
        def __torch_function__(cls, function, types, arguments=(), keywords=None):
            return super().__torch_function__(function, types, arguments, keywords or {})

    assert deferred(torch.zeros(2)) == ""
    assert deferred(torch.nn.Parameter(torch.zeros(2))) == ""
    assert deferred(torch.zeros(2).as_subclass(Asked))
