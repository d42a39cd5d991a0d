"""The mutants of a user's own file: which source a SPEC means, and which operations a changed function is part of."""

from __future__ import annotations

import ast
import importlib.machinery
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from softcert.executors import describe
from softcert.power.mutations import mutations
from softcert.power.originals import Candidate, Original, text
from softcert_implementations.implementation import Implementation
from softcert_implementations.resolving import entry_points
from softcert_oracle.errors import UsageError


def candidates(spec: str, **keywords: Any) -> tuple[Implementation, list[Candidate], int]:
    """The subject of a SPEC, its mutants, and the number of mutations in code that no operation of it mentions.

    Parameters
    ----------
    spec
        A file, a module or a registered name, with or without an attribute.
    **keywords
        Those of `softcert.executors.describe`.

    Raises
    ------
    UsageError
        If the subject cannot be resolved, or no Python source belongs to it.
    """
    file, module, attribute = source_of(spec)
    subject = describe(spec, **keywords)
    # What was inferred about the original is claimed for the mutants: a mutant is not to choose its own contract.
    settled = {
        "op": list(subject.ops),
        "dtypes": list(subject.dtypes),
        "arrays": subject.arrays,
        "batched": subject.batched,
        "contract": subject.contract,
    }
    original = Original(file=file, module=module, attribute=attribute, keywords=settled)
    try:
        changed = mutations(text(file))
    except (SyntaxError, OSError, UnicodeDecodeError) as error:
        raise UsageError(f"spec={spec!r}: {file} cannot be read as Python ({error}).") from None
    parts = {op: _mentioned(text(file), _roots(subject, op, attribute)) for op in subject.ops}
    found = []
    for mutation in changed:
        ops = [op for op in subject.ops if mutation.function in parts[op]]
        if ops:
            every = ",".join(ops)
            found.append(
                Candidate(
                    original=original,
                    name=subject.name,
                    mutation=mutation.number,
                    operation=every,
                    format=",".join(subject.dtypes),
                )
            )
    return subject, found, len(changed) - len(found)


def source_of(spec: str) -> tuple[str, str, str]:
    """File, module name and attribute of a SPEC, found without importing it.

    Raises
    ------
    UsageError
        If it is a program or a model file, or no such Python file can be found.
    """
    if spec in entry_points.registered():
        spec = entry_points.registered()[spec].value
    place, _, attribute = spec.rpartition(":")
    if not place:
        place, attribute = spec, ""
    if place.endswith(".py"):
        path = Path(place).resolve()
        names = [path.stem]
        folder = path.parent
        while (folder / "__init__.py").is_file():
            names.insert(0, folder.name)
            folder = folder.parent
        if path.is_file():
            return str(path), ".".join(names), attribute
    elif (origin := _origin(place)) is not None:
        return origin, place, attribute
    raise UsageError(f"spec={spec!r}: mutants need Python source. Give path/to/file.py:attribute, or a module.")


def _origin(module: str) -> str | None:
    path: Any = None
    found = None
    parts = module.split(".")
    for k in range(len(parts)):
        try:
            found = importlib.machinery.PathFinder.find_spec(".".join(parts[: k + 1]), path)
        except (ImportError, ValueError):
            return None
        if found is None:
            return None
        path = found.submodule_search_locations
    return found.origin if found is not None and str(found.origin).endswith(".py") else None


def _roots(subject: Implementation, operation: str, attribute: str) -> set[str]:
    """Names at the top of the file where an operation begins."""
    home = getattr(subject.ops[operation], "home", "")
    name = str(home).rpartition(":")[2].split(".")[0]
    return {n for n in (name, attribute.split(".")[0]) if n}


def _mentioned(source: str, roots: Iterable[str]) -> set[str]:
    """The definitions of a text that can be reached from some names, by the names that each of them mentions."""
    mentions = _mentions(ast.parse(source))
    waiting = [name for name in roots if name in mentions] or list(mentions)
    seen: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name not in seen:
            seen.add(name)
            waiting += [n for n in mentions[name] if n in mentions]
    return seen | {"lambda"}


def _mentions(tree: ast.Module) -> Mapping[str, set[str]]:
    """For each name that a text defines at its top, the names in its definition."""
    found: dict[str, set[str]] = {}
    for statement in tree.body:
        inside = {n.id for n in ast.walk(statement) if isinstance(n, ast.Name)}
        if isinstance(statement, ast.FunctionDef | ast.ClassDef):
            found.setdefault(statement.name, set()).update(inside)
        elif isinstance(statement, ast.Assign | ast.AnnAssign | ast.AugAssign):
            targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
            for target in targets:
                for name in (n.id for n in ast.walk(target) if isinstance(n, ast.Name)):
                    found.setdefault(name, set()).update(inside - {name})
    return found
