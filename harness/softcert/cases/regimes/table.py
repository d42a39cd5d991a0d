"""The table of regimes, and how a family of logits enters it; `families` and `sums` beside it fill it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

Generator = np.random.Generator
Values = np.ndarray  # float64, shape (m, C)


@dataclass(frozen=True, kw_only=True)
class Regime:
    """A family of cases: its name, the axis of the taxonomy it belongs to, what it provokes, how it is made."""

    name: str
    axis: str
    provokes: str
    make: Callable[..., Values]


REGIMES: dict[str, Regime] = {}


def regime(axis: str, provokes: str) -> Callable[[Callable[..., Values]], Callable[..., Values]]:
    """Add a family of logits to `REGIMES`, named by its function: its axis of the taxonomy, and what it provokes."""

    def register(make: Callable[..., Values]) -> Callable[..., Values]:
        name = make.__name__.strip("_").replace("_", " ")
        REGIMES[name] = Regime(name=name, axis=axis, provokes=provokes, make=make)
        return make

    return register
