"""Faults named as what they are: an exception, a lost process, a time limit, a result of another shape or type."""

from __future__ import annotations

from softcert.diagnosis.diagnoses import Diagnosis
from softcert.executors.protocol import FaultKind
from softcert.findings.collect import FindingEvidence

_SEEN = "certain: observed on the witness"
_REMEDIES = {
    "valid input refused": "Accept every input inside the contract, or narrow the contract.",
    "lost process": "Find what ends the process: run the reproduction under a debugger.",
    "no result in time": "Find what grows with the input, a loop over pairs of classes say; or narrow the contract.",
    "broken protocol": "Follow docs/exec-protocol.md: answers alone on stdout, flushed after each, until stdin ends.",
    "out of memory": "Work in blocks, or narrow the contract: no operation needs more than a few copies of its input.",
    "wrong result form": "Return one array of the promised shape.",
    "wrong result format": "Return the format of the input, or declare result_format.",
    "in-place overwrite": "Work on a copy: the caller's arrays are the caller's.",
}
_FAMILIES = {
    FaultKind.CRASH: "lost process",
    FaultKind.EXIT: "lost process",
    FaultKind.HANG: "no result in time",
    FaultKind.MEMORY: "out of memory",
    FaultKind.PROTOCOL: "broken protocol",
}


def observed(finding: FindingEvidence) -> Diagnosis:
    """The cause of a finding of a reply's form: what was seen, which no computation explains.

    Parameters
    ----------
    finding
        A finding of `completes`, `result_shape`, `result_format` or `input_unchanged`.
    """
    name, family, text = finding.property_name, "valid input refused", _message(finding)
    if name == "completes":
        kind = finding.cause.split(":")[0]
        family = next((f for k, f in _FAMILIES.items() if k == kind), family)
        text = _sentence(kind, text)
    elif name == "result_shape":
        family, text = "wrong result form", f"returns {text}"
    elif name == "result_format":
        family = "wrong result format" if finding.cause.startswith("returns ") else "wrong result form"
        text = finding.cause if family == "wrong result format" else "returns something else than one array of numbers"
    else:
        family, text = "in-place overwrite", text or "writes into its input"
    shown = f"{text[0].upper()}{text[1:]}".rstrip(".")
    return Diagnosis(
        defect=family, text=f"{shown}.", family=family, confidence=_SEEN, remedy=_REMEDIES[family], reference=""
    )


def _sentence(kind: str, message: str) -> str:
    if kind == FaultKind.EXCEPTION:
        return f"raises {message}"
    if kind == FaultKind.HANG:
        return f"gives no result: {message}"
    if kind == FaultKind.MEMORY:
        return f"runs out of memory: {message}"
    if kind == FaultKind.PROTOCOL:
        return f"breaks the protocol: {message}"
    if kind in (FaultKind.CRASH, FaultKind.EXIT):
        return f"ends its process: {message}"
    return f"does not complete the call: {message}"


def _message(finding: FindingEvidence) -> str:
    """The message of the check, without the kind before it, on one line."""
    kind = finding.cause.split(":")[0]
    text = " ".join(finding.check.message.split())
    return (text.removeprefix(f"{kind}: ") or kind)[:300]
