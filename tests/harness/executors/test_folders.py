"""The two sides of the executors: the worker's side knows nothing of the harness's."""

import ast
from pathlib import Path

import pytest

import softcert.executors

ROOT = Path(softcert.executors.__file__).parent
ALLOWED = {
    "transport": ("softcert.executors.protocol", "softcert.executors.transport"),
    "worker": ("softcert.executors.protocol", "softcert.executors.transport", "softcert.executors.worker"),
}


def imported(file: Path) -> set[str]:
    """The modules of softcert that a file imports."""
    names = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            names.add(node.module or "")
        elif isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
    return {name for name in names if name.split(".")[0] == "softcert"}


@pytest.mark.parametrize("folder", ALLOWED)
def test_a_side_imports_only_what_it_may(folder):
    files = list((ROOT / folder).glob("*.py"))
    assert len(files) > 3
    for file in files:
        assert {name for name in imported(file) if not name.startswith(ALLOWED[folder])} == set(), file.name


def test_the_protocol_imports_none_of_the_harness():
    assert imported(ROOT / "protocol.py") == set()
