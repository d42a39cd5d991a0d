"""A user's own file: its source is found without an import, and only what its operations use is changed."""

from __future__ import annotations

from pathlib import Path

import pytest

from softcert.power import user_file
from softcert_implementations.bundled import numpy_shifted
from softcert_oracle.errors import UsageError

SOURCE = """
import numpy as np


def _shifted(x):
    return x - x.max(axis=-1, keepdims=True)


def softmax(x):
    e = np.exp(_shifted(x))
    return e / e.sum(axis=-1, keepdims=True)


def unused(x):
    return x + 1
"""


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    """A file with a softmax."""
    path = tmp_path / "mine_to_be_mutated.py"
    path.write_text(SOURCE)
    return path


def test_the_source_of_a_spec_is_found_without_importing_it(mine: Path) -> None:
    """A file, a module, and a registered name."""
    assert user_file.source_of(f"{mine}:softmax") == (str(mine), "mine_to_be_mutated", "softmax")
    by_name = (numpy_shifted.__file__, numpy_shifted.__name__, "IMPLEMENTATION")
    assert user_file.source_of("numpy_shifted") == by_name
    assert user_file.source_of(f"{numpy_shifted.__name__}:softmax")[0] == numpy_shifted.__file__


@pytest.mark.parametrize(
    "spec", ["exec:./program", "model.onnx", "absent.py:softmax", "no.such.module:softmax", "math:exp"]
)
def test_what_has_no_python_source_is_refused(spec: str) -> None:
    """One sentence that says what is accepted."""
    with pytest.raises(UsageError, match="mutants need Python source"):
        user_file.source_of(spec)


def test_code_that_no_operation_mentions_is_left_out_and_counted(mine: Path) -> None:
    """``unused`` is not run; what was inferred is claimed for every mutant."""
    subject, candidates, unreached = user_file.candidates(f"{mine}:softmax", dtypes="float32")
    assert subject.name == "softmax"
    assert {c.operation for c in candidates} == {"softmax"}
    assert unreached > 0
    assert len(candidates) > 15
    assert candidates[0].original.keywords["arrays"] == "numpy"
