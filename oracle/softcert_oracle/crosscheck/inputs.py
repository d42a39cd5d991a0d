"""Rows of logits on which a ground truth is most likely to be wrong, seeded, with the values of a given format.

For `softcert_oracle.crosscheck.witnesses`: next to rounding boundaries of the results, where terms are absorbed, where
results leave the normal range, over the whole range of the format, ties, long rows. A second collection has the rows of
which few terms count, at the class counts of vocabularies: limits are narrow there, so the truth has to be right.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from softcert_oracle.numbers.formats import Format

Float = NDArray[np.float64]

LONGEST = 131072
"""Classes of the longest rows: the largest vocabularies in use."""

Regime = Callable[[np.random.Generator, Format, int, int], Float]


def ordinary(rng: np.random.Generator, fmt: Format, m: int, classes: int) -> Float:
    """Normal logits of every size, some with a common offset."""
    scale = 10.0 ** rng.uniform(-6, 2, (m, 1))
    return np.asarray(rng.normal(size=(m, classes)) * scale + rng.choice([0.0, 0.0, 10.0, -1e3, 3e4], (m, 1)))


def boundaries(rng: np.random.Generator, fmt: Format, m: int, classes: int) -> Float:
    """One logit per row that brings its own probability next to a midpoint between two numbers of the format."""
    x = rng.normal(size=(m, classes)) * rng.choice([1e-2, 1.0, 5.0], (m, 1))
    p, order = fmt.precision, rng.integers(1, min(-fmt.emin, 60), m)
    midpoint = np.ldexp(0.5 + (rng.integers(0, 2 ** min(p - 1, 50), m) + 0.5) * 2.0**-p, -order.astype(np.int32))
    if classes > 1:
        top = x[:, 1:].max(axis=1)
        rest = top + np.log(np.exp(x[:, 1:] - top[:, None]).sum(axis=1))
        x[:, 0] = rest + np.log(midpoint) - np.log1p(-midpoint)
    return np.asarray(x)


def absorption(rng: np.random.Generator, fmt: Format, m: int, classes: int) -> Float:
    """Terms next to the unit roundoffs of every precision, and to its square, below a dominant logit."""
    bits = rng.choice([fmt.precision, fmt.precision + 1, 24, 53, 54, 106, 107], (m, classes))
    x = -np.log(2.0) * (bits + rng.choice([0.0, 1e-3, 1.0], (m, classes)) * rng.normal(size=(m, classes)))
    x[np.arange(m), rng.integers(0, classes, m)] = 0.0
    return np.asarray(x + rng.choice([0.0, 1.0, -64.0], (m, 1)))


def subnormal(rng: np.random.Generator, fmt: Format, m: int, classes: int) -> Float:
    """Results about the smallest normal and subnormal numbers of the format and of float64, and tiny logits."""
    edge = rng.choice([fmt.emin, fmt.quantum_exponent, fmt.quantum_exponent - 1, -1022, -1075, -1100], (m, classes))
    x = np.log(2.0) * (edge + rng.normal(size=(m, classes)))
    x[np.arange(m), rng.integers(0, classes, m)] = 0.0
    tiny = rng.integers(-4, 5, (m, classes)) * fmt.smallest_subnormal
    return np.where(rng.random((m, 1)) < 0.3, tiny, x)


def full_range(rng: np.random.Generator, fmt: Format, m: int, classes: int) -> Float:
    """Every exponent of the format, both signs, its largest numbers and -inf where it has one."""
    exponent = rng.integers(fmt.quantum_exponent, fmt.emax + 1, (m, classes)).astype(np.int32)
    x = np.ldexp(rng.uniform(1, 2, (m, classes)), exponent) * rng.choice([-1.0, 1.0], (m, classes))
    x = np.clip(x, -fmt.largest, fmt.largest)
    x = np.where(rng.random((m, classes)) < 0.05, np.copysign(fmt.largest, x), x)
    masked = (rng.random((m, classes)) < 0.1) & (np.arange(classes) > 0) & fmt.has_infinity
    return np.where(masked, -np.inf, x)


def ties(rng: np.random.Generator, fmt: Format, m: int, classes: int) -> Float:
    """A few levels far and near, each taken many times."""
    level = rng.normal(size=(m, 3)) * rng.choice([1e-3, 1.0, 30.0, 800.0], (m, 1))
    return np.take_along_axis(level, rng.integers(0, 3, (m, classes)), axis=1)


def cancelling(rng: np.random.Generator, fmt: Format, m: int, classes: int) -> Float:
    """Rows whose log-sum-exp nearly vanishes: the mean is subtracted until only rounding is left."""
    x = rng.normal(size=(m, classes)) * rng.choice([1e-3, 1.0, 30.0], (m, 1))
    top = x.max(axis=1, keepdims=True)
    return np.asarray(x - top - np.log(np.exp(x - top).sum(axis=1, keepdims=True)))


def sparse(rng: np.random.Generator, fmt: Format, m: int, classes: int) -> Float:
    """A few ordinary logits among -inf, or among logits whose terms are next to nothing."""
    x = np.tile(rng.choice([-np.inf if fmt.has_infinity else -700.0, -800.0, -90.0], (m, 1)), (1, classes))
    at = rng.integers(0, classes, (m, min(classes, 40)))
    np.put_along_axis(x, at, rng.normal(size=at.shape) * rng.choice([1e-3, 1.0, 10.0], (m, 1)), axis=1)
    return np.asarray(x)


def exact_sums(rng: np.random.Generator, fmt: Format, m: int, classes: int) -> Float:
    """Equal logits, as many as a class count's half, quarter, ..., among terms of nothing: probabilities 1/k."""
    share = 2.0 ** -rng.integers(0, 12, (m, 1))
    x = np.where(rng.random((m, classes)) < share, 0.0, rng.choice([-800.0, -200.0, -90.0], (m, 1)))
    x[np.arange(m), rng.integers(0, classes, m)] = 0.0
    return np.asarray(x + rng.choice([0.0, 1.0, 64.0], (m, 1)))


def concentrated(rng: np.random.Generator, fmt: Format, m: int, classes: int) -> Float:
    """About 300 ordinary logits, all others 20 to 40 below."""
    x = rng.normal(size=(m, classes)) - rng.uniform(20, 40, (m, 1))
    at = rng.integers(0, classes, (m, min(classes, 300)))
    np.put_along_axis(x, at, rng.normal(size=at.shape), axis=1)
    return np.asarray(x)


REGIMES: Mapping[str, Regime] = MappingProxyType(
    {f.__name__: f for f in (ordinary, boundaries, absorption, subnormal, full_range, ties, cancelling)}
)
FEW_TERMS: Mapping[str, Regime] = MappingProxyType({f.__name__: f for f in (sparse, exact_sums, concentrated)})
ROWS: Mapping[str, Mapping[str, Regime]] = MappingProxyType({"adversarial": REGIMES, "few terms": FEW_TERMS})
"""The collections of rows, by name."""

_WIDTHS = (1, 2, 3, 4, 5, 2, 4, 10, 33, 257, 1000, 4097)
_VOCABULARIES = (33, 1000, 8192, 50257, 131072, 262144)


def batches(fmt: Format, elements: int, seed: int = 0, rows: str = "adversarial") -> Iterator[Float]:
    """Batches (m, C) of rows with a finite maximum, float64 with values of the format, ``elements`` logits or more.

    Every regime and width of a collection of `ROWS` comes in its turn; of a batch's worth of logits, so that small
    counts meet all regimes. A row of `LONGEST` classes is among the adversarial ones from so many logits on, and for
    each 128th batch.
    """
    regimes, widths = ROWS[rows], _WIDTHS if rows == "adversarial" else _VOCABULARIES
    size = min(max(elements // 128, 64), 1 << 14)
    rng = np.random.default_rng([seed, *fmt.name.encode()])
    made, turn = 0, 0
    while made < elements:
        regime = list(regimes.values())[turn % len(regimes)]
        long = regimes is REGIMES and elements >= LONGEST and turn % 128 == len(regimes)
        classes = LONGEST if long else widths[(turn // len(regimes) + turn) % len(widths)]
        x = _rounded(regime(rng, fmt, max(1, min(size, elements - made) // classes), classes), fmt)
        yield x
        made, turn = made + x.size, turn + 1


def _rounded(x: Float, fmt: Format) -> Float:
    finite = np.clip(x, -fmt.largest, fmt.largest).astype(fmt.dtype).astype(np.float64)
    return np.where(x == -np.inf, x, finite)
