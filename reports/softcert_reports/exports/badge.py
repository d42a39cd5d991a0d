"""A badge: the JSON that shields.io's endpoint draws."""

from __future__ import annotations

import json

from softcert_reports.document import Document


def badge(document: Document) -> str:
    """Label, message and colour; green only where everything is certified, or exactly as a baseline says."""
    good = sum(s.verdict == "certified" for s in document.subjects)
    total = len(document.subjects)
    checked = any(s.counts.checks for s in document.subjects)
    if not document.complete or not checked or document.exit_code not in (0, 1):
        message, color = "inconclusive", "lightgrey"
    elif document.exit_code == 1:
        message, color = (f"{good} of {total} {document.asked_level}" if total > 1 else "not certified"), "red"
    else:
        message = document.asked_level if good == total else f"{good} of {total} {document.asked_level}"
        color = "brightgreen"
    data = {"schemaVersion": 1, "label": "softcert", "message": message, "color": color}
    return json.dumps(data, sort_keys=True) + "\n"
