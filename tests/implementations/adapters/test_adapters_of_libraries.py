"""Adapters: what a library can hold goes in and comes out bit for bit; what it cannot is said in one sentence."""

import importlib.util
import sys

import ml_dtypes
import numpy as np
import pytest

from softcert_implementations.adapters import (
    LIBRARIES,
    NotAnArrayError,
    UnavailableError,
    UnsupportedError,
    View,
    adapter,
)
from softcert_implementations.adapters.base import format_name

pytestmark = pytest.mark.filterwarnings("ignore:No ccache found")  # said by Paddle when it is imported
MODULES = {"onnx": "onnxruntime", "mlx": "mlx"}
APART = {"paddle": ("tensorflow",), "tensorflow": ("paddle",)}
HELD = {
    "numpy": ("float64", "float32", "float16", "bfloat16", "float8_e4m3fn", "float8_e5m2", "int64", "bool"),
    "torch": ("float64", "float32", "float16", "bfloat16", "float8_e4m3fn", "float8_e5m2", "int64", "bool"),
    "jax": ("float32", "float16", "bfloat16", "int32", "bool"),
    "tensorflow": ("float64", "float32", "float16", "bfloat16", "int64", "bool"),
    "onnx": ("float64", "float32", "float16", "int64"),
    "cupy": ("float64", "float32", "float16", "int64"),
    "mlx": ("float32", "float16", "bfloat16", "int32"),
    "paddle": ("float64", "float32", "float16", "bfloat16", "int64", "bool"),
    "autograd": ("float64", "float32", "float16", "int64"),
    "tinygrad": ("float64", "float32", "float16", "bfloat16", "int64", "bool"),
}


@pytest.fixture(params=LIBRARIES)
def library(request):
    module = MODULES.get(request.param, request.param)
    if importlib.util.find_spec(module) is None:
        pytest.skip(f"{module} is not installed")
    if other := next((o for o in APART.get(module, ()) if o in sys.modules), None):
        pytest.skip(f"{module} and {other} crash in one process: run each by -k")
    library = adapter(request.param)
    try:
        library.argument(View.of(np.zeros(1, np.float32)), "cpu")
    except UnavailableError as error:
        pytest.skip(str(error))
    return library


def sample(format):
    values = np.array([[0, 1, -2], [0.5, -0.0, 3]], np.float64)
    return values.astype(View.of(np.zeros(1)).format if format is None else _dtype(format))


def _dtype(format):
    return np.dtype(getattr(ml_dtypes, format, format))


def test_arrays_come_back_bit_for_bit(library):
    for format in HELD[library.name]:
        x = sample(format)
        with library.surroundings(format):
            back = library.result(library.argument(View.of(x), "cpu").value)
        assert format_name(back.dtype) == format
        assert back.shape == x.shape
        assert back.tobytes() == x.tobytes()


def test_empty_arrays_and_scalars_come_back(library):
    for shape in ((0, 3), (2, 0), ()):
        x = np.zeros(shape, np.float32)
        back = library.result(library.argument(View.of(x), "cpu").value)
        assert (back.shape, back.dtype) == (shape, x.dtype)


def test_what_is_no_array_of_the_library_is_refused(library):
    for value in ([1.0], "text", {"p": 1}):
        with pytest.raises(NotAnArrayError, match="returned"):
            library.result(value)


def test_a_transposed_view_is_expressed_or_unsupported(library):
    x = np.arange(6, dtype=np.float32).reshape(2, 3)
    view = View(data=x.view(np.uint8).reshape(-1).data, format="float32", shape=(3, 2), strides=(4, 12))
    try:
        value = library.argument(view, "cpu").value
    except UnsupportedError as error:
        assert "strided" in str(error)  # noqa: PT017 (either outcome is right; which one depends on the library)
    else:
        assert np.array_equal(library.result(value), x.T)


def test_gradients_come_from_the_framework_and_can_be_differentiated_again(library):
    if library.differentiate is None:
        pytest.skip("the library has no automatic differentiation")
    value = library.argument(View.of(np.array([[1, 2], [3, 4]], np.float32)), "cpu").value
    upstream = library.argument(View.of(np.array([[1, 0], [-1, 0.5]], np.float32)), "cpu").value
    product = library.differentiate(lambda x: x * x * x)  # one value an element: without upstream that of their sum
    assert library.result(product(value)).tolist() == [[3, 12], [27, 48]]
    assert library.result(product(value, upstream=upstream)).tolist() == [[3, 0], [-27, 24]]
    again = library.differentiate(product)
    assert library.result(again(value, upstream=upstream)).tolist() == [[6, 0], [-18, 12]]


@pytest.mark.parametrize("name", ["numpy", "torch"])
def test_a_single_element_seen_through_a_stride_is_read(name):
    module = pytest.importorskip(name)
    for view in (lambda t: t[:, -1], lambda t: t[:1, ::2][:, :1], lambda t: t.T[1:2, :1]):
        taken = view(module.asarray(np.arange(4.0).reshape(1, 4)))
        back = adapter(name).result(taken)
        assert back.tolist() == taken.tolist()
        assert View.of(back).shape == back.shape
