"""A changed copy of a source file that stands alone: what it imports is found as if it lay where the original lies."""

from __future__ import annotations

import ast
from pathlib import Path

from softcert.power.originals import Original


def copy_of(original: Original, text: str) -> str:
    """Source of a changed file that can be loaded from anywhere.

    Parameters
    ----------
    original
        Where the file lies, and what is appended to it.
    text
        The changed text.
    """
    tree = ast.parse(text)
    place = next((k for k, s in enumerate(tree.body) if not _comes_first(s)), len(tree.body))
    package = original.module.rpartition(".")[0]
    setting = [f"__file__ = {original.file!r}", f"sys.path.insert(0, {str(_folder(original))!r})"]
    if package:
        setting += [f"__package__ = {package!r}", "__spec__ = None"]
    tree.body[place:place] = ast.parse("import sys\n" + "\n".join(setting)).body
    return f"{ast.unparse(tree)}\n{original.ending}"


def _comes_first(statement: ast.stmt) -> bool:
    """The docstring and imports from the future, which nothing may precede."""
    documents = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
    return documents or (isinstance(statement, ast.ImportFrom) and statement.module == "__future__")


def _folder(original: Original) -> Path:
    """The folder from which the module's first name is imported."""
    return Path(original.file).resolve().parents[original.module.count(".")]
