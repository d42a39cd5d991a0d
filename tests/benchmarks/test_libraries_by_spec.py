"""Functions of libraries by SPEC: the page says how each is understood, and each gives the right values."""

import importlib.util
import os
from pathlib import Path

import pytest
from benchmarks import libraries_by_spec as table

PAGE = Path(__file__).resolve().parents[2] / "docs" / "plugging-in.md"
REQUIRED = tuple(os.environ.get("SOFTCERT_LIBRARIES", "").split())
"""Modules that the environment promises to have."""


@pytest.mark.parametrize("library", dict.fromkeys(e.library for e in table.ENTRIES))
def test_the_page_says_how_each_function_is_understood(library):
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    for row in table.table([library]):
        if table.NOT_INSTALLED in row:
            pytest.skip(f"{library} is not here")
        assert row in lines
        assert row.endswith("| right |")


def test_what_the_environment_promises_is_there():
    assert [name for name in REQUIRED if importlib.util.find_spec(name) is None] == []


def test_about_fifty_functions_of_a_dozen_libraries_are_in_the_table():
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    listed = [e for e in table.ENTRIES if any(line.startswith(f"| {e.shown} | ") for line in lines)]
    assert len(listed) == len(table.ENTRIES) >= 40
    assert len({e.library for e in table.ENTRIES}) >= 11


def test_rows_of_what_is_not_installed_stay(tmp_path, monkeypatch):
    page = tmp_path / "page.md"
    kept = "| `jax.nn:softmax` | as it was | | | | |"
    page.write_text(f"before\n\n{table.HEAD}\n|---|\n{kept}\n\nafter")
    fresh = "| `scipy.special:softmax` | softmax | numpy |  | float32 | right |"
    monkeypatch.setattr(
        table, "table", lambda libraries: [fresh, f"| `jax.nn:softmax` | {table.NOT_INSTALLED} | | | | |"]
    )
    monkeypatch.setattr(table, "row", lambda entry: f"| {entry.shown} | new |")
    table.write(page, [])
    text = page.read_text()
    assert kept in text
    assert fresh in text
    assert text.startswith("before\n")
    assert text.endswith("\n\nafter")
