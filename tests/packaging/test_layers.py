"""Who imports whom: oracle and reports none of ours, implementations the oracle, nobody the harness."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import softcert
import softcert_implementations
import softcert_oracle
import softcert_reports

PACKAGES = {
    m.__name__: Path(m.__file__).parent for m in (softcert, softcert_implementations, softcert_oracle, softcert_reports)
}
ALLOWED = {
    "softcert_oracle": set(),
    "softcert_reports": set(),
    "softcert_implementations": {"softcert_oracle"},
    "softcert": {"softcert_oracle", "softcert_implementations", "softcert_reports"},
}


def imported(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {name.name.split(".")[0] for name in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.split(".")[0])
    return found & set(PACKAGES)


@pytest.mark.parametrize("package", PACKAGES)
def test_no_file_imports_what_its_layer_must_not(package):
    for path in PACKAGES[package].rglob("*.py"):
        assert imported(path) - {package} <= ALLOWED[package], path


@pytest.mark.parametrize("package", PACKAGES)
def test_every_package_is_typed(package):
    assert (PACKAGES[package] / "py.typed").exists()


def test_public_names_exist():
    assert all(getattr(softcert, name) is not None for name in softcert.__all__)
    for module in (softcert_oracle, softcert_reports, softcert_implementations):
        assert all(hasattr(module, name) for name in getattr(module, "__all__", ()))


def test_importing_softcert_is_cheap():
    # The isolated worker and pytest's plug-in load it in every process.
    import subprocess
    import sys

    heavy = "('numba', 'sympy', 'torch', 'hypothesis', 'pydantic')"
    code = f"import sys, softcert, softcert.pytest_plugin; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
