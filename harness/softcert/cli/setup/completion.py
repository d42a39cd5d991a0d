"""Completion in a shell: Typer's script for each shell, and the values that softcert's own options take.

A shell calls softcert with ``_SOFTCERT_COMPLETE`` set for every press of Tab, so a table is imported by the function
that completes from it, and only where it costs little. Of values that are given by commas the last one is completed.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable

_OPTIONS = ("--install-completion", "--show-completion")
_VARIABLE = "_SOFTCERT_COMPLETE"

Completer = Callable[[str], list[str]]
"""Gives what may stand in place of a word that is typed in part."""


def asked_for() -> bool:
    """Whether a shell, or the user for one, asks for completion: no command runs then, and Typer ends the process."""
    return bool(os.environ.get(_VARIABLE)) or any(word in _OPTIONS for word in sys.argv[1:2])


def operation(incomplete: str) -> list[str]:
    """Operations, by commas."""
    from softcert_oracle.operations import OPERATIONS

    return _by_commas(incomplete, OPERATIONS)


def number_format(incomplete: str) -> list[str]:
    """Formats, by commas."""
    from softcert_oracle.numbers.formats import FORMATS

    return _by_commas(incomplete, FORMATS)


def level(incomplete: str) -> list[str]:
    """Levels."""
    from softcert_oracle.levels import Level

    return _beginning(incomplete, Level)


def effort(incomplete: str) -> list[str]:
    """Names of efforts."""
    from softcert.cases.effort import EFFORTS

    return _beginning(incomplete, EFFORTS)


def properties(incomplete: str) -> list[str]:
    """Properties, by commas."""
    from softcert.properties.table import PROPERTIES

    return _by_commas(incomplete, PROPERTIES)


def implementation(incomplete: str) -> list[str]:
    """Registered implementations, and files of Python and models in the folder that is being typed."""
    from softcert_implementations.resolving import entry_points

    return [*_beginning(incomplete, entry_points.registered()), *_files(incomplete)]


def explained(incomplete: str) -> list[str]:
    """Names that ``softcert explain`` knows and that are cheap to list: properties, levels and operations."""
    return [*properties(incomplete), *level(incomplete), *operation(incomplete)]


def _files(incomplete: str) -> list[str]:
    """Paths that begin so: folders, and what a SPEC may begin with."""
    folder, _, beginning = incomplete.rpartition("/")
    try:
        entries = sorted(os.scandir(folder + "/" if "/" in incomplete else "."), key=lambda entry: entry.name)
    except OSError:
        return []
    prefix = incomplete.removesuffix(beginning)
    return [
        prefix + entry.name + ("/" if entry.is_dir() else "")
        for entry in entries
        if entry.name.startswith(beginning) and not entry.name.startswith(".")
        if entry.is_dir() or entry.name.endswith((".py", ".onnx"))
    ]


def _beginning(incomplete: str, names: Iterable[str]) -> list[str]:
    return [str(name) for name in names if str(name).startswith(incomplete)]


def _by_commas(incomplete: str, names: Iterable[str]) -> list[str]:
    """The names that the last one may become, each behind those that are typed already and none of them again."""
    typed, comma, last = incomplete.rpartition(",")
    return [typed + comma + name for name in _beginning(last, names) if name not in typed.split(",")]
