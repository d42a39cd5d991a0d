"""The sum of a row's probabilities where the exponentials are summed in 16 bits, by the number of classes.

Logits are drawn from N(0, 1) in the format; the exponentials, the sum (a plain loop) and the quotient are rounded to
it. The probabilities are then added without error, so what is left is the error of the 16-bit sum: a sum that stalls is
too small, and the probabilities add up to more than 1.
"""

from __future__ import annotations

import argparse
import math

import numpy as np

from softcert_oracle.numbers import formats

COUNTS = (1000, 4096, 32000, 50257, 131072, 262144)


def row_sum(name: str, classes: int, seed: int, wide: bool) -> float:
    """The exact sum of one row's probabilities; ``wide`` sums the exponentials in float32 instead."""
    f = formats.lookup(name)
    x = np.random.default_rng(seed).normal(size=classes).astype(f.dtype)
    with np.errstate(over="ignore"):
        e = np.exp(x - x.max())
        s = np.add.accumulate(e.astype(np.float32) if wide else e)[-1].astype(f.dtype)
        p = (e.astype(np.float32) / np.float32(s)).astype(f.dtype)
    return math.fsum(p.astype(np.float64))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=5)
    given = parser.parse_args()
    print("| format | classes | sum in the format: smallest to largest row sum | sum in float32, rounded once |")
    print("|---|---|---|---|")
    for name in ("float16", "bfloat16"):
        for classes in COUNTS:
            shown = []
            for wide in (False, True):
                sums = [row_sum(name, classes, seed, wide) for seed in range(given.rows)]
                shown.append(f"{min(sums):.4g} to {max(sums):.4g}")
            print(f"| {name} | {classes} | {shown[0]} | {shown[1]} |")


if __name__ == "__main__":
    main()
