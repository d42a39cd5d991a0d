"""The example database: witnesses of earlier findings, tried first in the next run.

One JSON file for each subject, operation and format in a folder that the user names (``--examples``). It is off
unless named, since a run that remembers another is not the same for the same seed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from pathlib import Path

from softcert.cases.case import Case
from softcert_oracle.errors import UsageError
from softcert_reports.document.atomic import write_whole

_KEPT = 50  # witnesses for each subject, operation and format, the latest first


def load(folder: Path | None, subject: str, operation: str, format: str) -> list[Case]:
    """The remembered cases; none where nothing is remembered. `UsageError` for a file that is broken."""
    if folder is None or not (path := _path(folder, subject, operation, format)).exists():
        return []
    try:
        return [Case.from_json(c) for c in json.loads(path.read_text(encoding="utf-8"))]
    except (OSError, ValueError, AttributeError, TypeError) as error:
        raise UsageError(f"examples={str(path)!r} cannot be read: {error}. Delete it; it is made anew.") from None


def save(folder: Path | None, subject: str, operation: str, format: str, cases: Iterable[Case]) -> None:
    """Remember these cases, before those that are remembered already."""
    if folder is None:
        return
    kept = list(dict.fromkeys([*cases, *load(folder, subject, operation, format)]))[:_KEPT]
    if kept:
        folder.mkdir(parents=True, exist_ok=True)
        text = json.dumps([c.to_json() for c in kept], indent=1, sort_keys=True)
        write_whole(_path(folder, subject, operation, format), text + "\n")


def _path(folder: Path, subject: str, operation: str, format: str) -> Path:
    return folder / (re.sub(r"[^A-Za-z0-9_.-]+", "-", f"{subject[:110]}-{operation}-{format}") + ".json")
