"""The imports of the four packages, read from their sources with `ast`: no module is imported for it.

Imports inside functions count, and so do those for type checkers: a floor must not name what stands above it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES: Mapping[str, Path] = {
    "softcert_oracle": ROOT / "oracle" / "softcert_oracle",
    "softcert_reports": ROOT / "reports" / "softcert_reports",
    "softcert_implementations": ROOT / "implementations" / "softcert_implementations",
    "softcert": ROOT / "harness" / "softcert",
}

Edge = tuple[str, str]
"""A module, and a module that it imports."""


def modules() -> dict[str, Path]:
    """Every module of the four packages by its dotted name; a package stands for its ``__init__``."""
    found = {}
    for package, folder in PACKAGES.items():
        for path in folder.rglob("*.py"):
            parts = (package, *path.relative_to(folder).with_suffix("").parts)
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def edges() -> set[Edge]:
    """Every import between modules of the four packages."""
    known = modules()
    return {(module, target) for module, path in known.items() for target in _imported(path, known) if target != module}


def _imported(path: Path, known: Mapping[str, Path]) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names if name.name in known)
        elif isinstance(node, ast.ImportFrom) and node.module:
            for name in node.names:
                module = f"{node.module}.{name.name}"
                if module in known or node.module in known:
                    yield module if module in known else node.module
