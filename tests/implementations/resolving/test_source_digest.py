"""The digest of a source: what changes it and what does not, and from where a function can be imported again."""

import functools
import inspect

import pytest

from softcert_implementations.implementation import Implementation
from softcert_implementations.resolving.resolve import resolve
from softcert_implementations.resolving.source_digest import digest, home

SOURCE = "def softmax(x):\n    if x is None:\n        return 0\n    return x\n"


def digest_of(folder, text):
    """The digest of a file with this text; each text has a file of its own, since modules are imported once."""
    path = folder / f"digested_{abs(hash(text))}.py"
    path.write_text(text)
    return digest(resolve(f"{path}:softmax", dtypes="float32", arrays="numpy", batched=True, call="plain"))


@pytest.mark.parametrize(
    "same",
    [
        SOURCE + "# a remark\n",
        SOURCE.replace("x is None", "x  is  None"),
        SOURCE.replace("    ", "  "),
        "\n\n" + SOURCE,
    ],
)
def test_comments_and_layout_are_no_change(tmp_path, same):
    assert digest_of(tmp_path, same) == digest_of(tmp_path, SOURCE)


@pytest.mark.parametrize(
    "other",
    [SOURCE.replace("0", "1"), SOURCE.replace("\n    return x", "\n        return x"), SOURCE + "EPSILON = 1\n"],
)
def test_code_and_its_structure_are_a_change(tmp_path, other):
    assert digest_of(tmp_path, other) != digest_of(tmp_path, SOURCE)


def test_the_digest_follows_the_source(tmp_path):
    file = tmp_path / "followed.py"
    file.write_text(SOURCE)
    first = digest(resolve(f"{file}:softmax"))
    assert first.startswith("sha256:")
    assert digest(resolve("naive")) != first
    file.write_text(SOURCE + "# a remark\n")
    assert digest(resolve(f"{file}:softmax")) == first


def test_functions_count_with_their_operation_and_without_source_by_their_name():
    assert digest(Implementation("a", {"softmax": abs})) == digest(Implementation("b", {"softmax": abs}))
    assert digest(Implementation("a", {"softmax": abs})) != digest(Implementation("a", {"log_softmax": abs}))
    assert digest(Implementation("a", {"softmax": abs})) != digest(Implementation("a", {"softmax": len}))


def test_a_home_is_where_a_function_can_be_imported_again():
    assert home(functools.partial(inspect.getsource)) == "inspect:getsource"
    assert home(digest_of) == f"{__name__}:digest_of"
    assert [home(f) for f in (lambda x: x, abs, Implementation.supports)] == ["", "", ""]
