"""A file that a worker loads in place of a subject which no SPEC names: a model of a set, or a mutant.

The worker imports the file like any other subject, so that it is isolated like any other, with time and memory limits.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

NAME = "SUBJECT"


@contextmanager
def stand_in(source: str) -> Iterator[Path]:
    """A temporary Python file with this source, for as long as the context lasts."""
    with tempfile.TemporaryDirectory(prefix="softcert-") as folder:
        yield _written(folder, source)


@cache
def kept(source: str) -> Path:
    """A temporary Python file with this source, for as long as this process lasts: workers may load it again."""
    folder = tempfile.TemporaryDirectory(prefix="softcert-")
    _FOLDERS.append(folder)
    return _written(folder.name, source)


_FOLDERS: list[tempfile.TemporaryDirectory[str]] = []
"""Removed when the process ends."""


def _written(folder: str, source: str) -> Path:
    # A name that no other subject of this process has: files of one name are told apart by their place.
    path = Path(folder) / f"stand_in_{Path(folder).name.replace('-', '_')}.py"
    path.write_text(source, encoding="utf-8")
    return path


def call(module: str, function: str, *arguments: object) -> str:
    """Source of a file whose `NAME` is what a function of ours returns for these arguments (plain data)."""
    return f"from {module} import {function}\n\n{NAME} = {function}({', '.join(map(repr, arguments))})\n"
