"""Candidates as plain data that another process can be sent: source text, a SPEC, or a pickled function."""

from __future__ import annotations

import ast
import hashlib
import re
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from softcert.executors.pickling import Pickled, dump
from softcert_implementations.implementation import Implementation
from softcert_oracle import operations

_LONGEST_SPEC = 1000
_LONGEST_SOURCE = 1_000_000
_STATEMENT = re.compile(r"\b(?:def|lambda|import|class|return)\b")


@dataclass(frozen=True, kw_only=True)
class Given:
    """A candidate.

    Attributes
    ----------
    kind
        "source", "spec", "function" or "broken".
    data
        The text, the SPEC, the pickled function, or why there is none.
    """

    kind: str
    data: str | bytes

    @property
    def digest(self) -> str:
        """SHA-256 of the data."""
        data = self.data.encode("utf-8", "surrogatepass") if isinstance(self.data, str) else self.data
        return hashlib.sha256(data).hexdigest()


def given(candidate: Any) -> Given:
    """A candidate as it travels; whatever cannot be sent is "broken", never an exception.

    Parameters
    ----------
    candidate
        Text, a callable, or a mapping that says which text it is: ``{"source": text}`` or ``{"spec": text}``. A text
        alone is source where it has several lines, or defines or imports something, else a SPEC.
    """
    try:
        if isinstance(candidate, Mapping):
            return _said(candidate)
        if isinstance(candidate, str):
            text = str.__str__(candidate)
            return Given(kind="source" if _is_source(text) else "spec", data=text)
        if not callable(candidate) and not isinstance(candidate, Implementation):
            raise TypeError(f"{type(candidate).__name__} is neither text nor a callable")
        return Given(kind="function", data=dump(candidate, {}))
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # noqa: BLE001 (a candidate's own code runs where it is looked at and pickled)
        return Given(kind="broken", data=f"cannot be sent to a process: {type(error).__name__}: {_text(error)}"[:300])


def _said(candidate: Mapping[Any, Any]) -> Given:
    for kind in ("source", "spec"):
        text = candidate.get(kind)
        if isinstance(text, str):
            return Given(kind=kind, data=str.__str__(text))
    raise TypeError("a mapping without a text as `source` or `spec`")


def _is_source(text: str) -> bool:
    return len(text) > _LONGEST_SPEC or "\n" in text or _STATEMENT.search(text) is not None


def _text(error: BaseException) -> str:
    """The text of an exception, also of one whose own text raises."""
    try:
        return str(error)
    except BaseException:  # noqa: BLE001 (a candidate's own exception)
        return ""


class UnusableError(Exception):
    """A candidate that is none: no Python, or no function of the operation."""


def subjects_of(candidate: Given, operation: str, folder: Path) -> list[Any]:
    """What `softcert.executors.describe` takes: the first that exists is the candidate.

    A source is written to a file in ``folder``. The function of the operation's name comes first, whatever the text
    says of it, since whoever uses the file uses that one; then its aliases; then the last function at the top.

    Raises
    ------
    UnusableError
        For source text that is no Python or has no function, and for a broken candidate.
    """
    if isinstance(candidate.data, bytes):
        return [Pickled(candidate.data)]
    if candidate.kind == "broken":
        raise UnusableError(candidate.data)
    if candidate.kind == "spec":
        return [candidate.data]
    names = names_in(candidate.data, operation)
    place = Path(tempfile.mkdtemp(dir=folder)) / f"candidate_{candidate.digest[:12]}.py"
    place.write_text(candidate.data, encoding="utf-8")
    return [f"{place}:{name}" for name in names]


def names_in(source: str, operation: str) -> list[str]:
    """The names that a source may have given its function, the likeliest first.

    Raises
    ------
    UnusableError
        For text that is no Python, is too long, or defines nothing.
    """
    if len(source) > _LONGEST_SOURCE:
        raise UnusableError(f"has {len(source)} characters: at most {_LONGEST_SOURCE} are read")
    try:
        source.encode("utf-8")
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise UnusableError(f"is no Python: {type(error).__name__}: {error}") from None
    if not tree.body:
        raise UnusableError(f"has no function: define {operation}")
    entry = operations.lookup(operation)
    functions = [n.name for n in tree.body if isinstance(n, ast.FunctionDef) and not n.name.startswith("_")]
    return list(dict.fromkeys((entry.name, *entry.aliases, *functions[-1:])))
