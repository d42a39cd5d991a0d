"""The same seed gives the same results document, isolated or not, but for the times and the word that says which."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.harness import subjects

from softcert import Implementation, certify
from softcert_reports import document as doc

pytestmark = pytest.mark.slow  # whole certifications, one after the other


def digest(isolation: str, seed: int = 0) -> str:
    implementation = Implementation("mine", {"softmax": subjects.unshifted_softmax}, ("float32",))
    certificate = certify(implementation, effort="quick", isolation=isolation, seed=seed)
    assert certificate.document.isolation == isolation
    return doc.digest(replace(certificate.document, isolation="process"))


def test_the_same_seed_gives_the_same_document_isolated_or_not():
    assert digest("none") == digest("none") == digest("process")


def test_another_seed_gives_another_document():
    assert digest("none") != digest("none", seed=1)
