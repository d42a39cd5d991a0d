"""The document of the field: one JSON file made from the parts, the same each time but for ``times``.

Numbers stand as hexadecimal text, as in softcert's results.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.field.entries import ENTRIES, PHASES, Entry
from benchmarks.field.run import state, version

SCHEMA = 1
Part = Mapping[str, Any]


def build(folder: Path) -> dict[str, Any]:
    """The document of the parts in ``folder``; a part that was never started is "not run" too."""
    rows: list[dict[str, Any]] = []
    times: dict[str, Any] = {"created": datetime.now(UTC).date().isoformat(), "seconds": {}, "speed": {}}
    libraries, softcert, environment = [], {}, {}
    for entry in ENTRIES:
        libraries.append(_library(entry))
        for format in entry.formats:
            stem = folder / f"{entry.key}-{format}"
            ended = state(stem)
            times["seconds"][stem.name] = ended.get("seconds")
            if ended.get("outcome") != "run":
                rows.append(_not_run(entry, format, ended.get("outcome", "not run: not started").split(": ", 1)[-1]))
                continue
            part = json.loads(stem.with_suffix(".json").read_text())
            softcert = {k: part["versions"][k] for k in ("softcert", "battery", "limits", "schema")}
            environment = part["environment"]
            rows += _units(entry, format, part)
            for speed in part["speed"]:
                times["speed"][_name(entry, speed["operation"], format)] = speed["elements_per_second"]
    return {
        "kind": "softcert-field",
        "schema": SCHEMA,
        "softcert": softcert,
        "environment": environment,
        "processor": processor(),
        "libraries": libraries,
        "rows": rows,
        "edges": [answer for entry in ENTRIES for answer in _edges(entry, folder)],
        "times": times,
    }


def processor() -> str:
    """The processor's name as Linux tells it; "" elsewhere."""
    path = Path("/proc/cpuinfo")
    lines = path.read_text().splitlines() if path.exists() else []
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), "")


def write(document: Mapping[str, Any], path: Path) -> None:
    path.write_text(json.dumps(document, indent=1, sort_keys=True, ensure_ascii=False) + "\n")


def read(path: Path) -> dict[str, Any]:
    """A document of the field.

    Raises
    ------
    ValueError
        If the file holds something else.
    """
    found = json.loads(path.read_text())
    if not isinstance(found, dict) or found.get("kind") != "softcert-field" or found.get("schema") != SCHEMA:
        raise ValueError(
            f"{path} is no document of the field with schema {SCHEMA}: run python -m benchmarks.field page."
        )
    return found


def _name(entry: Entry, operation: str, format: str) -> str:
    return f"{entry.key}/{operation}/{format}"


def _library(entry: Entry) -> dict[str, Any]:
    return {
        "key": entry.key,
        "title": entry.title,
        "versions": {name: version(name) for name in entry.distributions},
        "environment": dict(entry.environment),
        "contract": {format: dict(claims) for format, claims in entry.contract.items()},
        "reasons": list(entry.reasons),
    }


def _not_run(entry: Entry, format: str, reason: str) -> dict[str, Any]:
    return {"library": entry.key, "format": format, "operation": "", "reason": reason}


def _units(entry: Entry, format: str, part: Part) -> list[dict[str, Any]]:
    (subject,) = part["subjects"]
    if not subject["levels"]:
        return [_not_run(entry, format, subject["reason"] or subject["verdict"])]
    return [_unit(entry, format, operation, part, subject) for operation in subject["operations"]]


def _unit(entry: Entry, format: str, operation: str, part: Part, subject: Part) -> dict[str, Any]:
    level = subject["levels"].get(operation, {}).get(format)
    if level is None:
        return {**_not_run(entry, format, subject["reason"] or "not run by softcert"), "operation": operation}
    cells = [c for c in part["cells"] if c["operation"] == operation and c["format"] == format]
    accuracy = next((c for c in cells if c["property"] == "accuracy"), {})
    growth = [g for g in part["growth"] if g["operation"] == operation and g["axis"] == "classes"]
    return {
        "library": entry.key,
        "format": format,
        "operation": operation,
        "reason": "",
        "level": level["level"],
        "basis": level["basis"],
        "worst_ulp": accuracy.get("worst_ulp"),
        "worst_ratio": accuracy.get("worst_ratio"),
        "checks": sum(c["checks"] for c in cells),
        "undecided": sum(c["undecided"] for c in cells),
        "growth": growth[0]["text"].split(";")[0] if growth else "",
        "curve": _curve(part, operation),
        "special": [_special(v) for v in part["special_values"] if v["operation"] == operation],
        "findings": [_finding(f) for f in part["findings"] if f["operation"] == operation],
    }


def _curve(part: Part, operation: str) -> list[list[str]]:
    """One point (classes, largest error, limit) for each doubling of the classes: the largest error in it.

    The limit is the one at the number of the same output that comes closest to its own limit, which need not be the
    number with the largest error.
    """
    series = [s for s in part["series"] if s["operation"] == operation and s["axis"] == "classes"]
    largest: dict[int, list[str]] = {}
    for p in series[0]["points"] if series else []:
        octave = math.frexp(float.fromhex(p["x"]))[1]
        kept = largest.setdefault(octave, [p["x"], p["worst"], p["limit"]])
        if float.fromhex(p["worst"]) > float.fromhex(kept[1]):
            largest[octave] = [p["x"], p["worst"], p["limit"]]
    return [largest[octave] for octave in sorted(largest)]


def _edges(entry: Entry, folder: Path) -> list[dict[str, str]]:
    """What the entry answered where a shape or the labels leave nothing to compute."""
    path = folder / f"{entry.key}-edges.json"
    found = json.loads(path.read_text()) if path.exists() else []
    return [{"library": entry.key, **answer} for answer in found]


def _special(value: Part) -> dict[str, str]:
    return {k: value[k] for k in ("row", "got", "accepted", "outcome")}


def _finding(finding: Part) -> dict[str, Any]:
    witness = finding["witness"]
    kept = {k: finding[k] for k in ("id", "property", "level", "summary", "occurrences", "ratio")}
    diagnosis = finding["diagnosis"]
    return {
        **kept,
        "got": (witness.get("got") or {}).get("decimal", ""),
        "exact": (witness.get("exact") or {}).get("decimal", ""),
        "cause": diagnosis["text"],
        "remedy": diagnosis["remedy"],
    }


def formats_of(document: Mapping[str, Any]) -> tuple[str, ...]:
    """The formats that stand in the document, in the order of the phases."""
    found = {row["format"] for row in document["rows"]}
    return tuple(f for f in PHASES if f in found)
