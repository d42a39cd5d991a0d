"""What mutants are made of: source files with the subject that each mutant of them becomes."""

from __future__ import annotations

import importlib
import sys
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from types import FrameType, ModuleType
from typing import Any

import numpy as np

from softcert.power.mutations import Mutation, mutations
from softcert_implementations.gallery.model import Correct
from softcert_implementations.implementation import Implementation
from softcert_oracle import operations
from softcert_oracle.levels import Level
from softcert_oracle.numbers import formats

_GALLERY = "softcert_implementations.gallery."
_CORRECT = tuple(
    f"{_GALLERY}correct.{name}"
    for name in ("structure", "summation", "exponential", "online", "logarithm", "precision", "torch_models")
)
_BUNDLED = tuple(f"softcert_implementations.bundled.{name}" for name in ("numpy_shifted", "logsumexp"))
_OPERATIONS_EACH = 2
"""Operations in which a mutant is tried, of those that reach the changed line."""


@dataclass(frozen=True, kw_only=True)
class Original:
    """A source file and the subject that a changed copy of it becomes.

    Attributes
    ----------
    file
        Where the text is read.
    module
        The name of its module, for relative imports.
    attribute
        The attribute of the copy that is the subject; "" for the copy as a whole.
    ending
        Source that is appended to the copy, and makes the attribute.
    keywords
        Keywords of `softcert.executors.describe`.
    """

    file: str
    module: str
    attribute: str = ""
    ending: str = ""
    keywords: Mapping[str, Any] = field(default_factory=dict, compare=False)


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """A mutant to be tried: a mutation of a file, and the operation and format in which it is tried."""

    original: Original
    name: str
    mutation: int
    operation: str
    format: str


@dataclass(frozen=True, kw_only=True)
class _Entry:
    """One correct implementation of a module, with the lines that each of its operations runs."""

    name: str
    original: Original
    lines: Mapping[tuple[str, str], frozenset[int]]


@lru_cache(maxsize=64)
def text(file: str) -> str:
    """The text of a source file."""
    return Path(file).read_text(encoding="utf-8")


def gallery() -> tuple[list[Candidate], int]:
    """Every mutant of the correct implementations, and the number of mutations that no operation reaches."""
    found: list[Candidate] = []
    unreached = 0
    for name in (*_CORRECT, f"{_GALLERY}textbook", f"{_GALLERY}correct.operations_from_parts", *_BUNDLED):
        try:
            module = importlib.import_module(name)
        except ImportError:  # a library that is not installed
            continue
        entries = list(_entries(module))
        for mutation in mutations(text(str(module.__file__))):
            chosen = list(_chosen(mutation, entries))
            found += chosen
            unreached += not chosen
    return found, unreached


def _chosen(mutation: Mutation, entries: Iterable[_Entry]) -> Iterator[Candidate]:
    """The operations in which a mutation is tried: one implementation and format each, the same for a function."""
    lines = set(range(mutation.line, mutation.end_line + 1))
    reached = [(e, op, f) for e in entries for (op, f), ran in e.lines.items() if ran & lines]
    turn = zlib.crc32(mutation.function.encode())
    names = sorted({op for _, op, _ in reached})
    for k in range(min(_OPERATIONS_EACH, len(names))):
        operation = names[(turn + k) % len(names)]
        fitting = [r for r in reached if r[1] == operation]
        entry, _, format = fitting[(turn >> 8) % len(fitting)]
        yield Candidate(
            original=entry.original, name=entry.name, mutation=mutation.number, operation=operation, format=format
        )


def _entries(module: ModuleType) -> Iterator[_Entry]:
    """The subjects of a module, and how each is made from a copy of its text."""
    file, name = str(module.__file__), module.__name__
    if hasattr(module, "IMPLEMENTATION"):
        subject: Implementation = module.IMPLEMENTATION
        original = Original(file=file, module=name, attribute="IMPLEMENTATION")
        yield _traced(subject.name, original, subject.ops, subject.dtypes, file)
    elif hasattr(module, "CORRECT"):
        for each in module.CORRECT:
            ending = f"SUBJECT = next(c for c in CORRECT if c.name == {each.name!r}).implementation()\n"
            original = Original(file=file, module=name, attribute="SUBJECT", ending=ending)
            yield _traced(each.name, original, each.ops, each.formats, file, each)
    else:
        making = _MAKING[name.removeprefix(_GALLERY)]
        space = dict(vars(module))
        exec(making, space)  # our own text, from the table below
        made: Implementation = space["SUBJECT"]
        original = Original(file=file, module=name, attribute="SUBJECT", ending=making)
        yield _traced(made.name, original, made.ops, made.dtypes, file)


_MAKING = {
    "textbook": """
from softcert_implementations.gallery.correct.operations_from_parts import ALL, silent
from softcert_implementations.implementation import Implementation, operations_in
SUBJECT = Implementation("textbook", silent(operations_in(globals())), ALL, batched=True)
""",
    "correct.operations_from_parts": """
from softcert_implementations.implementation import Implementation
SUBJECT = Implementation("sum", from_sum(lambda e: e.sum(-1, keepdims=True)), ALL, batched=True)
""",
}
"""How modules of parts become subjects."""


def _traced(
    name: str,
    original: Original,
    ops: Mapping[str, Callable[..., Any]],
    format_names: Iterable[str],
    file: str,
    correct: Correct | None = None,
) -> _Entry:
    pairs = [
        (operation, format)
        for operation in ops
        for format in format_names
        if correct is None or correct.expected_level(operation, format) >= Level.STABLE
    ]
    arrays = correct.arrays if correct else "numpy"
    lines = {pair: lines_run(ops[pair[0]], *pair, file, arrays) for pair in pairs}
    return _Entry(name=name, original=original, lines=lines)


_TRIED = (
    [[0.5, -1.0, 2.0, 0.25, 1.5, -3.0, 0.0, 1.0, 2.5, -0.5]],
    [[-np.inf, 1.0, 0.0], [-np.inf, -np.inf, -np.inf], [np.inf, 0.0, np.nan]],
    [[200.0, -200.0], [0.0, 0.0], [1e4, -1e4]],
    [[3.0]],
)


def lines_run(function: Callable[..., Any], operation: str, format: str, file: str, arrays: str) -> frozenset[int]:
    """The lines of a file that a function runs on a few small inputs."""
    seen: set[int] = set()

    def trace(frame: FrameType, event: str, argument: object) -> Any:
        if frame.f_code.co_filename != file:
            return None
        if event == "line":
            seen.add(frame.f_lineno)
        return trace

    before = sys.gettrace()
    for rows in _TRIED:
        arguments = _arguments(rows, operation, format, arrays)
        sys.settrace(trace)
        try:
            function(*arguments)
        except Exception:  # noqa: BLE001 (an input that it refuses; what it ran until then counts)
            pass
        finally:
            sys.settrace(before)
    return frozenset(seen)


def _arguments(rows: list[list[float]], operation: str, format: str, arrays: str) -> tuple[Any, ...]:
    x = np.array(rows, np.float64).astype(formats.lookup(format).dtype)
    labels = np.zeros(len(rows), np.int64)
    taken = (x, labels) if operations.lookup(operation).takes_labels else (x,)
    if arrays == "numpy":
        return taken
    import torch

    widened = torch.tensor(np.array(rows, np.float64)).to(getattr(torch, format))
    return (widened, torch.tensor(labels)) if len(taken) == 2 else (widened,)
