"""A certificate is the document of one subject, for a caller."""

from __future__ import annotations

import pytest
from tests.reports import small

from softcert import Certificate, Finding
from softcert.results.gate import decide
from softcert_reports import document as doc


def test_it_says_what_the_document_says():
    certificate = Certificate.of(decide(small.green()))
    assert (certificate.certified, certificate.subject, certificate.verdict) == (True, "right", "certified")
    assert (certificate.level, certificate.levels) == ("stable", {"softmax": {"float32": "stable"}})
    assert certificate.to_json()["subjects"][0]["name"] == "right"
    assert str(certificate) == certificate.summary()
    assert "certified" in certificate.summary()


def test_a_document_of_two_subjects_is_no_certificate():
    with pytest.raises(ValueError, match="unpack"):
        Certificate.of(decide(small.red()))


def test_a_finding_is_the_record_of_the_document():
    assert Finding is doc.Finding
    finding = doc.Finding(
        id="i", subject="s", operation="softmax", format="float16", property="finite", summary="it is nan"
    )
    assert finding.dtype == "float16"
