"""Records to plain JSON and back by pydantic, checked against their annotations on both ways.

Pydantic's `TypeAdapter` does the work. Ours are the kinds of fields (`softcert_reports.document.fields`) and the words
of the errors: one sentence for a person that gives the path of the field, its value and the values accepted.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from softcert_reports.document.errors import DocumentError

_ACCEPTED = {
    "string_type": "text",
    "bool_type": "true or false",
    "tuple_type": "a list (in Python a tuple)",
    "dict_type": "an object",
    "mapping_type": "an object",
    "dataclass_type": "an object",
    "dataclass_exact_type": "a {class_name}",
    "literal_error": "one of {expected}",
    "enum": "one of {expected}",
    "misfit": "{accepted}",
}
"""What is accepted where pydantic reports an error of this type; ``{names}`` come from the error's context."""


def encode(value: Any, annotation: Any, exclude: Mapping[str, Any] | None = None) -> Any:
    """Plain JSON data for a value.

    Parameters
    ----------
    value
        The value: a record, or plain data.
    annotation
        Its type: a class of records, or `softcert_reports.document.fields.Plain`.
    exclude
        Fields to leave out, as pydantic's ``exclude`` names them.

    Raises
    ------
    DocumentError
        If a field holds a value that does not fit its annotation; the message names its path.
    """
    adapter = _adapter(annotation)
    try:
        checked = adapter.validate_python(value)
    except ValidationError as error:
        raise DocumentError(_sentence(error)) from None
    return adapter.dump_python(checked, mode="json", exclude=exclude)


def decode(data: Any, annotation: Any) -> Any:
    """The value that plain JSON data describe.

    Parameters
    ----------
    data
        What `json.loads` gives: objects, lists, text, integers, true, false and None.
    annotation
        The type of the value: a class of records.

    Raises
    ------
    DocumentError
        If the data do not fit the annotation; the message names the path of the first misfit.
    """
    try:
        return _adapter(annotation).validate_json(json.dumps(data, ensure_ascii=False).encode())
    except UnicodeEncodeError:
        raise lone_surrogate(data) from None
    except ValidationError as error:
        raise DocumentError(_sentence(error)) from None


def lone_surrogate(data: Any) -> DocumentError:
    """The error of plain JSON data that no UTF-8 file can hold; it names the first place where they cannot."""
    return DocumentError(f"document{_surrogate_in(data) or ''} holds a lone surrogate, which no UTF-8 file can.")


def _surrogate_in(data: Any) -> str | None:
    """The path of the first text that no UTF-8 file can hold (of an object, if it is one of its keys), or None."""
    items: Iterable[tuple[str, Any]]
    if isinstance(data, str):
        return "" if any("\ud800" <= character <= "\udfff" for character in data) else None
    if isinstance(data, Mapping):
        if any(_surrogate_in(key) is not None for key in data):
            return ""
        items = ((f".{key}", item) for key, item in data.items())
    elif isinstance(data, list | tuple):
        items = ((f"[{i}]", item) for i, item in enumerate(data))
    else:
        return None
    return next((step + at for step, item in items if (at := _surrogate_in(item)) is not None), None)


@functools.cache
def _adapter(annotation: Any) -> TypeAdapter[Any]:
    return TypeAdapter(annotation)


def _sentence(error: ValidationError) -> str:
    """The first error of pydantic's list in our words."""
    first = error.errors(include_url=False)[0]
    path, context = list(first["loc"]), first.get("ctx", {})
    kind = first["type"]
    if kind == "missing":
        return f"{_path(path[:-1])} lacks the field {path[-1]!r}."
    if kind == "unexpected_keyword_argument":
        return f"{_path(path[:-1])} has the unknown field {path[-1]!r}."
    if kind not in _ACCEPTED:
        return f"{_path(path)} cannot be read: {first['msg']}."
    accepted = _ACCEPTED[kind].format_map(context)
    return f"{_path(path)}{context.get('at', '')} is {_shown(first, context)}; expected {accepted}."


def _path(steps: list[int | str]) -> str:
    return "document" + "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps)


def _shown(error: ErrorDetails, context: Mapping[str, Any]) -> str:
    given = repr(context.get("value", error["input"]))
    return given[:80] + ("…" if len(given) > 80 else "")
