"""Rows at vocabulary sizes whose limits are narrow: few terms that are not 0, small integers, concentrated rows."""

from __future__ import annotations

from typing import Any

import numpy as np

from softcert_oracle.numbers.formats import Format

Array = Any
KINDS = ("integers", "class bits", "sparse", "concentrated", "tail", "absorbed", "dense")


def nothing(f: Format, rng: np.random.Generator) -> float:
    """-inf, or a logit whose exponential is 0 in the format."""
    return -np.inf if rng.random() < 0.5 else -50.0 + 1.3 * f.quantum_exponent * float(np.log(2.0))


def row(kind: str, f: Format, n: int, rng: np.random.Generator) -> Array:
    """One row of a kind, float64 (n,)."""
    if kind == "integers":
        x = np.full(n, nothing(f, rng))
        many = max(1, int(min(n, 2**f.precision) * rng.choice([1.0, 0.5, 0.1, 0.001])))
        x[rng.choice(n, many, replace=False)] = 0.0
        return x
    if kind == "class bits":
        bit = rng.integers(0, max(1, int(np.log2(n))))
        ones = (np.arange(n) >> bit & 1).astype(bool) ^ bool(rng.integers(0, 2))
        ones[2**f.precision :] = False
        return np.where(ones, 0.0, nothing(f, rng)) if ones.any() else np.zeros(n)
    if kind == "sparse":
        x = np.full(n, nothing(f, rng))
        x[rng.choice(n, min(n, rng.integers(2, 65)), replace=False)] = 0.0
        return np.where(x == 0, rng.normal(size=n) * rng.choice([0.1, 1, 3]), x)
    if kind == "concentrated":
        few = min(n, int(rng.choice([1, 5, 60, 300])))
        x = rng.normal(size=n) * 0.5 - rng.choice([8.0, 14.0, 20.0, 30.0, 45.0])
        x[rng.choice(n, few, replace=False)] = rng.normal(size=few)
        return x
    if kind == "tail":
        return -rng.exponential(size=n) * rng.choice([3.0, 8.0, 20.0])
    if kind == "absorbed":  # 1 at one place, the others next to half an ulp of the partial sums
        share = rng.choice([0.5, 0.9, 0.98, 0.999, 1.02]) * f.unit_roundoff * rng.choice([1.0, 1.0, 0.25, 0.02])
        x = np.full(n, np.log(share))
        x[rng.choice([0, n - 1, n // 2])] = 0.0
        return x
    return rng.normal(size=n) * 2.0


def rows(f: Format, n: int, many: int, rng: np.random.Generator) -> Array:
    """``many`` rows (many, n) of float64, one kind after the other; a third with a common offset of its own."""
    x = np.stack([row(KINDS[i % len(KINDS)], f, n, rng) for i in range(many)])
    moved = (rng.random(many) < 0.33) & np.isin(np.arange(many) % len(KINDS), (2, 3, 4, 6))
    return x + np.where(moved, rng.choice([-10.0, 7.25, 100.0], size=many), 0.0)[:, None]
