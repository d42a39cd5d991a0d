"""Array libraries from code: the module, the annotations and the globals of a function, best first."""

import functools

import numpy as np
import pytest

from softcert_implementations.resolving.libraries_from_code import libraries_of


def helper(x):
    return np.exp(x)


def of_a_helper(x):
    return helper(x)


def far_away(x):
    return of_a_helper(x)


def too_far(x):
    return far_away(x)


def within(x):
    import jax

    return jax.nn.softmax(x)


def annotated(x: "np.ndarray", y: "tensorflow.Tensor", z: "jaxlib.Array") -> None:  # noqa: F821 (never evaluated)
    return None


def tensors(x: "Tensor"):  # noqa: F821 (never evaluated)
    return x


@pytest.mark.parametrize(
    ("function", "reasons"),
    [
        (np.exp, {"numpy": "it belongs to numpy"}),
        (helper, {"numpy": "its code uses numpy"}),
        (functools.partial(helper), {"numpy": "its code uses numpy"}),
        (of_a_helper, {"numpy": "its code uses numpy"}),
        (far_away, {"numpy": "its code uses numpy"}),
        (too_far, {}),
        (within, {"jax": "its code uses jax"}),
        (tensors, {"torch": "its annotations name tensors"}),
        (lambda x: x, {}),
    ],
)
def test_the_reason_is_where_the_library_shows(function, reasons):
    assert libraries_of(function) == reasons


def test_annotations_are_read_in_their_order():
    assert libraries_of(annotated) == {
        "numpy": "its annotations name NumPy arrays",
        "tensorflow": "its annotations name tensorflow",
        "jax": "its annotations name jaxlib",
    }


def test_closures_methods_and_bases_are_followed():
    inner = helper

    class Loss:
        def softmax(self, x):
            return np.exp(x)

    assert libraries_of(lambda x: inner(x)) == {"numpy": "its code uses numpy"}
    assert libraries_of(Loss().softmax) == {"numpy": "its code uses numpy"}
    assert libraries_of(np.vectorize(len)) == {"numpy": "it belongs to numpy"}
    torch = pytest.importorskip("torch")
    assert next(iter(libraries_of(torch.nn.Softmax(-1)))) == "torch"


def test_an_empty_cell_and_recursion_end():
    def outer():
        def softmax(x):
            return later(x)

        if outer is None:  # pragma: no cover (so that the cell stays empty)
            later = 0
        return softmax

    def again(x):
        return again(x)

    assert libraries_of(outer()) == {}
    assert libraries_of(again) == {}
