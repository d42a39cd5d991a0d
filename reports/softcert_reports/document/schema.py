"""The JSON Schema (2020-12) of the results document, derived from its dataclasses.

`schema.json` beside this file is the output of ``python -m softcert_reports.document.schema`` and is shipped, so that others
can validate a document without softcert; a test holds the two together.
"""

from __future__ import annotations

import json
import types
import typing
from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from enum import StrEnum
from importlib import resources
from typing import Any, Literal

from softcert_reports import document
from softcert_reports.document.codec import HEX, hints


def derive() -> dict[str, Any]:
    """The schema as plain data."""
    definitions: dict[str, Any] = {"hexFloat": {"type": "string", "pattern": HEX}}
    root = _of(document.Document, definitions)
    definitions["Document"]["properties"]["schema"] = {"const": document.SCHEMA}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"https://softcert.invalid/schema/results/{document.SCHEMA}",
        "title": "softcert results document",
        "$defs": definitions,
        **root,
    }


def shipped() -> dict[str, Any]:
    """The schema as it is shipped."""
    data: dict[str, Any] = json.loads(
        resources.files("softcert_reports.document").joinpath("schema.json").read_text("utf-8")
    )
    return data


def _of(annotation: Any, definitions: dict[str, Any]) -> dict[str, Any]:
    """The schema of one annotation; dataclasses go to ``definitions`` and are referred to."""
    if is_dataclass(annotation):
        return _object(annotation, definitions)
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin in (types.UnionType, typing.Union):
        inner = [_of(a, definitions) for a in arguments if a is not type(None)]
        return {"anyOf": [*inner, {"type": "null"}]}
    if origin is Literal:
        return {"enum": list(arguments)}
    if isinstance(annotation, type) and issubclass(annotation, StrEnum):
        return {"enum": [str(member) for member in annotation]}
    if origin is tuple:
        return {"type": "array", "items": _of(arguments[0], definitions)}
    if origin is not None and issubclass(origin, Mapping):
        return {"type": "object", "additionalProperties": _of(arguments[1], definitions)}
    scalars = {str: {"type": "string"}, int: {"type": "integer"}, bool: {"type": "boolean"}}
    scalars[float] = {"$ref": "#/$defs/hexFloat"}
    return {} if annotation is Any else scalars[annotation]


def _object(cls: Any, definitions: dict[str, Any]) -> dict[str, Any]:
    name = cls.__name__
    if name not in definitions:
        definitions[name] = {}
        kinds = hints(cls)
        definitions[name] = {
            "type": "object",
            "description": (cls.__doc__ or "").split("\n\n")[0].replace("\n    ", " "),
            "additionalProperties": False,
            "required": [f.name for f in fields(cls) if f.default is MISSING and f.default_factory is MISSING],
            "properties": {f.name: _of(kinds[f.name], definitions) for f in fields(cls)},
        }
    return {"$ref": f"#/$defs/{name}"}


if __name__ == "__main__":
    print(json.dumps(derive(), indent=1, sort_keys=True, ensure_ascii=False))
