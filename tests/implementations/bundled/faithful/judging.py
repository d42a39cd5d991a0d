"""Adversarial rows for the faithful implementation, and Arb's judgement of its results on them.

The oracle's compiled fast path has no part in it: enclosures come from python-flint's balls, and so does whatever
those leave undecided.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from softcert_implementations.bundled.faithful import IMPLEMENTATION
from softcert_oracle import operations
from softcert_oracle.decide import decisions
from softcert_oracle.numbers import formats
from softcert_oracle.numbers.enclosure import Decision
from softcert_oracle.reference import arb, truth

Rows = NDArray[np.generic]


@dataclass(frozen=True)
class Tally:
    """Results judged, those not faithful, those not the nearest, and those that Arb could not decide."""

    judged: int = 0
    unfaithful: int = 0
    not_nearest: int = 0
    undecided: int = 0

    def __add__(self, other: Tally) -> Tally:
        return Tally(
            self.judged + other.judged,
            self.unfaithful + other.unfaithful,
            self.not_nearest + other.not_nearest,
            self.undecided + other.undecided,
        )


def judge(x: Rows, labels: NDArray[np.int64], which: tuple[str, ...] = operations.CORE) -> Tally:
    """All five operations on x (m, C) with labels (m,), held against Arb."""
    fmt = formats.of_array(x)
    assert fmt is not None
    rows = truth.rows(x, arb.enclose)
    tally = Tally()
    for name in which:
        given = (labels,) if operations.lookup(name).takes_labels else ()
        got = np.asarray(IMPLEMENTATION.ops[name](x, *given))
        assert got.dtype == x.dtype
        enclosure = truth.reference(name, rows, *given)
        refine = truth.refine(name, rows, *given)
        values = got.astype(np.float64)
        faithful = decisions.faithful(values, enclosure, fmt, refine)
        nearest = decisions.correctly_rounded(values, enclosure, fmt, refine)
        tally += Tally(
            values.size,
            int(np.sum(faithful == Decision.NO)),
            int(np.sum(nearest == Decision.NO)),
            int(np.sum(nearest == Decision.UNDECIDED)),
        )
    return tally


def adversarial(format: str, m: int, classes: int, seed: int) -> Iterator[tuple[str, Rows]]:
    """Named arrays (m, classes) of a format, each made to provoke one thing."""
    fmt = formats.lookup(format)
    rng = np.random.default_rng(seed)
    shape = (m, classes)
    normal = rng.standard_normal(shape)
    # the gap at which a probability falls below half the smallest subnormal
    gap = -fmt.quantum_exponent * np.log(2.0)
    families: dict[str, Callable[[], NDArray[np.float64]]] = {
        "ordinary": lambda: normal,
        "spread": lambda: normal * 10,
        "nearly equal": lambda: normal * 2.0 ** -(fmt.precision + 2),
        "common offset": lambda: normal + rng.choice([-1.0, 1.0], (m, 1)) * 10.0 ** rng.integers(1, 5, (m, 1)),
        "one dominant": lambda: _with_maximum(-rng.uniform(0, 1.1 * gap, (m, 1)) + normal, 0.0, rng),
        "subnormal results": lambda: _with_maximum(-gap + np.abs(normal) * 8, 0.0, rng),
        "absorbed": lambda: _with_maximum(-fmt.precision * np.log(2.0) + normal, 0.0, rng),
        "few values": lambda: rng.integers(-3, 4, shape).astype(float),
        "ties of the maximum": lambda: np.where(rng.random(shape) < 0.5, 0.0, -np.inf) + 1.0,
        "all equal": lambda: np.repeat(rng.standard_normal((m, 1)), classes, axis=1),
        "blocks of -inf": lambda: np.where(np.arange(classes) < classes // 2, -np.inf, normal),
        "differences on midpoints": lambda: _with_maximum(
            -rng.integers(1, 2**5, shape) - 0.5, 2.0**fmt.precision * rng.integers(1, 3, (m, 1)), rng
        ),
        "log-probabilities": lambda: normal - np.log(np.sum(np.exp(normal), axis=1, keepdims=True)),
        "log-sum-exp next to 0": lambda: _with_maximum(normal - 20.0, -np.exp(normal[:, :1] - 20.0), rng),
        "largest numbers": lambda: rng.choice([-1.0, -0.5, 0.5, 1.0], shape) * fmt.largest,
        "whole range": lambda: np.ldexp(normal, rng.integers(fmt.quantum_exponent, fmt.emax - 3, shape)),
        "subnormal logits": lambda: rng.integers(-9, 9, shape) * fmt.smallest_subnormal,
        "ladder": lambda: -np.arange(classes) * rng.uniform(0.1, 30.0, (m, 1)),
    }
    for name, make in families.items():
        values = make()
        inside = np.clip(values, -fmt.largest, fmt.largest)
        with np.errstate(under="ignore"):
            yield name, np.where(np.isfinite(values), inside, values).astype(fmt.dtype)


def _with_maximum(x: NDArray[np.float64], maximum: object, rng: np.random.Generator) -> NDArray[np.float64]:
    """x with one entry of each row set to the given maximum."""
    x = np.array(x * np.ones((1, x.shape[1])))
    x[np.arange(len(x)), rng.integers(0, x.shape[1], len(x))] = np.broadcast_to(np.asarray(maximum), (len(x), 1))[:, 0]
    return x
