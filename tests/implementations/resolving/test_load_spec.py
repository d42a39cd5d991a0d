"""From a SPEC to its object: modules, files, registered names, and what is said where there is none."""

import os
import subprocess
import sys

import numpy as np
import pytest

from softcert_implementations.resolving.load_spec import load_spec
from softcert_implementations.resolving.resolve import resolve
from softcert_oracle.errors import UsageError


def test_a_module_a_file_and_an_attribute_are_found(tmp_path):
    import math

    assert load_spec("math") is math
    assert load_spec("math:exp") is math.exp
    path = tmp_path / "found_file.py"
    path.write_text("class Outer:\n    class Inner:\n        value = 7\n")
    assert load_spec(f"{path}:Outer.Inner.value") == 7
    assert load_spec(str(path)).Outer.Inner.value == 7


def test_a_module_with_one_implementation_is_that_implementation():
    assert resolve("softcert_implementations.bundled.naive").name == "naive"


def test_a_file_of_a_package_may_import_its_neighbours(tmp_path):
    package = tmp_path / "their_package"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "helper.py").write_text("SCALE = 3\n")
    (package / "ops.py").write_text("from .helper import SCALE\ndef softmax(x):\n    return x * SCALE\n")
    assert resolve(f"{package}/ops.py:softmax").ops["softmax"](np.ones(1)) == 3


def test_two_files_of_one_name_do_not_mix(tmp_path):
    for i in (1, 2):
        (tmp_path / str(i)).mkdir()
        (tmp_path / str(i) / "twin_file.py").write_text(f"def softmax(x):\n    return x * {i}\n")
    found = [resolve(f"{tmp_path}/{i}/twin_file.py:softmax").ops["softmax"](1) for i in (1, 2)]
    assert found == [1, 2]


def test_a_file_is_imported_once(tmp_path):
    path = tmp_path / "counted_file.py"
    path.write_text("value = object()\n")
    assert load_spec(f"{path}:value") is load_spec(f"{path}:value")


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        ("nave", "Did you mean 'naive'?"),
        ("no_such_module_here:softmax", "no module named 'no_such_module_here'"),
        ("scipy.special:sofmax", "has no attribute 'sofmax'. Did you mean 'softmax'?"),
        ("numpy:sum", "does not say which operation it is, and no trial call tells it. Say it with op=... (--op)"),
        ("missing/file.py:softmax", "there is no file 'missing/file.py'"),
        (":softmax", "names no module"),
        ("missing.onnx", "there is no such file"),
        ("json", "json has no function named as an operation"),
    ],
)
def test_what_cannot_be_found_says_what_to_do(spec, words):
    with pytest.raises(UsageError) as raised:
        resolve(spec)
    assert words in str(raised.value)


def test_a_module_that_cannot_be_imported_says_the_users_line(tmp_path):
    path = tmp_path / "broken_file.py"
    path.write_text("import json\n\njson.loads('{')\n")
    with pytest.raises(UsageError, match=r"cannot be imported: JSONDecodeError: .* \(broken_file.py, line 3\)"):
        load_spec(f"{path}:softmax")
    assert "broken_file" not in sys.modules
    text = tmp_path / "notes.txt"
    text.write_text("")
    with pytest.raises(UsageError, match=r"notes\.txt is not a Python file"):
        load_spec(f"{text}:softmax")


def test_a_program_is_not_for_this_resolver():
    with pytest.raises(UsageError, match="a program is run by an executor of its own"):
        load_spec("exec:./program")


def test_modules_are_found_where_the_user_stands(tmp_path):
    (tmp_path / "beside_me.py").write_text("def softmax(x):\n    return x\n")
    code = "from softcert_implementations.resolving.resolve import resolve; print(resolve('beside_me:softmax').name)"
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONSAFEPATH"}
    done = subprocess.run(
        [sys.executable, "-P", "-c", code], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert (done.stdout, done.stderr) == ("softmax\n", "")
