"""Any library of the array API standard: what goes in, what comes out, and what it does not hold."""

import types

import numpy as np
import pytest

from softcert_implementations.adapters import NotAnArrayError, UnsupportedError, View, adapter


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


def test_what_such_a_library_holds_otherwise_or_not_at_all_is_unsupported(monkeypatch):
    import sys

    narrow = types.ModuleType("narrow_arrays")
    narrow.asarray = lambda values: np.asarray(values, np.float32)
    monkeypatch.setitem(sys.modules, "narrow_arrays", narrow)
    library = adapter("array_api:narrow_arrays")
    assert library.argument(View.of(np.ones(2, np.float32)), "cpu").value.tolist() == [1, 1]
    with pytest.raises(UnsupportedError, match="narrow_arrays holds float64 only as float32"):
        library.argument(View.of(np.ones(2)), "cpu")
    narrow.asarray = lambda values: (_ for _ in ()).throw(TypeError("no such type"))
    with pytest.raises(UnsupportedError, match="narrow_arrays cannot hold float64: no such type"):
        library.argument(View.of(np.ones(2)), "cpu")


def test_a_result_without_dlpack_comes_by_the_buffer_protocol():
    class Odd:
        __array_namespace__ = None

        def __array__(self, dtype=None, copy=None):
            return np.array([1.0, 2.0])

    assert adapter("array_api:numpy").result(Odd()).tolist() == [1, 2]
