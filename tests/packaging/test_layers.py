"""Who imports whom: packages in layers, folders in floors, no circle anywhere.

Oracle and reports import none of ours, implementations the oracle, nobody the harness. Inside each package a floor
imports only floors before it; docs/architecture.md shows the floors.
"""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterable, Iterator
from graphlib import CycleError, TopologicalSorter

import pytest
from tests.packaging.imports import PACKAGES, ROOT, Edge, edges, modules

import softcert
import softcert_implementations
import softcert_oracle
import softcert_reports

ALLOWED = {
    "softcert_oracle": set(),
    "softcert_reports": set(),
    "softcert_implementations": {"softcert_oracle"},
    "softcert": {"softcert_oracle", "softcert_implementations", "softcert_reports"},
}
"""By package: the other packages that it may import."""

FLOORS: dict[str, tuple[frozenset[str], ...]] = {
    package: tuple(frozenset(floor.split()) for floor in floors)
    for package, floors in {
        "softcert_oracle": (
            "errors levels operations native",
            "numbers",
            "limit_parameters",
            "decide",
            "fast",
            "reference",
            "mp",
            "limits",
            "judging",
            "options unseen",
            "symbolic",
            "claims crosscheck exhaustive",
        ),
        "softcert_reports": ("document", "formatting", "page exports", "proofs"),
        "softcert_implementations": (
            "contract_values call_form",
            "contract",
            "contract_fields implementation",
            "bundled",
            "adapters",
            "resolving",
            "gallery",
        ),
        "softcert": (
            "executors",
            "cases",
            "expected",
            "properties",
            "engine",
            "findings",
            "certification",
            "diagnosis",
            "assertions",
            "results",
            "tolerances",
            "power",
            "proofs",
            "commands",
            "audit",
            "graders",
            "api cli pytest_plugin testing",
        ),
    }.items()
}
"""By package: its floors, the lowest first. Entries of one floor are folders or files at the top of the package."""

FACES = ("__main__",)
"""Files at the top of a package that stand above every floor, as the package's own ``__init__`` does."""

EDGES = edges()


def floor_of(module: str) -> int:
    """The number of the floor that a module stands on."""
    package, _, rest = module.partition(".")
    name = rest.split(".")[0]
    floors = FLOORS[package]
    if not name or name in FACES:
        return len(floors)
    return next(number for number, floor in enumerate(floors) if name in floor)


def violations(graph: Iterable[Edge]) -> Iterator[str]:
    """The imports that no rule allows, in words."""
    for module, target in sorted(graph):
        own, other = module.split(".")[0], target.split(".")[0]
        if own != other and other not in ALLOWED[own]:
            yield f"{module} imports {target}: {own} may import {', '.join(sorted(ALLOWED[own])) or 'none of ours'}"
        if own == other and floor_of(target) > floor_of(module):
            yield f"{module} imports {target}, which stands on a floor above it"


def circle(graph: Iterable[Edge]) -> list[str]:
    """Modules that import one another in a circle; empty where there is none."""
    imports: dict[str, set[str]] = {}
    for module, target in graph:
        imports.setdefault(module, set()).add(target)
    try:
        TopologicalSorter(imports).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def test_every_import_goes_down():
    assert list(violations(EDGES)) == []


def test_no_modules_import_one_another_in_a_circle():
    assert circle(EDGES) == []


@pytest.mark.parametrize("edge", sorted(EDGES), ids=" ".join)
def test_any_import_turned_round_is_refused(edge):
    module, target = edge
    assert list(violations([(target, module)])) or circle(EDGES | {(target, module)})


def test_every_folder_and_file_stands_on_a_floor():
    for module in modules():
        assert floor_of(module) >= 0


def test_no_folder_is_crowded_and_no_file_is_long():
    for package, folder in PACKAGES.items():
        for path in (folder, *(p for p in folder.rglob("*") if p.is_dir())):
            files = [p for p in path.glob("*.py") if p.name != "__init__.py"]
            assert len(files) <= 15, f"{path.relative_to(ROOT)} of {package} has {len(files)} files"
            for file in files:
                lines = file.read_text(encoding="utf-8").count("\n")
                assert lines <= 400, f"{file.relative_to(ROOT)} has {lines} lines"


def test_long_calls_name_their_arguments():
    for module, path in modules().items():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and not any(isinstance(a, ast.Starred) for a in node.args):
                assert len(node.args) < 7, f"{module}, line {node.lineno}: {ast.unparse(node.func)}"


@pytest.mark.parametrize("package", PACKAGES)
def test_every_package_is_typed(package):
    assert (PACKAGES[package] / "py.typed").exists()


def test_public_names_exist():
    assert all(getattr(softcert, name) is not None for name in softcert.__all__)
    for module in (softcert_oracle, softcert_reports, softcert_implementations):
        assert all(hasattr(module, name) for name in getattr(module, "__all__", ()))


def test_importing_softcert_is_cheap():
    # The isolated worker and pytest's plug-in load it in every process.
    heavy = "('numba', 'sympy', 'torch', 'hypothesis', 'pydantic')"
    code = f"import sys, softcert, softcert.pytest_plugin; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
