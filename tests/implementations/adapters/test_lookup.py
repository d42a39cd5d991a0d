"""The adapter of a library by its name: none is imported by that, and a wrong name gets a hint."""

import subprocess
import sys

import pytest

from softcert_implementations.adapters import LIBRARIES, adapter
from softcert_oracle.errors import UsageError

MODULES = {"onnx": "onnxruntime", "mlx": "mlx"}


@pytest.mark.parametrize("name", LIBRARIES)
def test_each_library_has_an_adapter_of_its_name(name):
    assert adapter(name).name == name


def test_a_module_of_the_array_api_keeps_its_dots():
    assert adapter("array_api:some.module").library == "some.module"


def test_an_unknown_library_gets_a_hint():
    with pytest.raises(UsageError, match=r"unknown arrays: arrays='nunpy'. Did you mean 'numpy'\?"):
        adapter("nunpy")


@pytest.mark.parametrize("name", LIBRARIES)
def test_naming_a_library_does_not_import_it(name):
    module = MODULES.get(name, name)
    code = (
        "import sys; from softcert_implementations.adapters import adapter; "
        f"adapter({name!r}); print({module!r} in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == ("True\n" if name == "numpy" else "False\n")
