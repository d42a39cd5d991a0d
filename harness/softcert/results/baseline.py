"""Known failures, declared with a reason: the baseline. Strict in both directions.

A TOML file, one table an expected failure::

    [[expected]]
    implementation = "naive"
    operation = "softmax"
    format = "float32"
    property = "finite"
    reason = "the maximum is not subtracted"
    largest_error = "inf"

What fails and is not in it is unexpected; what is in it and passes, or was not run, is stale. Both fail the gate.
``property = "*"`` stands for every property of an operation and format, and ``holds`` for the level that is held there
all the same: exactly that one ("none" for none). `softcert.results.expectations` compares a run with a baseline.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tomli_w

from softcert_oracle.errors import UsageError
from softcert_oracle.levels import Level
from softcert_reports.document.atomic import write_whole

Key = tuple[str, str, str, str]
_FIELDS = ("implementation", "operation", "format", "property", "reason")
BUNDLED = Path(__file__).parent / "data" / "baseline.toml"


@dataclass(frozen=True, kw_only=True)
class Expected:
    """One expected failure: where, why, and the largest error in ulp when it was written (inf for NaN)."""

    subject: str
    operation: str
    format: str
    property_name: str
    reason: str
    largest_error: float | None = None
    holds: str = ""

    @property
    def key(self) -> Key:
        """What it is looked up by."""
        return self.subject, self.operation, self.format, self.property_name


@dataclass(frozen=True)
class Baseline:
    """The expected failures of a file."""

    path: str
    entries: tuple[Expected, ...]


def load(path: str | Path) -> Baseline:
    """The baseline in a file ("bundled" is the one of the bundled implementations); `UsageError` if it is broken."""
    file = BUNDLED if str(path) == "bundled" else Path(path)
    try:
        data = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(
            f"baseline={str(path)!r} cannot be read: {error.strerror}. Write one with --update-baseline."
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UsageError(f"baseline={str(path)!r} is not whole TOML: {error}.") from None
    entries = data.get("expected", [])
    if set(data) - {"expected", "version"} or not isinstance(entries, list):
        raise UsageError(f"baseline={str(path)!r}: only [[expected]] tables are accepted, found {sorted(data)}.")
    expected = tuple(_entry(e, str(path)) for e in entries)
    keys = [e.key for e in expected]
    if repeated := {k for k in keys if keys.count(k) > 1}:
        raise UsageError(f"baseline={str(path)!r} names {' / '.join(min(repeated))} more than once.")
    return Baseline(str(path), expected)


def _entry(data: Any, path: str) -> Expected:
    if not isinstance(data, dict) or any(not isinstance(data.get(k), str) or not data[k] for k in _FIELDS):
        raise UsageError(f"baseline={path!r}: each [[expected]] needs {', '.join(_FIELDS)}; found {data!r}.")
    if data.get("holds", "none") not in (*Level, "none"):
        raise UsageError(f"baseline={path!r}: holds={data['holds']!r}; accepted: {', '.join(Level)}, none.")
    if extra := set(data) - {*_FIELDS, "largest_error", "holds"}:
        raise UsageError(f"baseline={path!r}: unknown keys {sorted(extra)} in an [[expected]] table.")
    try:
        error = float(data["largest_error"]) if "largest_error" in data else None
    except (TypeError, ValueError, OverflowError):
        raise UsageError(f"baseline={path!r}: largest_error={data['largest_error']!r} is no number.") from None
    if error is not None and not error >= 0:  # NaN would excuse any error
        raise UsageError(f"baseline={path!r}: largest_error={data['largest_error']!r}; give 0 or more, or inf.")
    return Expected(
        subject=data["implementation"],
        operation=data["operation"],
        format=data["format"],
        property_name=data["property"],
        reason=data["reason"],
        largest_error=error,
        holds=data.get("holds", ""),
    )


def in_order(entries: Iterable[Expected]) -> tuple[Expected, ...]:
    """The entries sorted by implementation, operation, format and property."""
    return tuple(sorted(entries, key=lambda e: e.key))


def save(entries: Iterable[Expected], path: str | Path) -> None:
    """Write a baseline whole or not at all, sorted. `load` reads it back the same, whatever the names contain."""
    tables = [_table(e) for e in in_order(entries)]
    text = tomli_w.dumps({"expected": tables}) if tables else ""
    write_whole(Path(path), f"{_HEADING}\n\n{text}")


_HEADING = "# Expected failures of implementations, each with its reason. Strict: see docs/ci.md."


def _table(e: Expected) -> dict[str, str]:
    table = dict(zip(_FIELDS, (e.subject, e.operation, e.format, e.property_name, e.reason), strict=True))
    if e.largest_error is not None:
        table["largest_error"] = "inf" if math.isinf(e.largest_error) else f"{e.largest_error:.6g}"
    if e.holds:
        table["holds"] = e.holds
    return table
