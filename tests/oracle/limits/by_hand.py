"""The quantities of limits formed in plain NumPy, straight from their definitions, to hold the formulas against."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from softcert_oracle.limit_parameters import LimitParameters
from softcert_oracle.limits.row_quantities import RowQuantities
from softcert_oracle.reference import truth

U = 2.0**-24
ROUNDING = float(np.log1p(U))
EXP = float(-np.log1p(-8 * U))  # 4 ulp
LOG = 8 * U
HALF = 2.0**-150  # half the smallest subnormal of float32

X = np.array([[0.0, 1.0, -3.0, 2.5], [20.0, 0.0, 0.0, -1.0], [4.0, 4.0, 4.0, 4.0]])
LABELS = np.array([2, 0, 3])


def quantities(x: np.ndarray = X, **claims: object) -> RowQuantities:
    """Those of float32 rows under the default claims, and what is given beside them."""
    p = LimitParameters(**{"format": "float32", **claims})  # type: ignore[arg-type]
    return RowQuantities(truth.rows(x.astype(np.float32)), p)


@dataclass(frozen=True, kw_only=True)
class Row:
    """p, |d|, |l| (m, C) and L, D, y (m, 1) of float32 rows, in float64."""

    p: np.ndarray
    d: np.ndarray
    l: np.ndarray  # noqa: E741 (the mathematics' own name)
    L: np.ndarray
    D: np.ndarray
    y: np.ndarray

    def growth(self, left_out: np.ndarray | None = None, level: float = ROUNDING) -> np.ndarray:
        """The least over cuts at whole distances of (k - 1) level - log(1 - f), of all terms or of all but one."""
        n = self.p.shape[1]
        h = n - 1
        found = []
        for i, (p, d) in enumerate(zip(self.p, self.d, strict=True)):
            left = np.ones(n, bool) if left_out is None else np.arange(n) != left_out[i]
            share, nearest = p[left] / p[left].sum(), d[left].min()
            mass = share * np.exp(3 * U * d[left] + EXP)
            best = (left.sum() - 1) * level
            for cut in range(1, 65):
                k = np.count_nonzero(d[left] - nearest < cut)
                f = (2 * np.exp(h * level) - 1) * mass[d[left] - nearest >= cut].sum()
                if f < 1:
                    best = min(best, (k - 1) * level - np.log1p(-f))
            found.append(best if best <= U / 4 else max(best, min(2 * U + 4 * n * U * U, h * level)))
        return np.array(found)[:, None]

    def sum_error(self, per_distance: float, level: float = ROUNDING) -> np.ndarray:
        """g + log sum p e^t, t = per_distance u |d| + eps_e but 0 for the maximum; (m, 1)."""
        t = np.where(self.d > 0, per_distance * U * self.d + EXP, 0.0)
        joined = np.log1p(np.sum(self.p * np.expm1(t), axis=1, keepdims=True))
        return np.asarray(joined + self.growth(level=level))

    def others(self, classes: np.ndarray) -> np.ndarray:
        """The mean distance of all classes but one of each row, (m, 1)."""
        left = np.arange(self.p.shape[1]) != classes[:, None]
        weight = np.where(left, self.p, 0.0)
        return np.asarray(np.sum(weight * self.d, axis=1, keepdims=True) / np.sum(weight, axis=1, keepdims=True))


def row(x: np.ndarray = X) -> Row:
    """The quantities of rows of ordinary size."""
    top = x.max(axis=1, keepdims=True)
    d = top - x
    s = np.exp(-d).sum(axis=1, keepdims=True)
    tau = np.sum(np.where(np.arange(x.shape[1]) == x.argmax(axis=1)[:, None], 0.0, np.exp(-d)), axis=1, keepdims=True)
    log = np.log1p(tau)
    p = np.exp(-d) / s
    return Row(p=p, d=d, l=d + log, L=log, D=np.sum(p * d, axis=1, keepdims=True), y=top + log)
