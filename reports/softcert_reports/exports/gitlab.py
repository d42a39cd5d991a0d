"""GitLab's code quality report: the findings as entries of a merge request's widget."""

from __future__ import annotations

import json

from softcert_reports.document import Document
from softcert_reports.exports.places import place
from softcert_reports.exports.sarif import fingerprint
from softcert_reports.formatting import ranking
from softcert_reports.formatting.sanitise import one_line, short

_SEVERITY = {"sound": "blocker", "stable": "critical", "accurate": "major", "faithful": "minor"}


def code_quality(document: Document) -> str:
    """The JSON list that GitLab's code quality widget reads.

    Parameters
    ----------
    document
        The results of one run.

    Returns
    -------
    str
        JSON, an entry for each finding that no baseline expects. The severity falls with the level, from "blocker" for
        sound; findings above the asked level are "info".
    """
    subjects = {s.name: s for s in document.subjects}
    entries = []
    for f in ranking.worst_first(document):
        if f.expected_reason:
            continue
        path, line = place(subjects.get(f.subject), f.operation)
        asked = ranking.is_asked(f.level, document)
        entry = {
            "description": short(one_line(f"{f.summary} ({f.subject}, {f.operation}, {f.format})"), 500),
            "check_name": short(one_line(f"softcert/{f.property}"), 200),
            "fingerprint": fingerprint(f),
            "severity": _SEVERITY[f.level] if asked else "info",
            "location": {"path": path or "results.json", "lines": {"begin": line}},
        }
        entries.append(entry)
    return json.dumps(entries, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
