"""The JSON Schema accepts what is written, refuses what no document holds, and is the shipped one."""

from __future__ import annotations

import json

import jsonschema
from tests.reports import sample

from softcert_reports import document as d
from softcert_reports.document import schema


def test_the_schema_accepts_what_is_written_and_is_itself_valid(document: d.Document) -> None:
    jsonschema.Draft202012Validator.check_schema(schema.shipped())
    jsonschema.Draft202012Validator(schema.shipped()).validate(json.loads(d.dumps(document)))


def test_the_schema_refuses_what_no_document_holds() -> None:
    data = json.loads(d.dumps(sample.sample()))
    data["cells"][0]["outcome"] = "green"
    data["cells"][1]["worst_ratio"] = 0.5
    data["surprise"] = 1
    errors = list(jsonschema.Draft202012Validator(schema.shipped()).iter_errors(data))
    assert len(errors) == 3


def test_the_shipped_schema_is_derived_from_the_dataclasses() -> None:
    assert schema.shipped() == schema.derive()
