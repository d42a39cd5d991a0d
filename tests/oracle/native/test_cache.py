"""Kept machine code: read only whole and of the same sources, written where that can be done."""

from __future__ import annotations

from pathlib import Path

import pytest

from softcert_oracle.native.cache import Entry


@pytest.fixture
def entry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Entry:
    """A file in a cache folder of its own."""
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    return Entry(name="kernels-x", made_from="sources", beside=tmp_path / "package")


def test_what_was_written_is_read(entry: Entry, tmp_path: Path) -> None:
    """And nothing else is left in the folder."""
    assert entry.read() is None
    entry.write(b"machine code")
    assert entry.read() == b"machine code"
    assert [path.name for path in tmp_path.iterdir()] == ["kernels-x.o"]


def test_damaged_code_is_not_read(entry: Entry, tmp_path: Path) -> None:
    """A flipped bit, a missing end, an empty file."""
    entry.write(b"machine code")
    file = tmp_path / "kernels-x.o"
    whole = file.read_bytes()
    for damaged in (whole[:-1] + b"f", whole[:-1], b""):
        file.write_bytes(damaged)
        assert entry.read() is None


def test_code_of_other_sources_is_not_read(entry: Entry, tmp_path: Path) -> None:
    """It is written over."""
    entry.write(b"machine code")
    other = Entry(name=entry.name, made_from="others", beside=entry.beside)
    assert other.read() is None
    other.write(b"other code")
    assert (entry.read(), other.read()) == (None, b"other code")


def test_the_users_folder_is_taken_where_the_package_cannot_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file stands in the place of the package's folder."""
    monkeypatch.delenv("NUMBA_CACHE_DIR", raising=False)
    for name in ("HOME", "XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.setenv(name, str(tmp_path / "home"))
    (tmp_path / "package").write_text("")
    entry = Entry(name="kernels-x", made_from="sources", beside=tmp_path / "package")
    entry.write(b"machine code")
    assert entry.read() == b"machine code"
    assert list((tmp_path / "home").rglob("kernels-x.o"))


def test_without_any_folder_nothing_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each process then compiles for itself."""
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "file"))
    entry = Entry(name="kernels-x", made_from="sources", beside=tmp_path)
    entry.write(b"machine code")
    assert entry.read() is None
