"""Bytes and views: what an array is before a library makes it one of its own."""

import sys
import types

import ml_dtypes
import numpy as np
import pytest

from softcert_implementations.adapters import UnavailableError, UnsupportedError, View
from softcert_implementations.adapters.base import (
    Adapter,
    contiguous_only,
    format_name,
    numpy_dtype,
    numpy_view,
    require,
)


def test_a_view_of_an_array_is_a_private_copy_in_c_order():
    x = np.arange(6, dtype=np.float32).reshape(2, 3)
    view = View.of(x.T)
    x[0, 0] = 9
    assert (view.format, view.shape, view.strides, view.offset) == ("float32", (3, 2), (8, 4), 0)
    assert numpy_view(view).tolist() == [[0, 3], [1, 4], [2, 5]]


def test_names_of_formats_are_those_of_numpy_and_foreign_byte_order_shows():
    assert format_name(np.dtype(ml_dtypes.bfloat16)) == "bfloat16"
    assert numpy_dtype("bfloat16") == np.dtype(ml_dtypes.bfloat16)
    assert numpy_dtype("int32") == np.dtype(np.int32)
    foreign = np.dtype(np.float32).newbyteorder()
    assert format_name(foreign) == foreign.str != "float32"


def test_a_numpy_view_shares_the_memory_and_its_base_shows_what_lies_around():
    memory = np.arange(8, dtype=np.float32)
    view = numpy_view(View(data=memory.view(np.uint8).data, format="float32", shape=(2,), strides=(8,), offset=4))
    view[1] = -1
    assert memory[3] == -1
    assert view.base.dtype == np.float32
    assert view.base.size == 8


def test_a_numpy_view_may_lie_between_elements_and_be_read_only():
    memory = np.zeros(9, np.uint8)
    memory[1:].view(np.float32)[:] = (1, 2)
    odd = numpy_view(
        View(data=memory.data, format="float32", shape=(2,), strides=(4,), offset=1, writeable=False),
    )
    assert odd.tolist() == [1, 2]
    assert not odd.flags.writeable
    tiny = numpy_view(View(data=bytearray(3), format="float32", shape=(0,), strides=(4,), offset=2))
    assert tiny.shape == (0,)


def test_libraries_without_strides_take_a_copy_in_c_order_only():
    x = np.arange(6, dtype=np.float32).reshape(2, 3)
    view = View(data=x.view(np.uint8).reshape(-1).data, format="float32", shape=(2, 3), strides=(12, 4))
    copy = contiguous_only(view, "some library")
    copy[0, 0] = 9
    assert x[0, 0] == 0
    with pytest.raises(UnsupportedError, match="some library has no strided views of existing memory"):
        contiguous_only(View(data=view.data, format="float32", shape=(3, 2), strides=(4, 12)), "some library")


def test_a_missing_library_says_what_to_install_and_a_broken_one_why(monkeypatch):
    with pytest.raises(UnavailableError, match="not_there is not installed; install it with: pip install not-there"):
        require("not_there", "not-there")

    class Broken:
        def find_spec(self, name, path=None, target=None):
            if name == "broken_library":
                raise ImportError("a symbol is missing")

    monkeypatch.setattr(sys, "meta_path", [Broken(), *sys.meta_path])
    with pytest.raises(UnavailableError, match=r"cannot be imported \(ImportError: a symbol is missing\); install it"):
        require("broken_library", "broken-library")


def test_an_adapter_checks_for_its_library_by_the_name_of_its_package(monkeypatch):
    adapter = Adapter(name="x", library="absent.core", argument=None, result=None, requirement="absent-package")
    with pytest.raises(UnavailableError, match="pip install absent-package"):
        adapter.check()
    monkeypatch.setitem(sys.modules, "absent", types.ModuleType("absent"))
    monkeypatch.setitem(sys.modules, "absent.core", types.ModuleType("absent.core"))
    adapter.check()
    with adapter.surroundings("float32"):
        pass
