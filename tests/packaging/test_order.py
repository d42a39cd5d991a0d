"""The tests come in one order in every process: pytest-xdist refuses to run them otherwise."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parents[1]


def unordered(source: str) -> list[int]:
    """Lines of the ``parametrize`` decorators whose values are a set: functions in one come ordered by address."""
    return [
        call.lineno
        for call in ast.walk(ast.parse(source))
        if isinstance(call, ast.Call) and getattr(call.func, "attr", "") == "parametrize"
        for value in call.args[1:]
        if isinstance(value, ast.Set | ast.SetComp) or getattr(getattr(value, "func", None), "id", "") == "set"
    ]


@pytest.mark.parametrize("values", ["{f, g}", "{f for f in fs}", "set(fs)"])
def test_a_set_of_values_is_seen(values: str) -> None:
    assert unordered(f"@pytest.mark.parametrize('f', {values})\ndef test_f(f): ...") == [1]


@pytest.mark.parametrize("path", sorted(TESTS.rglob("test_*.py")), ids=lambda p: p.stem)
def test_no_values_of_a_test_come_from_a_set(path: Path) -> None:
    assert not unordered(path.read_text(encoding="utf-8"))
