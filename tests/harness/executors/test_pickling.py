"""Pickling a subject: by reference where the worker can import it, by value where it cannot."""

import functools
import pickle
import subprocess
import sys
import threading
import types

import numpy as np
import pytest

from softcert.executors.pickling import dump, modules_to_preload
from softcert_implementations.implementation import Implementation
from softcert_implementations.resolving import entry_points
from softcert_oracle.errors import UsageError


@pytest.fixture
def loose():
    """A module that no search path leads to, with a function."""
    module = types.ModuleType("loose_module")
    module.__file__ = "/nowhere/loose_module.py"
    exec("SHIFT = 3\ndef softmax(x):\n    return x + SHIFT\n", module.__dict__)
    sys.modules["loose_module"] = module
    yield module
    del sys.modules["loose_module"]


def test_a_spec_stays_a_string():
    assert pickle.loads(dump("a.py:softmax", {"op": "softmax"})) == ("a.py:softmax", {"op": "softmax"})


def test_a_spec_is_pickled_without_cloudpickle():
    """Importing it costs a start more than the subject of most runs; an object among the keywords needs it."""
    code = (
        "import sys\n"
        "from softcert.executors.pickling import dump\n"
        "from softcert_implementations.contract import Contract\n"
        "keywords = {'op': 'softmax', 'dtypes': ('float32',), 'contract': Contract({'exp_ulp': {'softmax': 2}})}\n"
        "dump('a.py:softmax', keywords)\n"
        "print('cloudpickle' in sys.modules)\n"
        "dump('a.py:softmax', {'op': lambda: 0})\n"
        "print('cloudpickle' in sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "True"]


def test_an_importable_function_is_pickled_by_reference():
    payload = dump(np.linalg.norm, {})
    assert len(payload) < 200
    assert pickle.loads(payload)[0] is np.linalg.norm


@pytest.mark.parametrize(
    "wrap", [lambda f: f, lambda f: functools.partial(f), lambda f: Implementation("s", {"softmax": f})]
)
def test_a_function_that_cannot_be_imported_is_pickled_by_value(loose, wrap):
    payload = dump(wrap(loose.softmax), {})
    module = sys.modules.pop("loose_module")
    try:
        target, _ = pickle.loads(payload)
    finally:
        sys.modules["loose_module"] = module
    function = target.ops["softmax"] if isinstance(target, Implementation) else target
    assert function(1) == 4


def test_a_closure_over_such_a_function_is_pickled_by_value(loose):
    inner = loose.softmax
    payload = dump(lambda x: inner(x) * 2, {})
    module = sys.modules.pop("loose_module")
    try:
        assert pickle.loads(payload)[0](1) == 8
    finally:
        sys.modules["loose_module"] = module


def test_the_registration_by_value_ends_with_the_call(loose):
    import cloudpickle

    dump(loose.softmax, {})
    assert "loose_module" not in cloudpickle.list_registry_pickle_by_value()


def test_an_object_that_cannot_travel_is_refused_with_advice():
    lock = threading.Lock()
    with pytest.raises(UsageError, match=r"cannot be carried .*isolation='none'"):
        dump(lambda x: lock, {})


@pytest.mark.parametrize(
    ("text", "modules"),
    [
        ("import torch\n", ("torch",)),
        ("def f():\n    from torch import nn\n", ("torch",)),
        ("import triton.language as tl\n", ("torch",)),
        ("import torchvision_free\n# import torch\n", ()),
        ("import numpy\n", ()),
    ],
)
def test_torch_is_loaded_ahead_where_the_source_imports_it(tmp_path, text, modules):
    (tmp_path / "mine.py").write_text(text)
    assert modules_to_preload(f"{tmp_path}/mine.py:softmax", {}) == modules


def test_the_array_library_that_was_given_decides(tmp_path):
    (tmp_path / "mine.py").write_text("import torch\n")
    assert modules_to_preload(f"{tmp_path}/mine.py:softmax", {"arrays": "numpy"}) == ()
    assert modules_to_preload("numpy_shifted", {"arrays": "torch"}) == ("torch",)
    implementation = Implementation("s", {"softmax": abs}, arrays="torch")
    assert modules_to_preload(implementation, {}) == ("torch", "cloudpickle")


def test_registered_names_lead_to_their_source():
    assert entry_points.registered()
    assert modules_to_preload("torch_functional", {}) == ("torch",)
    assert modules_to_preload("numpy_shifted", {}) == ()


@pytest.mark.parametrize("spec", ["nowhere.py:softmax", "no_such_package.module:softmax", ""])
def test_a_spec_that_leads_nowhere_loads_nothing(spec):
    assert modules_to_preload(spec, {}) == ()


def test_torchs_own_functions_need_torch():
    assert modules_to_preload("torch.nn.functional:softmax", {}) == ("torch",)
