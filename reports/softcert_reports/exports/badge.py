"""A badge: the JSON that shields.io's endpoint draws."""

from __future__ import annotations

import json

from softcert_reports.document import Document
from softcert_reports.formatting import wording
from softcert_reports.formatting.contracts import contract_lines


def badge(document: Document) -> str:
    """Label, message and colour of a badge.

    Parameters
    ----------
    document
        The results of one run.

    Returns
    -------
    str
        JSON as the endpoint of shields.io reads it; green only where everything is certified, blue where the run is as
        its baseline expects. What a contract leaves stands in the message.

    Examples
    --------
    >>> from softcert_reports.document import Document
    >>> print(badge(Document(title="nothing ran", created="2026-01-02T03:04:05Z")), end="")
    {"color": "lightgrey", "label": "softcert", "message": "inconclusive", "schemaVersion": 1}
    """
    story, level = wording.story(document), document.asked_level
    checked = any(s.counts.checks for s in document.subjects)
    if not document.complete or not checked or document.exit_code not in (0, 1):
        message, color = (story if story == "harness error" else "inconclusive"), "lightgrey"
    elif wording.accepted(document):
        message, color = story, "blue"
    elif document.exit_code == 1:
        message, color = story.replace(f"not certified at {level}", "not certified"), "red"
    else:
        message, color = level, "brightgreen"
    if document.isolation == "none":
        message += ", not isolated"
    if contracts := contract_lines(document):
        alone = len(contracts) == len(document.subjects) == 1
        message += f" ({contracts[0][1]})" if alone else f" ({len(contracts)} with a contract)"
    data = {"schemaVersion": 1, "label": "softcert", "message": message, "color": color}
    return json.dumps(data, sort_keys=True) + "\n"
