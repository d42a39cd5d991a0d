"""A document as its one canonical JSON file: written whole, read strictly, and refused if it was changed.

The file has sorted keys, hexadecimal floats (`softcert_reports.document.fields`) and a digest of all content but the
times, so that equal runs give equal files. The digest is no secret, so every reader also holds the verdict against the
cells that it must follow from.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from softcert_reports.document.atomic import write_whole
from softcert_reports.document.codec import decode, encode, lone_surrogate
from softcert_reports.document.document import SCHEMA, Document
from softcert_reports.document.errors import DocumentError
from softcert_reports.document.verdicts.contradictions import contradictions

_NOT_DIGESTED = {
    "content_digest": True,
    "created": True,
    "timings": True,
    "speed": True,
    "subjects": {"__all__": {"seconds_in_subject": True}},
    "power": {"seconds": True},
}
"""The fields that differ between equal runs, and the digest itself."""


def to_json(document: Document) -> dict[str, Any]:
    """Plain JSON data of a document, the digest filled in.

    Raises
    ------
    DocumentError
        If a field holds a value that does not fit its annotation; the message names its path.
    """
    data: dict[str, Any] = encode(document, Document)
    data["content_digest"] = digest(document)
    return data


def from_json(data: Any, name: str = "document") -> Document:
    """The document that plain JSON data describe.

    Parameters
    ----------
    data
        What `to_json` gives.
    name
        The file's name, for messages.

    Raises
    ------
    DocumentError
        For another kind of data or another version of the schema, for a field that is missing, unknown or of the wrong
        kind, for content that does not match its digest, and for a verdict, level, count, outcome or exit code that
        does not follow from the cells.
    """
    if not isinstance(data, Mapping) or data.get("kind") != "softcert-results":
        raise DocumentError(f"{name} is JSON, but no softcert results document: kind is not 'softcert-results'.")
    if data.get("schema") != SCHEMA:
        raise DocumentError(
            f"{name} has schema version {data.get('schema')!r}; this softcert reads version {SCHEMA}. "
            "Render it with the softcert that wrote it, or run again."
        )
    try:
        document: Document = decode(data, Document)
    except DocumentError as error:
        raise DocumentError(f"{name} is no valid results document: {error}") from None
    except RecursionError:
        raise DocumentError(f"{name} is no valid results document: it is nested too deeply.") from None
    if document.content_digest != digest(document):
        raise DocumentError(
            f"{name} was changed after it was written: its content no longer matches its digest "
            f"({document.content_digest[:23] or 'absent'}…)."
        )
    if found := contradictions(document):
        more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
        raise DocumentError(f"{name} contradicts itself: {found[0]}{more}. No run of softcert writes such a document.")
    return document


def digest(document: Document) -> str:
    """``sha256:...`` over the canonical JSON of everything but the times and the digest itself."""
    data = encode(document, Document, exclude=_NOT_DIGESTED)
    try:
        return "sha256:" + hashlib.sha256(_canonical(data, None).encode()).hexdigest()
    except UnicodeEncodeError:
        raise lone_surrogate(data) from None


def with_digest(document: Document) -> Document:
    """The document with its digest filled in, as `save` would."""
    return replace(document, content_digest=digest(document))


def canonical(document: Document) -> Document:
    """The document as its file would give it back: digest filled in, mappings sorted, plain data frozen."""
    same: Document = decode(json.loads(_canonical(to_json(document), None)), Document)
    return same


def dumps(document: Document) -> str:
    """The canonical text of a document: sorted keys, one space of indentation, one newline at the end.

    Raises
    ------
    DocumentError
        If a field holds a value that does not fit its annotation.

    Examples
    --------
    >>> from softcert_reports.document import Document, dumps, loads
    >>> text = dumps(Document(title="a run", created="2026-01-02T03:04:05Z"))
    >>> loads(text).title
    'a run'
    """
    return _canonical(to_json(document), 1) + "\n"


def loads(text: str, name: str = "document") -> Document:
    """The document in a text.

    Parameters
    ----------
    text
        The content of a file that `save` wrote.
    name
        The file's name, for messages.

    Raises
    ------
    DocumentError
        If the text is not JSON, names a key twice, or is not a whole, unchanged document of this version.
    """
    try:
        data = strict_json(text)
    except DocumentError as error:
        raise DocumentError(f"{name} is not JSON, or was cut short ({error}). Run again to write it anew.") from None
    return from_json(data, name)


def save(document: Document, path: str | Path) -> Document:
    """Write a document whole or not at all.

    Returns
    -------
    Document
        The document with its digest.

    Raises
    ------
    DocumentError
        If a field does not fit its annotation, or the file cannot be written; an older file then stays as it was.
    """
    write_whole(path, dumps(document))
    return with_digest(document)


def load(path: str | Path) -> Document:
    """Read a document from a file.

    Raises
    ------
    DocumentError
        With one sentence that says whether the file is missing, cut short, changed, or of another version.
    """
    try:
        text = Path(path).read_bytes().decode("utf-8")
    except OSError as error:
        raise DocumentError(f"{path} cannot be read: {error.strerror or error}. Give a results.json.") from None
    except UnicodeDecodeError:
        raise DocumentError(f"{path} is not JSON: it is not even UTF-8 text. Give a results.json.") from None
    return loads(text, str(path))


def strict_json(text: str) -> Any:
    """The data in a JSON text.

    Raises
    ------
    DocumentError
        Where the text is not JSON, has a constant that JSON lacks (NaN, Infinity), or names a key of an object twice.
    """
    try:
        return json.loads(text, parse_constant=_refuse, object_pairs_hook=_object)
    except json.JSONDecodeError as error:
        raise DocumentError(f"line {error.lineno}, column {error.colno}") from None
    except (ValueError, RecursionError) as error:
        raise DocumentError(str(error)) from None


def _canonical(data: Any, indent: int | None) -> str:
    separators = (",", ":") if indent is None else (",", ": ")
    return json.dumps(data, sort_keys=True, ensure_ascii=False, allow_nan=False, indent=indent, separators=separators)


def _refuse(constant: str) -> Any:
    raise ValueError(f"the constant {constant} is not JSON")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object of JSON; a key that stands twice would hide one of its values."""
    data = dict(pairs)
    if len(data) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for i, key in enumerate(keys) if key in keys[:i])
        raise ValueError(f"the key {twice[:80]!r} stands twice in one object")
    return data
