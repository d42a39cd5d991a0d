"""CTRF, the Common Test Report Format (https://ctrf.io): the test cases of a document as JSON."""

from __future__ import annotations

import json
from collections import Counter
from datetime import datetime
from typing import Any

from softcert_reports.document import Document
from softcert_reports.exports.entries import Entry, contract_of, entries
from softcert_reports.formatting import wording
from softcert_reports.formatting.sanitise import directed, one_line, short

SPEC_VERSION = "0.0.0"
"""The version of the format under which every reader takes a report: nothing here is newer."""

_STATUS = {"passed": "passed", "failure": "failed", "error": "other", "skipped": "skipped"}
"""An error is "other": it is no pass, and no failure of the subject."""


def ctrf(document: Document) -> str:
    """The document as a CTRF report.

    Parameters
    ----------
    document
        The results of one run.

    Returns
    -------
    str
        JSON: a test for each cell of the matrix, for each verdict, and some for the run, as `junit` has them. Durations
        are 0: a check has no time of its own.

    References
    ----------
    CTRF, JSON schema, https://ctrf.io/docs/specification/overview.
    """
    tests = [_test(entry) for entry in entries(document)]
    counts = Counter(test["status"] for test in tests)
    stop = _milliseconds(document.created)
    summary = {name: counts[name] for name in ("passed", "failed", "pending", "skipped", "other")}
    times = {"start": stop - int(1000 * document.timings.get("seconds", 0.0)), "stop": stop}
    tool = {"name": "softcert", "version": document.versions.get("softcert", "unknown")}
    extra: dict[str, Any] = {"outcome": wording.story(document), "exitCode": document.exit_code}
    if contracts := {s.name: line for s in document.subjects if (line := contract_of(document, s.name))}:
        extra["contracts"] = {one_line(name): one_line(line) for name, line in contracts.items()}
    report = {
        "reportFormat": "CTRF",
        "specVersion": SPEC_VERSION,
        "results": {
            "tool": tool,
            "summary": {"tests": len(tests), **summary, **times},
            "tests": tests,
            "extra": extra,
        },
    }
    return json.dumps(report, sort_keys=True, ensure_ascii=False, allow_nan=False, indent=1) + "\n"


def _test(entry: Entry) -> dict[str, Any]:
    test: dict[str, Any] = {
        "name": short(one_line(f"{entry.classname}: {entry.name}"), 300),
        "status": _STATUS[entry.status],
        "rawStatus": entry.status,
        "duration": 0,
        "suite": [short(one_line(entry.suite), 200)],
    }
    if entry.message:
        test["message"] = short(one_line(entry.message), 600)
    if entry.detail:
        test["trace"] = directed(entry.detail)
    return test


def _milliseconds(created: str) -> int:
    """The time of a document since 1970; 0 for a time that cannot be read."""
    try:
        return int(datetime.fromisoformat(created).timestamp() * 1000)
    except ValueError:
        return 0
