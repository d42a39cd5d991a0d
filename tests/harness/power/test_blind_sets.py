"""Blind sets: a folder with a manifest, its models as subjects, and what is wrong with a manifest in words."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from softcert.power import blind_sets
from softcert.power.blind import DEFAULT_FOLDER
from softcert_oracle.errors import UsageError

ROOT = Path(__file__).resolve().parents[3]
MODELS = """
import numpy as np
from neighbour_of_a_blind_model import shift

def zeros(x):
    return np.zeros_like(x)

D = {"up-to-1e-3": lambda x: shift(x)}
"""
MANIFEST = """
name = "tiny"

[[model]]
name = "zeros"
function = "blind_models_of_a_test.py:zeros"
operation = "softmax"
formats = ["float32", "float64"]
expect = "defect"
why = "any input"
contract = {max_classes = 16}

[[model]]
name = "key"
function = "blind_models_of_a_test.py:D.up-to-1e-3"
operation = "softmax"
formats = ["float32"]
expect = "debated"
why = "nobody knows"
"""


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    """A set of two models in a folder."""
    folder = tmp_path / "tiny"
    folder.mkdir()
    (folder / "blind_models_of_a_test.py").write_text(MODELS)
    (folder / "neighbour_of_a_blind_model.py").write_text("def shift(x):\n    return x - x.max()\n")
    (folder / "manifest.toml").write_text(MANIFEST)
    return folder


def test_a_folder_is_a_set_or_holds_sets(tiny: Path) -> None:
    """Both ways give the same models."""
    (inside,) = blind_sets.sets(tiny.parent)
    assert [inside] == blind_sets.sets(tiny)
    assert [(m.name, m.formats, m.expect) for m in inside.models] == [
        ("zeros", ("float32", "float64"), "defect"),
        ("key", ("float32",), "debated"),
    ]


def test_a_model_is_a_subject_with_the_claims_of_its_author(tiny: Path) -> None:
    """Its function is an attribute or a key, and its file may import its neighbours."""
    zeros = blind_sets.subject(str(tiny), "zeros", "float64")
    assert zeros.dtypes == ("float64",)
    assert zeros.contract.given["max_classes"] == 16
    key = blind_sets.subject(str(tiny), "key", "float32")
    assert key.ops["softmax"](np.array([[1.0, 3.0]])).tolist() == [[-2.0, 0.0]]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('expect = "defect"', 'expect = "defective"', "defective"),
        ('operation = "softmax"', 'operation = "softmin"', "softmin"),
        ('formats = ["float32"]', 'formats = ["float33"]', "float33"),
        ('name = "key"', 'name = "zeros"', "twice"),
        ("[[model]]", "[[model", "no manifest"),
        ('why = "any input"', "", "no manifest"),
    ],
)
def test_a_wrong_manifest_is_refused_in_words(tiny: Path, old: str, new: str, said: str) -> None:
    """Never a traceback, and never a set with fewer models."""
    (tiny / "manifest.toml").write_text(MANIFEST.replace(old, new, 1))
    with pytest.raises(UsageError, match=said):
        blind_sets.sets(tiny)


def test_what_is_not_there_is_refused_in_words(tiny: Path) -> None:
    """A folder without sets, a set without the model, a file without the function."""
    with pytest.raises(UsageError, match=r"manifest\.toml"):
        blind_sets.sets(tiny / "nowhere")
    with pytest.raises(UsageError, match="zeroes"):
        blind_sets.subject(str(tiny), "zeroes", "float32")
    (tiny / "manifest.toml").write_text(MANIFEST.replace("py:zeros", "py:ones"))
    with pytest.raises(UsageError, match="has no 'ones'"):
        blind_sets.subject(str(tiny), "zeros", "float32")


def test_every_file_of_the_first_set_is_in_its_manifest() -> None:
    """Models of the repository's own set are named once; helpers that others import are not models."""
    (first,) = [s for s in blind_sets.sets(ROOT / DEFAULT_FOLDER) if s.name == "first"]
    assert len(first.models) > 90
    named = {m.function.partition(":")[0] for m in first.models}
    there = {str(p.relative_to(first.folder)) for p in first.folder.rglob("*.py")}
    assert named == there


def test_no_code_of_ours_mentions_a_model_of_a_blind_set() -> None:
    """A set stays blind as long as nobody writes the battery or the gallery by it."""
    names = {m.name for s in blind_sets.sets(ROOT / DEFAULT_FOLDER) for m in s.models if m.expect == "defect"}
    ours = [p for top in ("harness", "implementations", "oracle", "reports") for p in (ROOT / top).rglob("*.py")]
    told = " ".join(p.read_text(encoding="utf-8") for p in ours)
    assert not [name for name in sorted(names) if name in told]
