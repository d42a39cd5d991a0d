"""The source of a subject is known to the harness, also where only its worker has read it."""

import pytest

from softcert.executors import describe
from softcert.executors.sources import digest, home

SOURCE = "def softmax(x):\n    return x  # as it is\n"


@pytest.fixture
def spec(tmp_path):
    (tmp_path / "mine.py").write_text(SOURCE)
    return f"{tmp_path}/mine.py:softmax"


def test_the_digest_is_the_same_wherever_the_subject_was_resolved(spec):
    keywords = {"arrays": "numpy", "dtypes": "float32"}
    here, there = (digest(describe(spec, isolation=isolation, **keywords)) for isolation in ("none", "process"))
    assert here == there
    assert here.startswith("sha256:")


def test_the_digest_follows_the_source(spec, tmp_path):
    before = digest(describe(spec, dtypes="float32"))
    (tmp_path / "mine.py").write_text(SOURCE.replace("as it is", "another comment"))
    assert digest(describe(spec, dtypes="float32")) == before
    (tmp_path / "mine.py").write_text(SOURCE.replace("return x", "return x * 2"))
    assert digest(describe(spec, dtypes="float32")) != before


@pytest.mark.parametrize("isolation", ["none", "process"])
def test_the_home_of_a_function_is_where_it_can_be_imported(isolation):
    subject = describe("numpy_shifted", isolation=isolation, dtypes="float32")
    assert home(subject, "softmax") == "softcert_implementations.bundled.numpy_shifted:softmax"


@pytest.mark.parametrize("isolation", ["none", "process"])
def test_a_closure_has_no_home(isolation):
    def softmax(x):
        return x * len(isolation)

    assert home(describe(softmax, isolation=isolation, dtypes="float32", arrays="numpy"), "softmax") == ""
