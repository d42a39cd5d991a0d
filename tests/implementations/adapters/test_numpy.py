"""NumPy: scalars, the memory of the request, and arrays that hold no numbers."""

import numpy as np
import pytest

from softcert_implementations.adapters import NotAnArrayError, View, adapter
from softcert_implementations.adapters.base import numpy_view

LIBRARY = adapter("numpy")


def test_an_argument_is_the_memory_of_the_request_and_a_scalar_a_scalar():
    view = View.of(np.zeros((2, 3), np.float32))
    LIBRARY.argument(view, "cpu").value[0, 1] = 5
    assert numpy_view(view)[0, 1] == 5
    assert type(LIBRARY.argument(View.of(np.float32(3)), "cpu").value) is np.float32


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (np.array([1, "a"], object), "of object, not of numbers"),
        (np.zeros(2, [("a", "f4")]), "not of numbers"),
        ([1.0], "returned builtins.list, not a NumPy array"),
    ],
)
def test_what_holds_no_numbers_is_no_result(value, words):
    with pytest.raises(NotAnArrayError, match=words):
        LIBRARY.result(value)


def test_a_result_comes_in_c_order_with_its_own_type():
    x = np.arange(6, dtype=np.float16).reshape(2, 3)
    back = LIBRARY.result(x.T[::-1])
    assert back.flags.c_contiguous
    assert back.tolist() == x.T[::-1].tolist()
    assert LIBRARY.result(np.float16(2)).shape == ()
