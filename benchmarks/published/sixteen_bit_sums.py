"""What sums of probabilities come to in accumulators of 16 bits, from 1000 to 262144 classes.

    python -m benchmarks.published.sixteen_bit_sums [--seed 0]

The exponentials of a row, exp(x - max), are added in float16 and in bfloat16: one after the other, in a tree, in 32
lanes, and in float32 beside them. The softmax that divides by such a sum is off by the factor exact sum / sum, and so
its own row sum. A loop stalls where one more term is less than half a unit in the last place of the sum: at 2048 equal
terms in float16, at 256 in bfloat16.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any

import ml_dtypes
import numpy as np

from softcert_oracle.reference import truth

Array = Any
CLASSES = (1000, 4096, 32000, 50257, 131072, 262144)
ROWS = 8
LANES = 32


def loop(e: Array) -> Array:
    """Sums (m,) of terms (m, n), one after the other, each rounded to the terms' format."""
    total = e[:, 0].copy()
    for k in range(1, e.shape[1]):
        total = total + e[:, k]
    return total


def tree(e: Array) -> Array:
    """The same by halves."""
    while e.shape[1] > 1:
        if e.shape[1] % 2:
            e = np.concatenate([e, np.zeros((len(e), 1), e.dtype)], axis=1)
        e = e[:, ::2] + e[:, 1::2]
    return e[:, 0]


def lanes(e: Array) -> Array:
    """The same in 32 lanes that are loops, added by a tree."""
    padded = np.concatenate([e, np.zeros((len(e), -e.shape[1] % LANES), e.dtype)], axis=1)
    steps = padded.reshape(len(e), -1, LANES)
    total = steps[:, 0].copy()
    for k in range(1, steps.shape[1]):
        total = total + steps[:, k]
    return tree(total)


WAYS: Mapping[str, Callable[[Array], Array]] = MappingProxyType({"loop": loop, "32 lanes": lanes, "tree": tree})
FORMATS = (("float16", np.float16), ("bfloat16", ml_dtypes.bfloat16), ("float32", np.float32))


def row_sums(classes: int, seed: int, kind: str) -> dict[tuple[str, str], float]:
    """The row sum of the softmax furthest from 1, by format and way of adding; logits equal, or normal."""
    rng = np.random.default_rng([seed, classes])
    x = np.zeros((ROWS, classes)) if kind == "equal" else rng.standard_normal((ROWS, classes)) * 2
    out = {}
    for name, kind_of in FORMATS:
        logits = x.astype(kind_of)
        rows = truth.rows(logits.astype(np.float64))
        terms = np.exp((logits - logits.max(axis=1, keepdims=True)).astype(np.float32)).astype(kind_of)
        for way, add in WAYS.items():
            with np.errstate(over="ignore", divide="ignore"):  # float16 ends at 65504: then the sum is infinite
                factor = rows.s / add(terms).astype(np.float64)
                out[name, way] = float(factor[np.argmax(np.abs(np.log(factor)))])
    return out


def lines(seed: int) -> Iterator[str]:
    """The table of docs/published.md."""
    ways = [(name, way) for name, _ in FORMATS for way in WAYS]
    yield "| logits | classes | " + " | ".join(f"{name}, {way}" for name, way in ways) + " |"
    yield "|---|---|" + "---|" * len(ways)
    for kind in ("equal", "normal"):
        for classes in CLASSES:
            found = row_sums(classes, seed, kind)
            yield f"| {kind} | {classes} | " + " | ".join(f"{found[way]:.6g}" for way in ways) + " |"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=0)
    print("\n".join(lines(parser.parse_args().seed)))
