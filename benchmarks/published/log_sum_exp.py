"""The bound of a machine-checked proof for log-sum-exp beside ours, and beside the worst error found, by class count.

    python -m benchmarks.published.log_sum_exp [--rows 2000] [--seed 0]

Bonnot, Boyer, Faissole, Marche and Rieu-Helft (FMCAD 2024) prove, for a C program that sums exponentials one after the
other without a shift, a bound made of the accuracy of exp and log. Its form is derived here again: with exp within
E_e relative and log within E_l, the sum is within A = (1 + E_e)(1 + u)^(n-1) - 1 of the exact one, so that

    |got - y| <= -log(1 - A) (1 + E_l) + E_l |y|.

Ours is the limit of level "sound" for the algorithm "lse", which shifts by the maximum: exp of the maximum is exactly 1
there, and where one logit dominates the limit says so, at which the unshifted program is further off. Everything is in
float32, in units of u = 2^-24; exp and log are NumPy's, their E as wide as a contract's default of 4 ulp. Each pair of
columns stands for the row on which the error is largest beside its bound.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import Any

import numpy as np
from benchmarks.published.ten_logits import plain_lse, shifted_lse

from softcert_oracle import limits
from softcert_oracle.limits import LimitParameters
from softcert_oracle.numbers import formats
from softcert_oracle.reference import truth

Array = Any
CLASSES = (2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096)
FORMAT = formats.lookup("float32")
ULP = 4.0
"""What exp and log may be off by, in ulp: the default of a contract."""


def proven(y: Array, n: int) -> Array:
    """The bound of the proof for rows with log-sum-exp y (m,), absolute."""
    u = FORMAT.unit_roundoff
    each = 2.0 * ULP * u
    a = (1.0 + each) * (1.0 + u) ** (n - 1) - 1.0
    return -np.log1p(-a) * (1.0 + each) + each * np.abs(y)


def ours(rows: truth.Rows) -> Array:
    """Our limit for the same rows, absolute (m,)."""
    claimed = LimitParameters(format=FORMAT.name, algorithm="lse", exp_ulp=ULP, log_ulp=ULP)
    return limits.limit("logsumexp", "sound", rows, None, claimed).numbers.to_float()


def rows_of(n: int, many: int, seed: int) -> Array:
    """Rows (3 many, n): ordinary logits, nearly equal ones, and one large logit among small ones that add up."""
    rng = np.random.default_rng([seed, n])
    absorbed = np.full((many, n), -np.log(2.0) * 23.0) + rng.uniform(-1, 1, (many, 1))
    absorbed[:, 0] = rng.uniform(0, 1, many)
    ordinary = rng.standard_normal((many, n)) * 2
    equal = rng.uniform(-2, 2, (many, 1)) + rng.uniform(-1e-3, 1e-3, (many, n))
    return np.concatenate([ordinary, equal, absorbed]).astype(FORMAT.dtype)


def lines(many: int, seed: int) -> Iterator[str]:
    """The table of docs/published.md."""
    yield "| classes | unshifted, error | proven bound | ratio | shifted, error | our limit | ratio |"
    yield "|---|---|---|---|---|---|---|"
    u = FORMAT.unit_roundoff
    for n in CLASSES:
        x = rows_of(n, many, seed)
        found = truth.rows(x.astype(np.float64))
        y = found.logsumexp.to_float()
        cells = []
        for function, bound in ((plain_lse, proven(y, n)), (shifted_lse, ours(found))):
            error = np.abs(function(x).astype(np.float64) - y)
            worst = int(np.argmax(error / bound))
            cells += [f"{error[worst] / u:.4g}", f"{bound[worst] / u:.4g}", f"{error[worst] / bound[worst]:.3f}"]
        yield f"| {n} | " + " | ".join(cells) + " |"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    print("\n".join(lines(given.rows, given.seed)))
