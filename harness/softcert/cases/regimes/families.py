"""Families of logits, each made to provoke one thing: the vocabulary that recipes are written in.

A regime is a pure function of a random generator, a shape, a format and its parameters. It returns float64
values; `softcert.cases.inputs` rounds them once to the format. Thresholds are the format's own (and those of the
formats that an implementation may compute in), never typed-in decimals.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import Any

import numpy as np

from softcert.cases.regimes import special_values, sums
from softcert.cases.regimes.special_values import SPECIAL
from softcert.cases.regimes.table import REGIMES, Generator, Regime, Values, regime
from softcert_oracle.numbers import formats
from softcert_oracle.numbers.formats import Format


@cache
def thresholds(fmt: Format) -> Mapping[str, float]:
    """Where exp changes its nature: overflow, the edge of the normal range, underflow, absorption.

    Named by format: the format's own and, for formats below 64 bits, float32's where the range reaches them.
    """
    found: dict[str, float] = {}
    for f in dict.fromkeys((fmt, formats.lookup("float32"))):
        found |= {
            f"overflow/{f.name}": math.log(f.largest),
            f"normal/{f.name}": f.emin * math.log(2),
            f"underflow/{f.name}": (f.quantum_exponent - 1) * math.log(2),
            f"absorption/{f.name}": -f.precision * math.log(2),
        }
    return MappingProxyType({k: v for k, v in found.items() if abs(v) < fmt.largest / 2})


@regime("magnitude", "nothing in particular: standard normal logits, scaled")
def _ordinary(rng: Generator, m: int, C: int, fmt: Format, scale: float = 1.0) -> Values:
    return rng.standard_normal((m, C)) * scale


@regime("magnitude", "rounding of x - max, of x - logsumexp and of max + log s at a large common offset")
def _offset(rng: Generator, m: int, C: int, fmt: Format, by: float = 100.0) -> Values:
    # A step of the format at that magnitude is kept between the logits, or they would all be one number.
    step = max(1.0, abs(by) * 4 * fmt.unit_roundoff)
    return by + step * rng.standard_normal((m, C))


@regime("magnitude", "exp at a threshold of a format: the largest logit lies a few ulps to either side of it")
def _edge(rng: Generator, m: int, C: int, fmt: Format, at: str = "", ulps: int = 0) -> Values:
    centre = thresholds(fmt)[at]
    spacing = math.ldexp(1.0, math.floor(math.log2(abs(centre))) - fmt.precision + 1)
    x = centre - np.abs(rng.standard_normal((m, C)))
    x[np.arange(m), rng.integers(0, C, m)] = centre + ulps * spacing
    return x


@regime("magnitude", "gaps to the maximum at a threshold: e^(x - max) is at the edge of a range")
def _gap(rng: Generator, m: int, C: int, fmt: Format, below: float = 0.0, at: int | None = None) -> Values:
    # One dominant logit; the others lie `below` it, give or take a few units in the last place of the gap.
    wobble = 1 + rng.integers(-3, 4, (m, C)) * 2 * fmt.unit_roundoff
    x = -below * wobble
    where = rng.integers(0, C, m) if at is None else np.full(m, at % C)
    x[np.arange(m), where] = 0.0
    return x + rng.integers(-2, 3, (m, 1))


@regime("magnitude", "many small terms beside one large: each is absorbed, their sum is not")
def _absorption(rng: Generator, m: int, C: int, fmt: Format, factor: float = 1.0) -> Values:
    x = np.full((m, C), math.log(fmt.unit_roundoff * factor))
    x[np.arange(m), np.arange(m) % C] = 0.0
    return x


@regime("magnitude", "logits spread over a part of the format's range: x - max may overflow")
def _spread(rng: Generator, m: int, C: int, fmt: Format, part: float = 1.0) -> Values:
    x = rng.uniform(-1, 1, (m, C)) * (fmt.largest * part)
    x[:, 0] = -fmt.largest * part
    x[:, -1] = fmt.largest * part
    return x


@regime("magnitude", "logits from the maximum down to where exp underflows")
def _reach(rng: Generator, m: int, C: int, fmt: Format, depth: float = 1.2) -> Values:
    return rng.uniform(thresholds(fmt)[f"underflow/{fmt.name}"] * depth, 0, (m, C))


@regime("magnitude", "subnormal logits and signed zeros")
def _tiny(rng: Generator, m: int, C: int, fmt: Format, zeros: bool = False) -> Values:
    if zeros:
        return np.where(rng.integers(0, 2, (m, C)) == 1, 0.0, -0.0)
    return rng.integers(-5, 6, (m, C)) * fmt.smallest_subnormal


@regime("magnitude", "equal logits: ties, and sums that stall")
def _ties(rng: Generator, m: int, C: int, fmt: Format, value: float = 1.5, tied: int | None = None) -> Values:
    x = np.full((m, C), value)
    if tied is not None and tied < C:
        x -= 1 + rng.integers(0, 4, (m, C))
        for row in x:
            row[rng.permutation(C)[:tied]] = value
    return x


@regime("magnitude", "logits that rise or fall in equal steps: the running maximum grows at each class, or never")
def _ladder(rng: Generator, m: int, C: int, fmt: Format, step: float = 0.5) -> Values:
    top = max(C - 1, 1)
    step = math.copysign(min(abs(step), fmt.largest / 4 / top), step)
    return np.asarray(np.arange(C) * step + rng.integers(-2, 3, (m, 1)).astype(float))


@regime("position", "the mass at one place: a block edge, the tail, the first or the last class")
def _peak(rng: Generator, m: int, C: int, fmt: Format, at: int = 0, height: float = 6.0) -> Values:
    x = rng.standard_normal((m, C)) * 0.5
    x[:, at % C] = height
    return x


@regime("position", "the mass in one half, or only in the last classes")
def _heavy_tail(rng: Generator, m: int, C: int, fmt: Format, tail: int = 1, height: float = 5.0) -> Values:
    x = rng.standard_normal((m, C)) * 0.5
    x[:, max(C - tail, 0) :] += height
    return x


@regime("rows", "rows far apart in magnitude, so that one row's maximum says nothing of another's")
def _far_rows(rng: Generator, m: int, C: int, fmt: Format, apart: float = 120.0) -> Values:
    return rng.standard_normal((m, C)) - apart * np.arange(m)[:, None] * (1 - 2 * (m > 1 and rng.integers(0, 2)))


@regime("special values", "whole blocks of -inf: a block maximum of -inf, and exp(-inf - -inf)")
def _minus_inf_block(rng: Generator, m: int, C: int, fmt: Format, start: int = 0, size: int = 4) -> Values:
    x = rng.standard_normal((m, C)) * 2
    x[:, start : start + size] = -np.inf
    return x


@regime("special values", "one special value, or several, at chosen classes")
def _special(
    rng: Generator,
    m: int,
    C: int,
    fmt: Format,
    values: tuple[str, ...] = ("-inf",),
    at: tuple[int, ...] = (0,),
    base: float = 1.0,
    only_row: int | None = None,
) -> Values:
    x = rng.standard_normal((m, C)) * base
    rows = slice(None) if only_row is None else only_row % m
    for value, position in zip(values, at, strict=True):
        x[rows, position % C] = float(value)
    return x


@regime("special values", "a row of nothing but -inf, beside ordinary rows")
def _all_minus_inf(rng: Generator, m: int, C: int, fmt: Format, row: int = 0) -> Values:
    x = rng.standard_normal((m, C))
    x[row % m] = -np.inf
    return x


@regime("special values", "the largest finite number and its negative: x - max overflows to -inf, correctly")
def _extreme_pair(rng: Generator, m: int, C: int, fmt: Format, signs: tuple[int, ...] = (1, -1)) -> Values:
    return np.array([[fmt.largest * s for s in (signs * C)[:C]]] * m)


@regime("batch", "losses whose batch sum stalls, or overflows though their mean does not")
def _heavy_batch(rng: Generator, m: int, C: int, fmt: Format, loss: float = 9.0) -> Values:
    # The label is class 0 (recipe labels "first"): it lies `loss` below the others.
    x = rng.standard_normal((m, C)) * 0.25
    x[:, 0] = -loss
    return x


@regime("random", "values drawn over every exponent of the format")
def _any_float(rng: Generator, m: int, C: int, fmt: Format, top: float = 1.0) -> Values:
    exponents = rng.integers(fmt.quantum_exponent, fmt.emax + 1, (m, C)) * top
    return np.asarray(np.ldexp(rng.uniform(1, 2, (m, C)) * rng.choice([-1, 1], (m, C)), exponents.astype(int)))


__all__ = ["REGIMES", "Regime", "sums", "thresholds", "values"]


def values(name: str, rng: Generator, m: int, C: int, fmt: Format, parameters: Mapping[str, Any]) -> Values:
    """The float64 values of a regime, shape (m, C), not yet rounded to the format.

    Parameters
    ----------
    name
        One of `REGIMES`.
    rng, m, C, fmt
        The generator, the shape and the format.
    parameters
        The regime's own; ``special`` beside them puts special values into what the regime made
        (`softcert.cases.regimes.special_values.WAYS`).
    """
    own = dict(parameters)
    special = own.pop(SPECIAL, "none")
    x = REGIMES[name].make(rng, m, C, fmt, **own)
    return special_values.put(x, special, rng)
