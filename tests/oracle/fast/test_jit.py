"""The fingerprint in a kernel's cache key changes with any source of the package."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

pytest.importorskip("numba")

from softcert_oracle.fast import jit


def test_a_change_of_any_source_changes_the_fingerprint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here = Path(jit.__file__).parent
    for source in here.glob("*.py"):
        shutil.copy(source, tmp_path)
    before = jit.fingerprint()
    monkeypatch.setattr(jit, "__file__", str(tmp_path / "jit.py"))
    assert jit.fingerprint() == before
    assert 0 <= before < 2**48
    with (tmp_path / "tables.py").open("a") as file:
        file.write("# another table\n")
    assert jit.fingerprint() != before
