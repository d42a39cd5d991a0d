"""Files are written whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from tests.reports import sample

from softcert_reports import document as d


def test_a_failed_write_leaves_the_old_file_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "results.json"
    d.save(sample.empty(), path)
    before = path.read_bytes()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(d.DocumentError, match="No space left"):
        d.save(sample.sample(), path)
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["results.json"]


def test_a_file_in_the_place_of_a_directory_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(d.DocumentError, match="cannot be written"):
        d.save(sample.empty(), tmp_path / "file" / "results.json")
