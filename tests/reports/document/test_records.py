"""The records: what a caller of softcert finds on a finding, and how records are built."""

from __future__ import annotations

from dataclasses import fields, is_dataclass

import pytest

from softcert_reports import document as d

FINDING = d.Finding(
    id="i", subject="s", operation="softmax", format="bfloat16", property="finite", summary="softmax(1e4, 0) is NaN."
)
RECORDS = [record for name in d.__all__ if is_dataclass(record := getattr(d, name))]


def test_a_finding_has_every_attribute_that_the_interface_promises() -> None:
    promised = "id operation dtype property regime witness measured limit unit diagnosis"
    assert [name for name in promised.split() if not hasattr(FINDING, name)] == []


def test_the_format_of_a_finding_is_its_dtype_too_and_is_written_once() -> None:
    assert FINDING.dtype == FINDING.format == "bfloat16"
    assert "dtype" not in [f.name for f in fields(d.Finding)]


@pytest.mark.parametrize("record", RECORDS, ids=lambda r: r.__name__)
def test_a_record_of_more_than_three_fields_is_built_by_keyword(record: type) -> None:
    assert len(fields(record)) <= 3 or all(f.kw_only for f in fields(record))
