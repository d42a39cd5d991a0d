"""From limits to a tolerance: the pair atol, rtol that covers every limit on the inputs, as closely as a pair can.

An honest result g is within the limit of the exact value v, and a correctly rounded reference r within half an ulp, so
abs(g - r) <= limit + u abs(v) + eta/2. The pair is the one of smallest mean of (atol + rtol abs(v)) / that bound, with
atol the least for its rtol; a margin is left for other draws of the same law.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from softcert.tolerances.inputs import Draw
from softcert_oracle import limits, operations
from softcert_oracle.limit_parameters import LimitParameters
from softcert_oracle.limits import Limit
from softcert_oracle.numbers import formats
from softcert_oracle.reference import truth

MARGIN = 1.1
"""For other draws of the same law, whose largest limits differ by a few in a hundred."""

_RATIOS = 40


@dataclass(frozen=True, eq=False, kw_only=True)
class Sample:
    """One draw with its exact results and limits.

    Attributes
    ----------
    operation, draw, parameters
        What is computed, on what, under which claims.
    level
        The level whose limits count.
    """

    operation: str
    draw: Draw
    parameters: LimitParameters
    level: str

    @cached_property
    def rows(self) -> truth.Rows:
        """The exact rows."""
        return truth.rows(self.draw.x)

    @cached_property
    def labels(self) -> np.ndarray | None:
        """Labels, where the operation takes them."""
        return self.draw.labels if operations.lookup(self.operation).takes_labels else None

    @cached_property
    def exact(self) -> np.ndarray:
        """The exact results, rounded to float64."""
        reduction = self.parameters.reduction
        return truth.reference(self.operation, self.rows, self.labels, reduction=reduction).to_float()

    @cached_property
    def limit(self) -> Limit:
        """The limit of the level."""
        return limits.limit(self.operation, self.level, self.rows, self.labels, self.parameters)

    @cached_property
    def result(self) -> formats.Format:
        """The format of the result."""
        return self.parameters.result

    @cached_property
    def bound(self) -> np.ndarray:
        """How far an honest result may be from a correctly rounded reference."""
        rounding = self.result.unit_roundoff * np.abs(self.exact) + self.result.smallest_subnormal / 2
        return np.asarray(self.limit.numbers.to_float() + rounding)

    @cached_property
    def ulp(self) -> np.ndarray:
        """One ulp of each exact value."""
        _, exponent = np.frexp(self.exact)
        power = np.maximum(exponent - 1, self.result.emin) - self.result.precision + 1
        return np.asarray(np.ldexp(1.0, power))


@dataclass(frozen=True, kw_only=True)
class Pair:
    """An absolute and a relative tolerance, as in ``abs(got - expected) <= atol + rtol * abs(expected)``."""

    atol: float
    rtol: float

    def on(self, exact: np.ndarray) -> np.ndarray:
        """The tolerance at each exact value."""
        return np.asarray(self.atol + self.rtol * np.abs(exact))


def derived(samples: Sequence[Sample]) -> Pair:
    """The pair that every honest result on the samples meets."""
    exact = np.concatenate([np.abs(s.exact).reshape(-1) for s in samples])
    bound = np.concatenate([s.bound.reshape(-1) for s in samples])
    counted = np.isfinite(exact) & np.isfinite(bound) & (bound > 0)
    exact, bound = exact[counted], bound[counted]
    if not exact.size:
        return Pair(atol=0.0, rtol=0.0)
    steepest = float(np.max(bound / np.where(exact > 0, exact, np.inf)))
    pairs = [_with_least_atol(r, exact, bound) for r in (0.0, *np.geomspace(2.0**-54, min(steepest, 16.0), _RATIOS))]
    best = min(pairs, key=lambda p: float(np.mean(p.on(exact) / bound)))
    return Pair(atol=_rounded_up(MARGIN * best.atol), rtol=_rounded_up(MARGIN * best.rtol))


def _with_least_atol(rtol: float, exact: np.ndarray, bound: np.ndarray) -> Pair:
    return Pair(atol=max(0.0, float(np.max(bound - rtol * exact))), rtol=float(rtol))


def _rounded_up(value: float) -> float:
    """The next number of two significant digits."""
    if value <= 0 or not np.isfinite(value):
        return value
    power = int(np.floor(np.log10(value))) - 1
    digits = int(np.ceil(value / 10.0**power - 1e-9))
    return float(f"{digits}e{power}")
