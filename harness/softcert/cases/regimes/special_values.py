"""Special values put into logits of any regime: in every row, or in one row that the others must not notice."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from softcert_oracle.errors import unknown
from softcert_oracle.numbers.formats import Format

SPECIAL = "special"
"""The parameter that any regime takes beside its own."""

NONE = "none"


def _minus_inf_at_the_ends(x: np.ndarray, rng: np.random.Generator) -> None:
    # Of two classes only the first one, or nothing would be left.
    x[:, 0] = -np.inf
    x[:, 2:][:, -1:] = -np.inf


def _minus_inf_half(x: np.ndarray, rng: np.random.Generator) -> None:
    # The largest logit of a row stays, or nothing would be left of some rows.
    top = np.argmax(x, axis=1)
    largest = x[np.arange(len(x)), top]
    x[rng.integers(0, 2, x.shape) == 1] = -np.inf
    x[np.arange(len(x)), top] = largest


def _not_finite_in_a_row(x: np.ndarray, rng: np.random.Generator) -> None:
    # NaN or inf, as it comes.
    x[len(x) // 2, rng.integers(0, x.shape[1])] = (np.inf, np.nan)[rng.integers(0, 2)]


def _nan_in_a_row(x: np.ndarray, rng: np.random.Generator) -> None:
    x[len(x) // 2, rng.integers(0, x.shape[1])] = np.nan


WAYS: Mapping[str, Callable[[np.ndarray, np.random.Generator], None]] = {
    NONE: lambda x, rng: None,
    "-inf at the ends": _minus_inf_at_the_ends,
    "-inf in half": _minus_inf_half,
    "inf or nan in a row": _not_finite_in_a_row,
    "nan in a row": _nan_in_a_row,
}
"""By name: changes logits (m, C) in place."""


def ways(fmt: Format) -> tuple[str, ...]:
    """The ways that a format can express, without those that another one includes."""
    return tuple(way for way in WAYS if (way != "nan in a row" if fmt.has_infinity else "inf" not in way))


def put(x: np.ndarray, way: str, rng: np.random.Generator) -> np.ndarray:
    """Logits (m, C) of float64 with special values among them.

    Raises
    ------
    UsageError
        For a way that is not one of `WAYS`.
    """
    if way not in WAYS:
        raise unknown("way of special values", way, WAYS)
    if way != NONE and x.size:
        WAYS[way](x, rng)
    return x
