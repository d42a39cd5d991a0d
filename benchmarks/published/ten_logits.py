"""Five algorithms on vectors of ten logits in 16 bits, beside their published bounds and the exact results.

    python -m benchmarks.published.ten_logits [--rows 100000] [--seed 0]

Blanchard, D. J. Higham and N. J. Higham (IMA J. Numer. Anal. 41, 2021) test log-sum-exp and softmax on the ten logits
of a network's last layer, in float16 and bfloat16, against float32. Here the reference is exact, the vectors are drawn
(their network's are not published), and every operation is rounded to the format natively. Bounds are those of their
theorems to first order in u, without the O(u^2) that follows each.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np

from softcert_oracle.numbers import formats
from softcert_oracle.reference import truth

Array = Any
CLASSES = 10
FORMATS = ("float16", "bfloat16")


@dataclass(frozen=True, kw_only=True)
class Exact:
    """What the bounds are made of, for rows x (m, n): y their log-sum-exp (m,), g their softmax (m, n)."""

    x: Array
    y: Array
    g: Array
    u: float

    @property
    def n(self) -> int:
        """How many logits a row has."""
        return int(self.x.shape[1])


@dataclass(frozen=True, kw_only=True)
class Algorithm:
    """An algorithm of the paper with its bound.

    Parameters
    ----------
    name
        In words.
    run
        Rows (m, n) of a format to results of it, (m,) or (m, n).
    bound
        The relative error that the theorem allows, (m,).
    """

    name: str
    run: Callable[[Array], Array]
    bound: Callable[[Exact], Array]


def summed(terms: Array) -> Array:
    """Sums (m,) of terms (m, k), one after the other, each rounded to the format."""
    total = terms[:, 0].copy()
    for k in range(1, terms.shape[1]):
        total = total + terms[:, k]
    return total


def plain_lse(x: Array) -> Array:
    """log(sum(exp(x)))."""
    return np.log(summed(np.exp(x)))


def plain_softmax(x: Array) -> Array:
    """exp(x) / sum(exp(x))."""
    e = np.exp(x)
    return e / summed(e)[:, None]


def shifted(x: Array) -> tuple[Array, Array, Array]:
    """The maximum a (m,), exp(x - a) (m, n), and the sum of these without the maximum's own 1 (m,)."""
    rows, top = np.arange(len(x)), x.argmax(axis=1)
    a = x[rows, top]
    e = np.exp(x - a[:, None])
    others = e.copy()
    others[rows, top] = 0
    return a, e, summed(others)


def shifted_lse(x: Array) -> Array:
    """a + log1p(sum of the others)."""
    a, _, s = shifted(x)
    return a + np.log1p(s)


def shifted_softmax(x: Array) -> Array:
    """exp(x - a) / (1 + sum of the others)."""
    _, e, s = shifted(x)
    return e / (s.dtype.type(1) + s)[:, None]


def without_division(x: Array) -> Array:
    """exp(x - lse(x)), the log-sum-exp shifted."""
    return np.exp(x - shifted_lse(x)[:, None])


def _shifted_lse_error(e: Exact) -> Array:
    return np.abs(e.y + e.n - e.x.min(axis=1)) * e.u


ALGORITHMS = (
    Algorithm(
        name="log-sum-exp, unshifted",
        run=plain_lse,
        bound=lambda e: (1 + (e.n + 1) / np.abs(e.y)) * e.u,
    ),
    Algorithm(
        name="log-sum-exp, shifted",
        run=shifted_lse,
        bound=lambda e: _shifted_lse_error(e) / np.abs(e.y),
    ),
    Algorithm(
        name="softmax, unshifted",
        run=plain_softmax,
        bound=lambda e: np.full(len(e.x), (e.n + 3) * e.u),
    ),
    Algorithm(
        name="softmax, shifted",
        run=shifted_softmax,
        bound=lambda e: (e.n + 2 + 2 * (e.x.max(axis=1) - e.x.min(axis=1))) * e.u,
    ),
    Algorithm(
        name="softmax without division, shifted",
        run=without_division,
        bound=lambda e: _shifted_lse_error(e) + (np.abs(e.x - e.y[:, None]).max(axis=1) + 2) * e.u,
    ),
)

FAMILIES: Mapping[str, Callable[[np.random.Generator, int], Array]] = MappingProxyType(
    {
        "ordinary": lambda rng, m: rng.standard_normal((m, CLASSES)) * 2,
        "confident": lambda rng, m: rng.standard_normal((m, CLASSES)) * 2 + 8 * np.eye(CLASSES)[rng.integers(0, 10, m)],
        "in the unit interval": lambda rng, m: rng.uniform(0, 1, (m, CLASSES)),
        "nearly normalised": lambda rng, m: _nearly_normalised(rng, m),
    }
)
"""Vectors by kind, each small enough that no exponential overflows or becomes subnormal in float16."""


def _nearly_normalised(rng: np.random.Generator, m: int) -> Array:
    """Log-probabilities, moved a little: their log-sum-exp is near 0, where the unshifted bound is wide."""
    x = rng.standard_normal((m, CLASSES)) * 2
    return x - np.log(np.exp(x).sum(axis=1, keepdims=True)) + rng.standard_normal((m, 1)) * 0.1


def vectors(rows: int, seed: int, dtype: Any) -> Array:
    """Rows (about ``rows``, 10) of a format, as many of each family, without those whose exponentials leave it."""
    rng = np.random.default_rng(seed)
    each = [make(rng, rows // len(FAMILIES)) for make in FAMILIES.values()]
    x = np.concatenate(each).astype(dtype)
    wide = x.astype(np.float64)
    return x[(wide.max(axis=1) < 9) & (wide.min(axis=1) > -9)]


def errors(x: Array, algorithm: Algorithm, exact: Exact) -> tuple[Array, Array]:
    """By row: the error in the maximum norm over the norm of the exact result, and the largest of a single element."""
    with np.errstate(all="ignore"):
        got = algorithm.run(x).astype(np.float64)
    right = exact.y if got.ndim == 1 else exact.g
    got, right = got.reshape(len(x), -1), right.reshape(len(x), -1)
    off, size = np.abs(got - right), np.abs(right)
    return off.max(axis=1) / size.max(axis=1), (off / size).max(axis=1)


def lines(rows: int, seed: int) -> Iterator[str]:
    """The table of docs/published.md."""
    yield "| algorithm | format | bound holds, by norm | by element | worst error / bound | median | of rows |"
    yield "|---|---|---|---|---|---|---|"
    for name in FORMATS:
        fmt = formats.lookup(name)
        x = vectors(rows, seed, fmt.dtype)
        found = truth.rows(x.astype(np.float64))
        exact = Exact(
            x=x.astype(np.float64),
            y=found.logsumexp.to_float(),
            g=found.softmax.to_float(),
            u=fmt.unit_roundoff,
        )
        for algorithm in ALGORITHMS:
            bound = algorithm.bound(exact)
            by_norm, by_element = errors(x, algorithm, exact)
            ratio = by_norm / bound
            yield (
                f"| {algorithm.name} | {name} | {np.mean(by_norm <= bound):.4%} | {np.mean(by_element <= bound):.4%} "
                f"| {ratio.max():.3f} | {np.median(ratio):.3f} | {len(x):,} |"
            )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    print("\n".join(lines(given.rows, given.seed)))
