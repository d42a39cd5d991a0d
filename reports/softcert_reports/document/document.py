"""The results document: what one run of softcert found, as frozen dataclasses and as one canonical JSON file.

Everything that people and machines are shown is rendered from it alone. Errors and limits are float64 numbers
(in ulp, or relative or absolute where ``unit`` says so); the file holds them as hexadecimal floats (see
`softcert_reports.document.codec`) and a digest of all content but the times. DESIGN sections 7 to 11 give the vocabulary.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from softcert_reports.document.atomic import write_whole
from softcert_reports.document.codec import DocumentError, decode, encode
from softcert_reports.document.ground_truth import GroundTruth, Power
from softcert_reports.document.levels import Level
from softcert_reports.document.records import (
    TIME,
    Baseline,
    Cell,
    Coverage,
    Domain,
    Finding,
    Growth,
    Histogram,
    LimitEntry,
    Observation,
    Pairwise,
    Property,
    Series,
    SpecialValue,
    Speed,
    Subject,
)

SCHEMA = 1
"""Version of the results document; it grows with every change that an older reader would misread."""


@dataclass(frozen=True)
class Document:
    """One run. ``exit_code`` as DESIGN section 3 defines it; ``content_digest`` is set by `save` and `loads`."""

    title: str
    created: str = field(metadata=TIME)
    schema: int = SCHEMA
    kind: Literal["softcert-results"] = "softcert-results"
    complete: bool = True
    incomplete_reason: str = ""
    command: str = ""
    seed: int = 0
    effort: str = ""
    asked_level: Level = Level.STABLE
    exit_code: int = 3
    versions: Mapping[str, str] = field(default_factory=dict)
    environment: Mapping[str, Any] = field(default_factory=dict)
    timings: Mapping[str, float] = field(default_factory=dict, metadata=TIME)
    subjects: tuple[Subject, ...] = ()
    properties: tuple[Property, ...] = ()
    cells: tuple[Cell, ...] = ()
    findings: tuple[Finding, ...] = ()
    observations: tuple[Observation, ...] = ()
    domains: tuple[Domain, ...] = ()
    series: tuple[Series, ...] = ()
    histograms: tuple[Histogram, ...] = ()
    growth: tuple[Growth, ...] = ()
    speed: tuple[Speed, ...] = field(default=(), metadata=TIME)
    pairwise: tuple[Pairwise, ...] = ()
    special_values: tuple[SpecialValue, ...] = ()
    coverage: tuple[Coverage, ...] = ()
    limits: tuple[LimitEntry, ...] = ()
    ground_truth: GroundTruth = field(default_factory=GroundTruth)
    power: Power | None = None
    baseline: Baseline | None = None
    content_digest: str = ""


def to_json(document: Document) -> dict[str, Any]:
    """Plain JSON data, the digest filled in; `DocumentError` where a field holds what it must not."""
    data: dict[str, Any] = encode(document, Document)
    data["content_digest"] = digest(document)
    return data


def from_json(data: Any, name: str = "document") -> Document:
    """The document that plain data describe; `DocumentError` for another kind, version, shape or digest."""
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
    if document.content_digest != digest(document):
        raise DocumentError(
            f"{name} was changed after it was written: its content no longer matches its digest "
            f"({document.content_digest[:23] or 'absent'}…)."
        )
    return document


def digest(document: Document) -> str:
    """``sha256:...`` over the canonical JSON of everything but the times and the digest itself."""
    data = encode(document, Document, times=False)
    del data["content_digest"]
    return "sha256:" + hashlib.sha256(_canonical(data, None).encode()).hexdigest()


def with_digest(document: Document) -> Document:
    """The document with its digest filled in, as `save` would."""
    return replace(document, content_digest=digest(document))


def canonical(document: Document) -> Document:
    """The document as its file would give it back: digest filled in, mappings sorted, plain data frozen."""
    same: Document = decode(json.loads(_canonical(to_json(document), None)), Document)
    return same


def dumps(document: Document) -> str:
    """The canonical text of a document: sorted keys, one space of indentation, one newline at the end."""
    return _canonical(to_json(document), 1) + "\n"


def loads(text: str, name: str = "document") -> Document:
    """The document in a text; `DocumentError` for what is not whole, unchanged and of this version."""
    try:
        data = json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        where = f"line {error.lineno}, column {error.colno}" if isinstance(error, json.JSONDecodeError) else str(error)
        raise DocumentError(f"{name} is not JSON, or was cut short ({where}). Run again to write it anew.") from None
    return from_json(data, name)


def save(document: Document, path: str | Path) -> Document:
    """Write the document whole or not at all; returns it with its digest. `DocumentError` where it cannot."""
    write_whole(path, dumps(document))
    return with_digest(document)


def load(path: str | Path) -> Document:
    """Read a document; `DocumentError` with one sentence for what is missing, cut short, changed or too new."""
    try:
        text = Path(path).read_bytes().decode("utf-8")
    except OSError as error:
        raise DocumentError(f"{path} cannot be read: {error.strerror or error}. Give a results.json.") from None
    except UnicodeDecodeError:
        raise DocumentError(f"{path} is not JSON: it is not even UTF-8 text. Give a results.json.") from None
    return loads(text, str(path))


def _canonical(data: Any, indent: int | None) -> str:
    separators = (",", ":") if indent is None else (",", ": ")
    return json.dumps(data, sort_keys=True, ensure_ascii=False, allow_nan=False, indent=indent, separators=separators)


def _refuse(constant: str) -> Any:
    raise ValueError(f"the constant {constant} is not JSON")
