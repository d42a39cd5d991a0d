"""Case recipes: plain data from which an input is rebuilt bit for bit, on any machine.

A case is a regime with parameters, a shape, a format, a layout, a choice of labels and a seed, or explicit
rows as hexadecimal floats. The battery, the Hypothesis strategies, findings and `softcert replay` all speak
in cases; `softcert.cases.inputs` turns one into arrays.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from softcert_oracle.errors import UsageError

RECIPE_VERSION = 1


@dataclass(frozen=True)
class Case:
    """One recipe.

    ``rows`` (hexadecimal floats, one tuple a row) overrides the regime's own values; ``label_values`` overrides
    the label rule. ``options`` are the operation's options, as plain data. ``state`` says how the subject is
    called: "once", "twice", "alone" (each row by itself as well), "interleaved", "reordered".
    """

    regime: str
    rows_count: int
    classes: int
    format: str
    parameters: tuple[tuple[str, Any], ...] = ()
    layout: str = "C"
    labels: str = "random"
    label_dtype: str = "int64"
    state: str = "once"
    options: tuple[tuple[str, Any], ...] = ()
    seed: int = 0
    rows: tuple[tuple[str, ...], ...] | None = None
    label_values: tuple[int, ...] | None = None

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
