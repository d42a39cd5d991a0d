"""SARIF 2.1.0 (OASIS): findings as results of a static-analysis tool, for code scanning and editors.

Each result carries a fingerprint made of the finding's id, so that a viewer knows it again in the next run.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any
from urllib.parse import quote

from softcert_reports.document import Document, Finding
from softcert_reports.exports import text
from softcert_reports.exports.places import place
from softcert_reports.formatting import ranking, wording
from softcert_reports.formatting.sanitise import directed, short

SCHEMA_URI = "https://json.schemastore.org/sarif-2.1.0.json"


def sarif(document: Document) -> str:
    """The document as a SARIF log with one run.

    Parameters
    ----------
    document
        The results of one run.

    Returns
    -------
    str
        JSON. A rule is a property, a result a finding: an error at or below the asked level, a note above it,
        suppressed where a baseline expects it. ``partialFingerprints`` are the same in every run.

    References
    ----------
    OASIS, Static Analysis Results Interchange Format (SARIF) 2.1.0.
    """
    findings = ranking.worst_first(document)
    rules = list(dict.fromkeys(f.property for f in findings))
    driver = {
        "name": "softcert",
        "version": document.versions.get("softcert", "unknown"),
        "rules": [_rule(document, name) for name in rules],
    }
    invocation = {
        "executionSuccessful": document.complete and document.exit_code in (0, 1),
        "exitCode": document.exit_code,
        "commandLine": directed(document.command),
        "toolExecutionNotifications": _notifications(document),
    }
    run = {
        "tool": {"driver": driver},
        "invocations": [invocation],
        "columnKind": "unicodeCodePoints",
        "results": [_result(document, f, rules.index(f.property)) for f in findings],
        "properties": {"outcome": wording.story(document)},
    }
    log = {"$schema": SCHEMA_URI, "version": "2.1.0", "runs": [run]}
    return json.dumps(log, sort_keys=True, ensure_ascii=False, allow_nan=False, indent=1) + "\n"


def _rule(document: Document, name: str) -> dict[str, Any]:
    known = next((p for p in document.properties if p.name == name), None)
    rule: dict[str, Any] = {"id": directed(name)}
    if known and known.statement:
        rule["shortDescription"] = {"text": directed(known.statement)}
        rule["properties"] = {"level": known.level, "group": directed(known.group)}
    return rule


def _notifications(document: Document) -> list[dict[str, Any]]:
    texts = [] if document.complete else [document.incomplete_reason or "the run is incomplete"]
    open_ones = [s for s in document.subjects if s.verdict not in ("certified", "not certified")]
    texts += [f"{s.name}: {s.verdict}{f': {s.reason}' if s.reason else ''}" for s in open_ones]
    if document.baseline:
        texts += [*document.baseline.unexpected, *document.baseline.stale]
    return [{"level": "error", "message": {"text": directed(t)}} for t in texts]


def _result(document: Document, finding: Finding, rule: int) -> dict[str, Any]:
    gating = ranking.is_asked(finding.level, document)
    out: dict[str, Any] = {
        "ruleId": directed(finding.property),
        "ruleIndex": rule,
        "level": "error" if gating else "note",
        "message": {"text": short(text.finding(finding), 4000)},
        "locations": [_location(document, finding)],
        "partialFingerprints": {"softcertFinding/v1": fingerprint(finding)},
        "occurrenceCount": max(1, finding.occurrences),
        "properties": {"operation": finding.operation, "format": finding.format, "level": finding.level},
    }
    if finding.expected_reason:
        out["suppressions"] = [{"kind": "external", "justification": directed(finding.expected_reason)}]
    return out


def fingerprint(finding: Finding) -> str:
    """The same for the same finding in every run."""
    return hashlib.sha256(finding.id.encode("utf-8", "surrogatepass")).hexdigest()


def _location(document: Document, finding: Finding) -> dict[str, Any]:
    subject = next((s for s in document.subjects if s.name == finding.subject), None)
    logical = {
        "name": short(directed(finding.operation), 100),
        "fullyQualifiedName": short(directed(f"{finding.subject}.{finding.operation}"), 300),
        "kind": "function",
    }
    location: dict[str, Any] = {"logicalLocations": [logical]}
    path, line = place(subject, finding.operation)
    if path:
        location["physicalLocation"] = {
            "artifactLocation": {"uri": quote(path), "uriBaseId": "%SRCROOT%"},
            "region": {"startLine": line},
        }
    return location
