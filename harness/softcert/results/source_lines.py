"""Where the functions of a subject stand in its source file, read from the text alone: nothing is imported.

Code scanning and editors want a file and a line. A function that is not found gets none.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable
from pathlib import Path

from softcert_reports.exports.places import source_path

_LARGEST = 4 << 20  # bytes; a larger file is no source that anybody wrote


def source_file(spec: str, folder: Path | None = None) -> str:
    """The Python file that a SPEC names, relative to a folder; "" where there is none in it.

    Parameters
    ----------
    spec
        The SPEC.
    folder
        The folder of the run; the current one where it is left out.
    """
    here = (folder or Path.cwd()).resolve()
    head, _, tail = spec.rpartition(":")
    target = tail if tail.endswith(".py") else head if head.endswith(".py") else source_path(spec)
    try:
        file = (here / target).resolve()
        found = target.endswith(".py") and file.is_file() and file.is_relative_to(here)
    except (OSError, ValueError):
        return ""
    return file.relative_to(here).as_posix() if found else ""


def lines(file: Path, spec: str, operations: Iterable[str]) -> dict[str, int]:
    """The line of the function of each operation.

    Parameters
    ----------
    file
        The source file.
    spec
        The SPEC: its attribute is the function, or the class that has the functions as methods.
    operations
        The operations.

    Returns
    -------
    dict[str, int]
        From an operation to its line, counted from 1; empty for a file that cannot be parsed.
    """
    attribute = "" if spec.endswith(".py") else spec.rpartition(":")[2]
    try:
        if file.stat().st_size > _LARGEST:
            return {}
        defined = dict(_defined(ast.parse(file.read_bytes())))
    except (OSError, SyntaxError, ValueError, RecursionError):
        return {}
    names = {o: [f"{attribute}.{o}", f"{attribute}.forward", attribute] if attribute else [o] for o in operations}
    return {o: defined[name] for o, tried in names.items() for name in [n for n in tried if n in defined][:1]}


def _defined(tree: ast.Module) -> Iterable[tuple[str, int]]:
    """Names that are defined at the top of a module and in its classes, with the lines of their definitions."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name, node.lineno
        elif isinstance(node, ast.ClassDef):
            yield node.name, node.lineno
            methods = (n for n in node.body if isinstance(n, ast.FunctionDef))
            yield from ((f"{node.name}.{n.name}", n.lineno) for n in methods)
        elif isinstance(node, ast.Assign):
            yield from ((t.id, node.lineno) for t in node.targets if isinstance(t, ast.Name))
