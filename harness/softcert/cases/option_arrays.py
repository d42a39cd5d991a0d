"""Array-valued options, rebuilt from a case: values by rule or in hexadecimal, placed in poisoned memory.

A rule names what provokes something (weights of zero, a row of targets that are all zero, a mask that leaves nothing);
its numbers come from the case's own random generator, so that they are the same wherever the case is built.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from softcert.cases.case import Case
from softcert.cases.inputs import poison
from softcert.cases.layouts import lay_out
from softcert.executors.protocol import Array
from softcert_oracle.errors import UsageError, unknown
from softcert_oracle.numbers.formats import Format

Values = np.ndarray
HEX = "hex"
"""The rule of values that are written out: taken in turn until the array is full, so that any shape is served."""


@dataclass(frozen=True, eq=False, kw_only=True)
class RuleContext:
    """What a rule may look at: the case, its logits (m, C) and labels (m,), and the shape that is wanted."""

    case: Case
    x: Values
    labels: Values
    shape: tuple[int, ...]
    rng: np.random.Generator


Rule = Callable[[RuleContext], Values]


def _signs(s: RuleContext) -> Values:
    return np.where(s.rng.random(s.shape) < 0.5, -1.0, 1.0)


def _marked(s: RuleContext) -> Values:
    """One-hot labels (m, C)."""
    found = np.zeros(s.x.shape)
    if found.size:
        found[np.arange(len(s.x)), s.labels] = 1.0
    return found


def _shares(s: RuleContext) -> Values:
    draws = s.rng.random(s.x.shape) ** 3 + 2.0**-10
    return np.asarray(draws / draws.sum(axis=1, keepdims=True))


def _without_row(values: Values) -> Values:
    values = values.copy()
    values[:1] = 0
    return values


def _finite_shares(s: RuleContext) -> Values:
    draws = np.where(np.isfinite(s.x), _shares(s), 0.0)
    total = draws.sum(axis=1, keepdims=True)
    return np.asarray(draws / np.where(total > 0, total, 1.0))


def _kept_at_random(s: RuleContext) -> Values:
    return np.asarray((s.rng.random(s.x.shape) < 0.6) | (_marked(s) > 0))


def _without_largest(s: RuleContext) -> Values:
    top = np.argmax(np.where(np.isfinite(s.x), s.x, -np.inf), axis=1)
    keep = np.ones(s.x.shape, bool)
    keep[np.arange(len(s.x)), top] = False
    return np.asarray(keep | (_marked(s) > 0))


def _half(s: RuleContext) -> Values:
    columns = np.arange(s.x.shape[1])
    return np.asarray((columns[None, :] >= s.x.shape[1] // 2) | (_marked(s) > 0))


RULES: Mapping[str, Mapping[str, Rule]] = {
    "weight": {
        "random": lambda s: s.rng.uniform(0.25, 4.0, s.shape),
        "wide": lambda s: 2.0 ** s.rng.uniform(-8.0, 8.0, s.shape),
        "some zero": lambda s: s.rng.uniform(0.25, 4.0, s.shape) * (np.arange(s.shape[0]) % 2),
        "all zero": lambda s: np.zeros(s.shape),
        "ones": lambda s: np.ones(s.shape),
    },
    "targets": {
        "random": _shares,
        "not one": lambda s: _shares(s) * s.rng.uniform(0.2, 3.0, (len(s.x), 1)),
        "zero row": lambda s: _without_row(_shares(s)),
        "all zero": lambda s: np.zeros(s.x.shape),
        "one-hot": _marked,
        "zero on -inf": _finite_shares,
    },
    "mask": {
        "random": _kept_at_random,
        "half": _half,
        "label only": lambda s: _marked(s) > 0,
        "without the largest": _without_largest,
        "without the label": lambda s: _marked(s) == 0,
        "nothing in the first row": lambda s: _without_row(_kept_at_random(s)),
        "all": lambda s: np.ones(s.x.shape, bool),
    },
    "upstream": {
        "random": lambda s: s.rng.standard_normal(s.shape),
        "ones": lambda s: np.ones(s.shape),
        "zero": lambda s: np.zeros(s.shape),
        "some zero": lambda s: s.rng.standard_normal(s.shape) * (s.rng.random(s.shape) < 0.5),
        "negative": lambda s: -s.rng.uniform(0.5, 2.0, s.shape),
        "large": lambda s: _signs(s) * s.rng.uniform(100.0, 1000.0, s.shape),
        "uniform": lambda s: np.full(s.shape, 0.75),
    },
    "out": {"NaN": lambda s: np.full(s.shape, np.nan)},
}
"""By array-valued option: the rules by which it is made."""


def values(option: str, rule: Any, s: RuleContext, fmt: Format) -> Values:
    """The values of an option (m, C), (C,) or as ``s.shape`` says, in the format; booleans for a mask."""
    if isinstance(rule, tuple) and rule[:1] == (HEX,):
        try:
            written = np.array([float.fromhex(v) for v in rule[1]], dtype=np.float64)
        except (IndexError, TypeError, ValueError) as error:
            raise UsageError(f"{option}={rule!r}: give ('hex', (numbers in hexadecimal, ...)): {error}.") from None
        made: Values = np.resize(written, s.shape)
    elif rule in RULES.get(option, {}):
        made = RULES[option][rule](s)
    else:
        raise unknown(f"rule for {option}", rule, [*RULES.get(option, {}), HEX])
    return made.astype(bool) if option == "mask" else np.asarray(made.astype(fmt.dtype))


def place(array: Values, layout: str, case: Case, fmt: Format) -> Array:
    """An array as it travels, within poisoned memory.

    Layouts of two-dimensional arrays are those of `softcert.cases.layouts.LAYOUTS`. For others "C" and "offset" exist;
    any other word means every other element of a longer run.
    """
    filling = poison(case, fmt)
    name = "bool" if array.dtype == bool else fmt.name
    if array.ndim == 2:
        view, buffer = lay_out(array, layout, filling)
        return Array.of(view, buffer, name)
    flat = array.reshape(1, -1)
    view, buffer = lay_out(flat, layout if layout in ("C", "offset") else "column stride", filling)
    return Array.of(view[0].reshape(array.shape), buffer, name)
