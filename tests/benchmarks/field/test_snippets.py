"""Each snippet of docs/field shows its defect with its library alone: it ends with 1 and prints both values."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parents[3] / "docs/field/snippets"
SNIPPETS = sorted(FOLDER.glob("*.py"))


def library(snippet: Path) -> str:
    """The library that a snippet needs: the part of its name before the first underscore."""
    name = snippet.stem.split("_")[0]
    return {"liger": "liger_kernel"}.get(name, name)


@pytest.mark.slow
@pytest.mark.parametrize("snippet", SNIPPETS, ids=lambda path: path.stem)
def test_a_snippet_shows_its_defect(snippet: Path) -> None:
    if find_spec(library(snippet)) is None:
        pytest.skip(f"{library(snippet)} is not installed")
    environment = {**os.environ, "TRITON_INTERPRET": "1", "DEV": "CPU", "CPU": "1"}
    ended = subprocess.run([sys.executable, snippet], capture_output=True, text=True, timeout=120, env=environment)
    assert ended.returncode == 1, ended.stdout + ended.stderr
    assert "expected" in ended.stdout
    assert "got" in ended.stdout
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize("snippet", SNIPPETS, ids=lambda path: path.stem)
def test_a_snippet_needs_no_softcert(snippet: Path) -> None:
    assert "softcert" not in snippet.read_text()
