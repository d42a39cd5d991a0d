"""The JSON Schema (2020-12) of the results document, derived from its records by pydantic.

`schema.json` beside this file is the output of ``python -m softcert_reports.document.schema`` and is shipped, so that
others can validate a document without softcert; a test holds the two together.
"""

from __future__ import annotations

import json
from importlib import resources
from typing import Any

from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from softcert_reports.document.document import SCHEMA, Document


class _Schema(GenerateJsonSchema):
    """Pydantic's schema without the titles and defaults that only repeat names and Python."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        """Leave out a title such as "Worst Ratio"."""
        return False

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        """Leave out the default: a reader gets every field."""
        return self.generate_inner(schema["schema"])

    def dataclass_schema(self, schema: core_schema.DataclassSchema) -> JsonSchemaValue:
        """Describe a record by the first paragraph of its docstring."""
        out = super().dataclass_schema(schema)
        out["description"] = " ".join((schema["cls"].__doc__ or "").split("\n\n")[0].split())
        out.pop("title", None)
        return out

    def enum_schema(self, schema: core_schema.EnumSchema) -> JsonSchemaValue:
        """List the members of an enum and nothing else."""
        return {"enum": [member.value for member in schema["members"]]}


def derive() -> dict[str, Any]:
    """The schema as plain data."""
    data = TypeAdapter(Document).json_schema(schema_generator=_Schema)
    data["properties"]["schema"] = {"const": SCHEMA}
    return {
        "$schema": GenerateJsonSchema.schema_dialect,
        "$id": f"https://softcert.invalid/schema/results/{SCHEMA}",
        **data,
        "title": "softcert results document",
    }


def shipped() -> dict[str, Any]:
    """The schema as it is shipped."""
    text = resources.files("softcert_reports.document").joinpath("schema.json").read_text("utf-8")
    data: dict[str, Any] = json.loads(text)
    return data


if __name__ == "__main__":
    print(json.dumps(derive(), indent=1, sort_keys=True, ensure_ascii=False))
