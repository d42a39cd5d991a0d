"""Case recipes: plain data from which an input is rebuilt bit for bit, on any machine.

A case is a regime with parameters, a shape, a format, a layout, a choice of labels and a seed, or explicit
rows as hexadecimal floats. The battery, the Hypothesis strategies, findings and `softcert replay` all speak
in cases; `softcert.cases.inputs` turns one into arrays.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from enum import StrEnum
from functools import cached_property
from typing import Any

from softcert_oracle.errors import UsageError

RECIPE_VERSION = 1

Parameters = tuple[tuple[str, Any], ...]
"""Names with values, in a fixed order: a mapping that can be hashed."""


class Word(StrEnum):
    """A word of a recipe. It is shown as the plain string that it is, in a document and in ``repr`` alike."""

    __repr__ = str.__repr__


class State(Word):
    """How the subject is called on a case."""

    ONCE = "once"
    TWICE = "twice"
    INTERLEAVED = "interleaved"  # twice, with another input between
    ALONE = "alone"  # each row by itself as well
    REORDERED = "reordered"  # the rows in reverse order as well
    ALTERED = "altered"  # with a few inner logits exchanged or moved as well: what a cache does not look at


class ClaimState(Word):
    """How the subject is called on a case of a claim about bits; the crossings do not have these states."""

    SECOND = "second batch"  # some of its rows in another batch as well
    MANY = "many times"


class Layout(Word):
    """How the logits lie in memory (`softcert.cases.layouts.lay_out`)."""

    C = "C"
    FORTRAN = "Fortran"
    ROW_STRIDE = "row stride"
    COLUMN_STRIDE = "column stride"
    REVERSED_COLUMNS = "reversed columns"
    REVERSED_ROWS = "reversed rows"
    EVERY_OTHER_ROW = "every other row"
    TRANSPOSED_SLICE = "transposed slice"
    OFFSET = "offset"
    READ_ONLY = "read-only"


class LabelRule(Word):
    """How the labels of a case are chosen, where it does not write them out; `at_class` names one class."""

    FIRST = "first"
    LAST = "last"
    ARGMAX = "argmax"
    ARGMIN = "argmin"
    RANDOM = "random"
    SAME = "same"  # one random label for all rows
    MINUS_INF = "minus inf"  # a class whose logit is -inf, where the row has one


AT = "at "


def at_class(number: int) -> str:
    """The label rule that names one class (modulo the number of classes) for every row."""
    return f"{AT}{number}"


@dataclass(frozen=True, kw_only=True)
class Case:
    """One recipe.

    ``rows`` (hexadecimal floats, one tuple a row) overrides the regime's own values; ``label_values`` overrides
    the label rule. ``options`` are the operation's options, as plain data. ``kind`` is what the logits are given as
    (`softcert.cases.claims.input_kinds`). In the state "second batch", ``second`` numbers the rows that make up the
    other batch, and ``second_layout`` is how that one lies in memory.
    """

    regime: str
    rows_count: int
    classes: int
    format: str
    parameters: Parameters = ()
    layout: str = Layout.C
    labels: str = LabelRule.RANDOM
    label_dtype: str = "int64"
    state: str = State.ONCE
    options: Parameters = ()
    seed: int = 0
    rows: tuple[tuple[str, ...], ...] | None = None
    label_values: tuple[int, ...] | None = None
    # Not part of the digest: what lies around an array does not depend on what is done with it.
    kind: str = field(default="arrays", repr=False)
    second: tuple[int, ...] = field(default=(), repr=False)
    second_layout: str = field(default=Layout.C, repr=False)

    @classmethod
    def of(
        cls, regime: str, rows_count: int, classes: int, format: str, parameters: Parameters = (), **fields: Any
    ) -> Case:
        """A case of a regime, (m, C) and a format; further fields by keyword."""
        shape: dict[str, Any] = {"regime": regime, "rows_count": rows_count, "classes": classes, "format": format}
        return cls(**shape, parameters=parameters, **fields)

    @property
    def size(self) -> int:
        """How many logits it has, m C."""
        return self.rows_count * self.classes

    @cached_property
    def digest(self) -> int:
        """A number from every word of the recipe, the same on any machine."""
        return zlib.crc32(repr(self).encode())

    def to_json(self) -> dict[str, Any]:
        """Plain data for a results document; fields at their default are left out."""
        out: dict[str, Any] = {"recipe": RECIPE_VERSION}
        for f in fields(self):
            value = getattr(self, f.name)
            if value != f.default:
                out[f.name] = dict(value) if f.name in ("parameters", "options") else value
        return out

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Case:
        """The case of a results document; `UsageError` for another recipe version or a broken recipe."""
        version = data.get("recipe")
        if version != RECIPE_VERSION:
            raise UsageError(f"recipe={version!r}: this softcert rebuilds cases of recipe version {RECIPE_VERSION}.")
        known = {f.name for f in fields(cls)}
        values = {k: _frozen(k, v) for k, v in data.items() if k != "recipe"}
        if extra := set(values) - known:
            raise UsageError(f"recipe has unknown fields {sorted(extra)}; accepted: {sorted(known)}.")
        try:
            return cls(**values)
        except TypeError as error:
            raise UsageError(f"recipe={dict(data)!r} is incomplete: {error}.") from None

    def with_(self, **changes: Any) -> Case:
        """The same case with some fields changed."""
        return replace(self, **changes)


def _frozen(name: str, value: Any) -> Any:
    if name in ("parameters", "options"):
        return tuple((k, _tuples(v)) for k, v in value.items())
    return _tuples(value)


def _tuples(value: Any) -> Any:
    return tuple(_tuples(v) for v in value) if isinstance(value, list) else value
