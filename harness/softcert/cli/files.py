"""Files that a command is asked to write: refused before hours of work where they cannot be written, and counted after.

A run that held everything and lost a file that was asked for ends with exit code 3, never with 0: what reads the file
must not take an older one for this run's.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from softcert_oracle.errors import UsageError

if TYPE_CHECKING:
    from softcert.results.outputs import Written

NOT_WRITTEN = 3
"""The exit code of a run that would be 0, had its files been written."""


def with_files(code: int, written: Written) -> int:
    """The exit code of a run, once its files are written or not."""
    return NOT_WRITTEN if written.problems and code == 0 else code


def refuse_unwritable(folder: Path | None, files: Mapping[str, Path | None]) -> None:
    """Refuse paths that cannot be written.

    Parameters
    ----------
    folder
        The folder of the report.
    files
        Files by the names of their options.

    Raises
    ------
    UsageError
        For a folder in place of a file, a file in place of a folder, a folder that may not be written, and one file
        for two outputs.
    """
    if folder is not None:
        _refuse("report", folder, folder)
    seen: dict[Path, str] = {}
    for option, path in files.items():
        if path is None:
            continue
        if _is_folder(option, path):
            raise UsageError(f"--{option} {str(path)!r} is a folder. Give the path of a file.")
        _refuse(option, path, path.parent)
        other = seen.setdefault(path.absolute(), option)
        if other != option:
            raise UsageError(f"--{other} and --{option} both name {str(path)!r}. Give each a file of its own.")


def make_empty(path: Path) -> None:
    """Make an empty file, with its folder, to which a run appends.

    Raises
    ------
    UsageError
        Where it cannot be made.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"")
    except OSError as error:
        raise UsageError(f"{str(path)!r} cannot be written: {error.strerror}. Give another path.") from None


def _refuse(option: str, path: Path, folder: Path) -> None:
    """Refuse a path whose folder cannot be made or written."""
    while not _exists(option, folder) and folder != folder.parent:
        folder = folder.parent
    if not _is_folder(option, folder):
        raise UsageError(f"--{option} {str(path)!r}: {str(folder)!r} is no folder. Give a path that can be written.")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise UsageError(f"--{option} {str(path)!r}: {str(folder)!r} may not be written. Give another path.")


def _exists(option: str, path: Path) -> bool:
    try:
        return path.exists()
    except OSError as error:  # a name that is too long, a folder that may not be searched
        raise UsageError(
            f"--{option} {str(path)[:200]!r}: {error.strerror}. Give a path that can be written."
        ) from None


def _is_folder(option: str, path: Path) -> bool:
    return _exists(option, path) and path.is_dir()
