"""The code of a subject tells which libraries it calls and by whom it asks to be called."""

from __future__ import annotations

import functools
import sys

import numpy as np
import pytest

from softcert.executors.worker.names_in_code import library_of, names_in_code
from softcert_implementations.bundled import numpy_shifted
from softcert_implementations.resolving import entry_points


def plain(x):
    e = np.exp(x - x.max())
    return e / e.sum()


def calls_scipy(x):
    from scipy.special import softmax

    return softmax(x)


def through_another(x):
    return calls_scipy(x)


class Model:
    """A class whose instances and methods are subjects."""

    def __call__(self, x):
        return through_another(x)

    def softmax(self, x):
        return calls_scipy(x)


def told(function, arrays="numpy"):
    return [text for _, text in names_in_code([function], arrays)]


def test_numpy_is_no_word():
    assert told(plain) == []


@pytest.mark.parametrize(
    "function", [calls_scipy, through_another, functools.partial(calls_scipy), Model(), Model().softmax]
)
def test_a_library_is_found_through_functions_partials_methods_and_instances(function):
    assert told(function) == ["scipy"]


def test_the_library_that_a_subject_is_declared_for_is_no_word():
    assert told(calls_scipy, arrays="scipy") == []


def test_a_function_that_is_held_tells_where_it_comes_from():
    held = numpy_shifted.softmax
    assert told(lambda x: held(x)) == ["softcert_implementations.bundled.numpy_shifted"]
    assert told(lambda x: numpy_shifted.softmax(x)) == ["softcert_implementations.bundled.numpy_shifted"]


@pytest.mark.parametrize("name", ["numpy_shifted", "naive", "faithful"])
def test_a_bundled_implementation_does_not_tell_of_itself(name):
    assert names_in_code(entry_points.load(name).ops.values(), "numpy") == []


@pytest.mark.parametrize(
    ("function", "text"),
    [
        (lambda x: "softcert" in sys.modules, "sys.modules"),
        (lambda x: sys.argv, "sys.argv"),
        (lambda x: x.f_back, "the call stack, by a frame's caller"),
    ],
)
def test_the_insides_of_the_interpreter_are_told(function, text):
    assert told(function) == [text]


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("scipy.special", "scipy"),
        ("numpy.linalg", ""),
        ("softcert", ""),
        ("softcert_oracle.errors", ""),
        ("softcert_oracle.numbers.formats", ""),
        ("softcert_oracle.reference.exact", "softcert_oracle.reference"),
        ("softcert_implementations.implementation", ""),
        ("softcert_implementations.bundled.faithful.double", "softcert_implementations.bundled.faithful"),
    ],
)
def test_modules_are_told_by_their_librarys_name(name, told):
    assert library_of(name) == told


def test_the_autograd_of_torch_is_no_library_of_its_own():
    def of_torch(x):
        import torch

        return torch.autograd.grad(x.sum(), x)

    def of_another(x):
        import autograd

        return autograd.grad(np.sum)(x)

    assert names_in_code([of_torch], "torch") == []
    assert names_in_code([of_another], "numpy") == [("library", "autograd")]
