"""Rows that bring textbook algorithms as near to their limits as can be: random, adversarial and climbed.

Where a limit is attained: every addition loses its whole rounding (absorption, in the order of a loop and of a tree),
D is at its largest, probabilities are subnormal, a large common offset cancels, the loss is next to zero.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from softcert_oracle.numbers.formats import Format

Array = Any
SHARES = (0.5, 0.9, 0.98, 0.999, 1.02)


def lowest(f: Format) -> float:
    """log of the smallest subnormal: below it e^d is lost."""
    return f.quantum_exponent * float(np.log(2.0))


def absorbed_by_a_loop(f: Format, n: int) -> Array:
    """1 first, then terms just below u: each is lost, n - 1 roundings down; just above u, each rounds up."""
    rows = np.tile(np.log(np.multiply(SHARES, f.unit_roundoff))[:, None], (1, n))
    rows[:, 0] = 0.0
    return rows


def partners(n: int) -> list[list[int]]:
    """What is joined to the first term at each level of `textbook.tree`: the elements below each partner."""
    groups, found = [[i] for i in range(n)], []
    while len(groups) > 1:
        k = len(groups) // 2
        found.append(groups[k])
        groups = [groups[i] + groups[k + i] for i in range(k)] + groups[2 * k :]
    return found


def absorbed_by_a_tree(f: Format, n: int) -> Array:
    """1 first; what meets it at each level adds up to just below u, so that each of the levels loses it."""
    rows = np.zeros((len(SHARES), n))
    for group in partners(n):
        rows[:, group] = np.log(np.multiply(SHARES, f.unit_roundoff) / len(group))[:, None]
    return rows


def ladders(f: Format, n: int, rng: np.random.Generator) -> Array:
    """Equal steps upwards: an online algorithm rescales at each, by the exponential of the same argument."""
    steps = np.concatenate([rng.uniform(0, 1, 12), rng.uniform(0, 0.1, 12), rng.uniform(0.6, 0.75, 12)])
    return np.arange(n) * steps[:, None] if n <= 100 else np.arange(n) * (steps[::12, None] / n)


def rows(f: Format, n: int, rng: np.random.Generator) -> Array:
    """Rows (m, n) of the format, finite."""
    reach, many = -lowest(f), 40 if n <= 10 else 16 if n <= 100 else 4
    parts = [rng.normal(size=(many, n)) * scale for scale in (0.01, 0.3, 1.0, 4.0, reach / 6.0)]
    parts += [rng.uniform(-reach * 1.2, 0.0, size=(many, n)), np.full((1, n), 1.5)]
    parts += [absorbed_by_a_loop(f, n), absorbed_by_a_tree(f, n), ladders(f, n, rng)]
    # D is largest where all but one have d = -(1 + W0((n - 1)/e)): there p_1 = 1/(1 + W), D = W
    w = 1.0
    for _ in range(50):
        w -= (w * np.exp(w) - (n - 1) / np.e) / (np.exp(w) * (1.0 + w))
    widest = np.full((4, n), -(1.0 + w)) * (1.0 + rng.normal(size=(4, 1)) * 0.01)
    widest[:, 0] = 0.0
    parts += [widest, -rng.exponential(size=(many, n)) * np.log(n + 1.0)]
    offsets = (-np.log(n), 1e2, -1e2, 3e3) if f.emax > 15 else (-np.log(n), 50.0, -50.0, 1e3)
    parts += [rng.normal(size=(many // 3 + 1, n)) + offset for offset in offsets]
    for gap in (1.0, 3.0, 6.0, 12.0, 25.0):
        saturated = rng.normal(size=(many // 3 + 1, n)) * 0.3
        saturated[:, 0] += min(gap, reach * 0.8)
        parts.append(saturated)
    return np.concatenate(parts).astype(f.dtype)


def mutated(x: Array, copies: int, rng: np.random.Generator) -> Array:
    """Each row several times, its elements moved by a few units or a small share: candidates to climb with."""
    wide = np.repeat(x.astype(np.float64), copies, axis=0)
    spread = 2.0 ** rng.uniform(-20, -2, size=(len(wide), 1))
    chosen = rng.random(wide.shape) < rng.choice([0.2, 0.5, 1.0], size=(len(wide), 1))
    moved = wide + chosen * rng.normal(size=wide.shape) * spread * (1.0 + np.abs(wide))
    shifted = wide + rng.normal(size=(len(wide), 1)) * spread
    kept = np.where(rng.random((len(wide), 1)) < 0.8, moved, shifted)
    result = kept.astype(x.dtype)
    return result[np.all(np.isfinite(result.astype(np.float64)), axis=1)]
