"""The badge of a proof: the only one that says "every input"."""

from __future__ import annotations

import json

from softcert_reports.proofs.record import ProofPart

_COLOURS = {"proved": "brightgreen", "refuted": "red", "incomplete": "lightgrey"}


def badge(part: ProofPart) -> str:
    """Label, message and colour of a badge, as JSON for the endpoint of shields.io.

    Parameters
    ----------
    part
        A part or a whole proof. "every input" stands in the message of a complete one that holds, and nowhere else.
    """
    plan, tally = part.plan, part.tally
    shape = "[x, 0]" if plan.shape == "zero" else f"{plan.classes} classes"
    where = f"{plan.operation}, {shape} in {plan.format}"
    right = tally.correctly_rounded == tally.rows - tally.special
    message = {
        "proved": f"{'correctly rounded' if right else plan.level} on every input: {where}",
        "refuted": f"refuted: {where}",
        "incomplete": f"incomplete: {where}",
    }[part.verdict]
    data = {"schemaVersion": 1, "label": "softcert", "message": message, "color": _COLOURS[part.verdict]}
    return json.dumps(data, sort_keys=True) + "\n"
