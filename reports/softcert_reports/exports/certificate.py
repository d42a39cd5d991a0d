"""Certificates for machines: in-toto Statements v1 about what was certified, made from a results document.

Two predicates: the vetted test-result one (https://in-toto.io/attestation/test-result/v0.1), which any consumer of
attestations understands, and our own with levels, domains, errors, limits and digests. Neither is signed here, and
ours says so; signing is the work of the tools that hold keys (cosign, in-toto).
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any

from softcert_reports.document import (
    BaselineEntry,
    Cell,
    ContractEffect,
    Document,
    Domain,
    LimitEntry,
    Subject,
    digest,
)
from softcert_reports.document.codec import encode
from softcert_reports.document.errors import DocumentError
from softcert_reports.document.fields import Plain
from softcert_reports.document.files import strict_json
from softcert_reports.formatting import ranking, wording
from softcert_reports.formatting.contracts import contract_line, contract_lines
from softcert_reports.formatting.sanitise import one_line

STATEMENT = "https://in-toto.io/Statement/v1"
TEST_RESULT = "https://in-toto.io/attestation/test-result/v0.1"
CERTIFICATE = "https://softcert.invalid/attestation/certificate/v1"
"""Our predicate type: a name under a domain that nobody can own (RFC 2606), not an address."""

_SHA256 = re.compile(r"(?:sha256:)?([0-9a-f]{64})")


def certificate(document: Document) -> str:
    """The in-toto Statement with our own predicate.

    Parameters
    ----------
    document
        The results of one run.

    Returns
    -------
    str
        Canonical JSON with one newline at the end: levels, domains, largest errors, digests of results and limits. It
        is not signed and says so.

    References
    ----------
    in-toto Attestation Framework, Statement v1.
    """
    predicate = {
        "unsigned": True,
        "verdict": {0: "passed", 1: "failed"}.get(document.exit_code, "inconclusive"),
        "exitCode": document.exit_code,
        "isolation": document.isolation,
        "cautions": [caution] if (caution := wording.unisolated(document)) else [],
        "complete": document.complete,
        "askedLevel": document.asked_level,
        "askedOperations": None if document.asked_operations is None else list(document.asked_operations),
        "effort": document.effort,
        "seed": document.seed,
        "versions": dict(document.versions),
        "environment": encode(document.environment, Plain),
        "implementations": [_implementation(document, s) for s in document.subjects],
        "baseline": _baseline(document),
        "digests": {"results": digest(document), "limits": limits_digest(document)},
    }
    return _text(document, CERTIFICATE, predicate)


def test_result(document: Document) -> str:
    """The in-toto Statement with the test-result predicate: each implementation, operation and format is a test.

    Parameters
    ----------
    document
        The results of one run.

    Returns
    -------
    str
        Canonical JSON with one newline at the end. A test passed where its level is at least the one asked for; a
        failure that the baseline expects is a warning.

    References
    ----------
    in-toto Attestation Framework, predicate test-result v0.1.
    """
    passed: list[str] = []
    warned: list[str] = []
    failed: list[str] = []
    excused = document.exit_code == 0  # the baseline then explains every failure
    for s in document.subjects:
        expected = {
            (c.operation, c.format) for c in document.cells if c.subject == s.name and c.outcome == "expected fail"
        }
        for operation, by_format in wording.levels(s):
            for format, held in by_format:
                name = f"{s.name}/{operation}/{format}"
                if ranking.rank(held.level) >= ranking.rank(document.asked_level):
                    passed.append(name)
                else:
                    (warned if excused or (operation, format) in expected else failed).append(name)
        if not s.levels:
            (warned if excused else failed).append(s.name)
    good = excused and document.complete and bool(passed)
    predicate = {
        "result": ("WARNED" if warned else "PASSED") if good else "FAILED",
        "configuration": [
            {
                "name": "softcert results",
                "digest": {"sha256": _bare(digest(document))},
                "annotations": {
                    "isolation": document.isolation,
                    "caution": wording.unisolated(document),
                    "contracts": {subject.name: line for subject, line in contract_lines(document)},
                },
            }
        ],
        "passedTests": passed,
        "warnedTests": warned,
        "failedTests": failed,
    }
    return _text(document, TEST_RESULT, predicate)


test_result.__test__ = False  # type: ignore[attr-defined]  # pytest would take it for a test by its name


def limits_digest(document: Document) -> str:
    """``sha256:...`` over the limits that judged the run: the same limits give the same digest in every run."""
    entries = sorted(json.dumps(encode(entry, LimitEntry), sort_keys=True) for entry in document.limits)
    return "sha256:" + hashlib.sha256("\n".join(entries).encode()).hexdigest()


def verify(text: str, document: Document) -> list[str]:
    """Hold a certificate against the results document that it speaks of.

    Parameters
    ----------
    text
        The certificate, of either predicate.
    document
        The results of the run.

    Returns
    -------
    list of str
        One sentence for each field that does not follow from the document. An empty list says that the certificate
        follows from it, not that anybody signed it.

    Raises
    ------
    DocumentError
        If the text is no certificate at all.
    """
    given = _parsed(text)
    expected = json.loads(certificate(document) if given["predicateType"] == CERTIFICATE else test_result(document))
    problems = [] if document.subjects else ["its results hold no implementation: nothing is certified."]
    if not _same(given.get("subject"), expected["subject"]):
        problems.append("its subjects are not those of the results: another implementation, or its source was changed.")
    problems += [f"it has the unknown field {key[:80]!r}." for key in sorted(given.keys() - expected.keys())]
    mine, theirs = expected["predicate"], given["predicate"]
    for key in sorted(mine.keys() | theirs.keys()):
        if key not in theirs:
            problems.append(f"it lacks the field {key!r}.")
        elif key not in mine:
            problems.append(f"it has the unknown field {key[:80]!r}.")
        elif not _same(mine[key], theirs[key]):
            problems.append(f"its field {key!r} does not follow from the results{_where(mine[key], theirs[key])}.")
    return problems


def _same(mine: object, theirs: object) -> bool:
    """Whether two values are the same JSON: in Python 0, 0.0 and False are equal."""
    return json.dumps(mine, sort_keys=True) == json.dumps(theirs, sort_keys=True)


def _parsed(text: str) -> dict[str, Any]:
    try:
        data = strict_json(text)
        json.dumps(data, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise DocumentError("the certificate holds a lone surrogate, which no UTF-8 file can.") from None
    except (DocumentError, RecursionError) as error:
        raise DocumentError(f"the certificate is not JSON, or was cut short ({error}).") from None
    if not isinstance(data, dict) or data.get("_type") != STATEMENT or not isinstance(data.get("predicate"), dict):
        raise DocumentError("the certificate is JSON, but no in-toto Statement v1.")
    if data.get("predicateType") not in (CERTIFICATE, TEST_RESULT):
        raise DocumentError(
            f"the certificate has the predicate type {str(data.get('predicateType'))[:80]!r}; "
            f"accepted: {CERTIFICATE}, {TEST_RESULT}."
        )
    return data


def _where(mine: object, theirs: object) -> str:
    if isinstance(mine, str | int) and isinstance(theirs, str | int):
        return f" ({one_line(str(theirs))[:80]} instead of {one_line(str(mine))[:80]})"
    return ""


def _text(document: Document, predicate_type: str, predicate: Mapping[str, Any]) -> str:
    statement = {
        "_type": STATEMENT,
        "subject": _subjects(document),
        "predicateType": predicate_type,
        "predicate": predicate,
    }
    return json.dumps(statement, sort_keys=True, ensure_ascii=False, allow_nan=False, indent=1) + "\n"


def _subjects(document: Document) -> list[dict[str, Any]]:
    """The implementations by the digest of their source; one whose source is not known is not attested.

    The results themselves stand beside them, by the digest of their content (not of the file's bytes, which hold
    times too), so that there is always something that the statement speaks of.
    """
    out = [{"name": s.name, "digest": {"sha256": bare}} for s in document.subjects if (bare := _bare(s.source_digest))]
    return [*out, {"name": "softcert-results-content", "digest": {"sha256": _bare(digest(document))}}]


def _bare(text: str) -> str:
    match = _SHA256.fullmatch(text)
    return match[1] if match else ""


def _baseline(document: Document) -> dict[str, Any] | None:
    base = document.baseline
    if base is None:
        return None
    return {
        "path": base.path,
        "exceptions": [encode(entry, BaselineEntry) for entry in base.entries],
        "unexpected": list(base.unexpected),
        "stale": list(base.stale),
    }


def _implementation(document: Document, subject: Subject) -> dict[str, Any]:
    """Everything that the certificate claims of one implementation."""
    return {
        "name": subject.name,
        "spec": subject.spec,
        "verdict": subject.verdict,
        "ending": subject.ending,
        "level": subject.level,
        "levels": {
            operation: {
                format: {"level": h.level, "correctlyRounded": h.correctly_rounded, "basis": h.basis}
                for format, h in by.items()
            }
            for operation, by in subject.levels.items()
        },
        "contractDeviations": encode(subject.contract_deviations, Plain),
        "contract": contract_line(subject, document),
        "contractEffects": [encode(effect, ContractEffect) for effect in subject.contract_effects],
        "counts": vars(subject.counts),
        "source": subject.source_digest or None,
        "domains": [_domain(d) for d in document.domains if d.subject == subject.name],
        "largestErrors": [
            _largest_error(c)
            for c in document.cells
            if c.subject == subject.name and (c.worst_ratio, c.worst_ulp) != (None, None)
        ],
    }


def _domain(domain: Domain) -> dict[str, Any]:
    return {
        "operation": domain.operation,
        "format": domain.format,
        "classes": list(domain.classes),
        "rows": list(domain.rows),
        "hull": [vars(corner) for corner in domain.hull],
        "crossings": [
            {**vars(crossing), "left_out": [vars(x) for x in crossing.left_out]} for crossing in domain.crossings
        ],
        "unseen": [
            {
                "classes": at.classes,
                "level": str(at.level),
                "ordinary": _hex(at.ordinary),
                "least": _hex(at.least),
                "missing": _hex(at.missing),
            }
            for at in domain.unseen
        ],
        "regimes": dict(domain.regimes),
        "leftOut": [vars(x) for x in domain.left_out],
        "notRun": [vars(x) for x in domain.not_run],
        "largestAbsLogit": _hex(domain.largest_abs_logit),
    }


def _largest_error(cell: Cell) -> dict[str, Any]:
    return {
        "operation": cell.operation,
        "format": cell.format,
        "property": cell.property,
        "outcome": cell.outcome,
        "errorOverLimit": _hex(cell.worst_ratio),
        "ulp": _hex(cell.worst_ulp),
        "witness": encode(cell.worst_case, Plain),
    }


def _hex(value: float | None) -> str | None:
    return None if value is None else float.hex(float(value))
