"""Adapters: what a library can hold goes in and comes out bit for bit; what it cannot is said in one sentence."""

import importlib.util

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
from softcert_implementations.adapters.base import format_name, require
from softcert_oracle.errors import UsageError

MODULES = {"onnx": "onnxruntime", "mlx": "mlx"}
HELD = {
    "numpy": ("float64", "float32", "float16", "bfloat16", "float8_e4m3fn", "float8_e5m2", "int64", "bool"),
    "torch": ("float64", "float32", "float16", "bfloat16", "float8_e4m3fn", "float8_e5m2", "int64", "bool"),
    "jax": ("float32", "float16", "bfloat16", "int32", "bool"),
    "tensorflow": ("float64", "float32", "float16", "bfloat16", "int64", "bool"),
    "onnx": ("float64", "float32", "float16", "int64"),
    "cupy": ("float64", "float32", "float16", "int64"),
    "mlx": ("float32", "float16", "bfloat16", "int32"),
}


@pytest.fixture(params=LIBRARIES)
def library(request):
    module = MODULES.get(request.param, request.param)
    if importlib.util.find_spec(module) is None:
        pytest.skip(f"{module} is not installed")
    return adapter(request.param)


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


def test_torch_keeps_strides_offsets_and_the_very_memory():
    pytest.importorskip("torch")
    base = np.arange(24, dtype=np.float32)
    view = View(data=base.view(np.uint8).data, format="float32", shape=(3, 2), strides=(32, 8), offset=4)
    tensor = adapter("torch").argument(view, "cpu").value
    assert tensor.tolist() == [[1, 3], [9, 11], [17, 19]]
    assert tensor.stride() == (8, 2)
    tensor[0, 0] = -1
    assert base[1] == -1


@pytest.mark.parametrize(
    ("view", "words"),
    [
        (View(data=bytearray(16), format="float32", shape=(2,), strides=(-4,), offset=8), "negative strides"),
        (View(data=bytearray(16), format="float32", shape=(2,), strides=(6,), offset=0), "between elements"),
        (View(data=bytearray(16), format="float32", shape=(2,), strides=(4,), offset=2), "between elements"),
        (View(data=bytearray(16), format="float99", shape=(2,), strides=(4,), offset=0), "no format float99"),
    ],
)
def test_torch_says_what_it_cannot_express(view, words):
    pytest.importorskip("torch")
    with pytest.raises(UnsupportedError, match=words):
        adapter("torch").argument(view, "cpu")


def test_torch_without_cuda_says_so():
    torch = pytest.importorskip("torch")
    if torch.cuda.is_available():
        pytest.skip("there is a CUDA device here")
    with pytest.raises(UnavailableError, match="no CUDA device"):
        adapter("torch").argument(View.of(np.zeros((1, 2), np.float32)), "cuda")


def test_torch_results_with_history_or_in_odd_layouts_are_read():
    torch = pytest.importorskip("torch")
    x = torch.arange(6.0).reshape(2, 3).requires_grad_(True)
    assert adapter("torch").result(x.T * 1).tolist() == [[0, 3], [1, 4], [2, 5]]
    with pytest.raises(NotAnArrayError, match="sparse"):
        adapter("torch").result(torch.eye(2).to_sparse())


@pytest.mark.parametrize("name", ["numpy", "torch"])
def test_a_single_element_seen_through_a_stride_is_read(name):
    module = pytest.importorskip(name)
    for view in (lambda t: t[:, -1], lambda t: t[:1, ::2][:, :1], lambda t: t.T[1:2, :1]):
        taken = view(module.asarray(np.arange(4.0).reshape(1, 4)))
        back = adapter(name).result(taken)
        assert back.tolist() == taken.tolist()
        assert View.of(back).shape == back.shape


def test_array_api_libraries_go_by_their_module():
    strict = pytest.importorskip("array_api_strict")
    found = adapter("array_api:array_api_strict")
    value = found.argument(View.of(np.ones((2, 2), np.float32)), "cpu").value
    assert isinstance(value, type(strict.asarray(1.0)))
    assert found.result(value).tolist() == [[1, 1], [1, 1]]


def test_any_module_with_asarray_serves_as_array_api_library():
    found = adapter("array_api:numpy")
    x = np.array([[1, 2]], np.float64)
    assert found.result(found.argument(View.of(x), "cpu").value).tobytes() == x.tobytes()
    with pytest.raises(NotAnArrayError):
        found.result([1])


def test_an_unknown_library_and_a_missing_one_are_clear_sentences():
    with pytest.raises(UsageError, match=r"unknown arrays: arrays='nunpy'. Did you mean 'numpy'\?"):
        adapter("nunpy")
    with pytest.raises(UnavailableError, match="not_there is not installed; install it with: pip install not-there"):
        require("not_there", "not-there")


@pytest.mark.parametrize("name", LIBRARIES)
def test_naming_a_library_does_not_import_it(name):
    import subprocess
    import sys

    module = MODULES.get(name, name)
    code = (
        "import sys; from softcert_implementations.adapters import adapter; "
        f"adapter({name!r}); print({module!r} in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == ("True\n" if name == "numpy" else "False\n")
