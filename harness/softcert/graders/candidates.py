"""Candidates as plain data that another process can be sent: source text, a SPEC, or a pickled function."""

from __future__ import annotations

import ast
import hashlib
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from softcert_oracle import operations

_LONGEST_SPEC = 1000


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
    """A candidate as it travels; whatever cannot be sent is "broken", never an exception."""
    if isinstance(candidate, str):
        is_source = "\n" in candidate or len(candidate) > _LONGEST_SPEC
        return Given(kind="source" if is_source else "spec", data=candidate)
    try:
        import cloudpickle

        return Given(kind="function", data=cloudpickle.dumps(candidate))
    except Exception as error:  # noqa: BLE001 (whatever a candidate's pickling raises)
        return Given(kind="broken", data=f"cannot be sent to a process: {type(error).__name__}: {error}"[:300])


class UnusableError(Exception):
    """A candidate that is none: no Python, or no function of the operation."""


def subject_of(candidate: Given, operation: str, folder: Path) -> Any:
    """What `softcert.executors.describe` takes; a source is written to a file in ``folder``.

    Raises
    ------
    UnusableError
        For source text that is no Python or has no function, and for a broken candidate.
    """
    if candidate.kind == "function":
        import cloudpickle

        return cloudpickle.loads(candidate.data)
    assert isinstance(candidate.data, str)
    if candidate.kind == "broken":
        raise UnusableError(candidate.data)
    if candidate.kind == "spec":
        return candidate.data
    name = _function_in(candidate.data, operation)
    place = Path(tempfile.mkdtemp(dir=folder)) / f"candidate_{candidate.digest[:12]}.py"
    place.write_text(candidate.data, encoding="utf-8", errors="surrogatepass")
    return f"{place}:{name}"


def _function_in(source: str, operation: str) -> str:
    """The function that is meant: the one of the operation's name or alias, else the last at the top of the text."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise UnusableError(f"is no Python: {type(error).__name__}: {error}") from None
    names = [n.name for n in tree.body if isinstance(n, ast.FunctionDef)]
    names += [t.id for n in tree.body if isinstance(n, ast.Assign) for t in n.targets if isinstance(t, ast.Name)]
    entry = operations.lookup(operation)
    for wanted in (entry.name, *entry.aliases):
        if wanted in names:
            return wanted
    functions = [n.name for n in tree.body if isinstance(n, ast.FunctionDef) and not n.name.startswith("_")]
    if not functions:
        raise UnusableError(f"has no function: define {entry.name}")
    return functions[-1]
