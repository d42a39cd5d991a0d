"""Faults are named as what they are, each with a remedy of its own."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from softcert.diagnosis.faults import observed
from softcert.executors.protocol import FaultKind


@pytest.mark.parametrize(
    ("kind", "family", "words"),
    [
        (FaultKind.EXCEPTION, "valid input refused", "Raises ValueError: bad."),
        (FaultKind.HANG, "no result in time", "Gives no result: ValueError: bad."),
        (FaultKind.EXIT, "lost process", "Ends its process: ValueError: bad."),
        (FaultKind.PROTOCOL, "broken protocol", "Breaks the protocol: ValueError: bad."),
    ],
)
def test_a_fault_has_its_family_its_words_and_its_remedy(kind, family, words):
    check = SimpleNamespace(message=f"{kind}: ValueError: bad")
    finding = SimpleNamespace(property_name="completes", cause=f"{kind}: ValueError", check=check)
    cause = observed(finding)
    assert (cause.family, cause.text) == (family, words)
    assert cause.remedy.endswith(".")
