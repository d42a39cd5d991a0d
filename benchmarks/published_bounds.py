"""Five algorithms for log-sum-exp and softmax in 16 bits against their published bounds, with exact results.

P. Blanchard, D. J. Higham and N. J. Higham, "Accurately computing the log-sum-exp and softmax functions" (IMA J. Numer.
Anal. 2021), compare with float32 results. Here the reference is exact. Bounds are to first order in u and assume no
overflow, so rows in which the sum overflows are counted apart. The formulas stand here as we remember
them; the one of "exp(x - shifted lse)" we derived again in the same way.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator

import numpy as np

from softcert_oracle.numbers import formats
from softcert_oracle.reference import truth

Array = np.ndarray
CLASSES = 10


def total(e: Array) -> Array:
    """The plain loop over the last axis, rounded to the format at each step; (m, 1)."""
    return np.add.accumulate(e, axis=1)[:, -1:]


def algorithms(x: Array) -> dict[str, Array]:
    """Results by algorithm, in the format of x (m, n): (m, 1) for log-sum-exp, (m, n) for softmax."""
    m = x.max(axis=1, keepdims=True)
    plain, shifted = np.exp(x), np.exp(x - m)
    lse, shifted_lse = np.log(total(plain)), m + np.log(total(shifted))
    return {
        "lse": lse,
        "shifted lse": shifted_lse,
        "softmax": plain / total(plain),
        "shifted softmax": shifted / total(shifted),
        "exp(x - shifted lse)": np.exp(x - shifted_lse),
    }


def bounds(x: Array, y: Array) -> dict[str, Array]:
    """Bounds of the relative error over u, (m,): componentwise in the largest component for softmax."""
    n, spread = x.shape[1], x.max(axis=1) - x.min(axis=1)
    lse = np.abs(y + n - x.min(axis=1))
    return {
        "lse": 1 + (n + 1) / np.abs(y),
        "shifted lse": lse / np.abs(y),
        "softmax": np.full(len(x), n + 3.0),
        "shifted softmax": n + 2 + 2 * spread,
        "exp(x - shifted lse)": 1 + np.abs(x - y[:, None]).max(axis=1) + lse,
    }


def errors(got: Array, exact: Array) -> Array:
    """Relative errors by row in the maximum norm, (m,); NaN where a result is not finite."""
    wide = got.astype(np.float64)
    with np.errstate(invalid="ignore"):
        error = np.abs(wide - exact).max(axis=1) / np.abs(exact).max(axis=1)
    return np.where(np.isfinite(wide).all(axis=1), error, np.nan)


def ratios(name: str, rows: int, scale: float, seed: int) -> Iterator[tuple[str, Array, Array]]:
    """For each algorithm the error over u and over the bound, by row."""
    f = formats.lookup(name)
    x = (np.random.default_rng(seed).normal(size=(rows, CLASSES)) * scale).astype(f.dtype)
    exact_rows = truth.rows(x)
    exact = {o: truth.reference(o, exact_rows, None).to_float() for o in ("softmax", "logsumexp")}
    wide = x.astype(np.float64)
    with np.errstate(all="ignore"):
        got = algorithms(x)
    limit = bounds(wide, exact["logsumexp"])
    overflown = ~np.isfinite(got["lse"][:, 0])  # e / inf is a finite 0: the quotient alone does not show the overflow
    for algorithm, result in got.items():
        value = exact["logsumexp"][:, None] if result.shape[1] == 1 else exact["softmax"]
        error = errors(result, value) / f.unit_roundoff
        if algorithm in ("lse", "softmax"):
            error[overflown] = np.nan
        yield algorithm, error, error / limit[algorithm]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=20000)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    print("| format | logits | algorithm | largest error, u | largest error/bound | beyond the bound | overflow |")
    print("|---|---|---|---|---|---|---|")
    for name in ("float16", "bfloat16"):
        for scale in (1.0, 3.0, 10.0):
            for algorithm, error, ratio in ratios(name, given.rows, scale, given.seed):
                lost = np.isnan(ratio)
                beyond = 100 * np.mean(ratio[~lost] > 1)
                print(
                    f"| {name} | N(0, {scale:g}²) | {algorithm} | {np.nanmax(error):.3g} | {np.nanmax(ratio):.3g} "
                    f"| {beyond:.2g} % | {100 * lost.mean():.2g} % |"
                )


if __name__ == "__main__":
    main()
