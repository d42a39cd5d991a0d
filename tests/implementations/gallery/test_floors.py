"""Inside the gallery, a module imports only modules on floors below its own."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import softcert_implementations.gallery

GALLERY = "softcert_implementations.gallery"
FLOORS = (
    {"textbook"},
    {"memory", "model"},
    {"witness"},
    {"defects", "correct", "degenerate", "exploits", "mechanisms"},
    {"variants"},
    {"__init__"},
    {"__main__"},
)
FLOOR = {room: number for number, rooms in enumerate(FLOORS) for room in rooms}
ROOT = Path(softcert_implementations.gallery.__file__).parent
MODULES = sorted(path.relative_to(ROOT) for path in ROOT.rglob("*.py"))


def _imported_rooms(path):
    """The rooms that a module names in its imports: ``a`` of gallery.a.b."""
    for node in ast.walk(ast.parse((ROOT / path).read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module == GALLERY:
            yield from (each.name if each.name in FLOOR else "__init__" for each in node.names)
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith(GALLERY + "."):
            yield node.module.removeprefix(GALLERY + ".").split(".")[0]


@pytest.mark.parametrize("path", MODULES, ids=str)
def test_a_module_imports_only_lower_floors_and_its_own_room(path):
    room = path.parts[0].removesuffix(".py")
    assert [each for each in _imported_rooms(path) if each != room and FLOOR[each] >= FLOOR[room]] == []
