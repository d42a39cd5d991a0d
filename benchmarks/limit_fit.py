"""The measurements behind benchmarks/limits.py: errors of textbook algorithms over their limits, climbed to the worst.

Exponentials and logarithms are measured first, in ulp, and enter the limits with that accuracy: a limit is only as
sharp as what it assumes of its primitives.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from benchmarks import limit_cases, textbook
from flint import arb, ctx

from softcert_oracle import limits
from softcert_oracle.decide import decisions
from softcert_oracle.limits import LimitParameters
from softcert_oracle.numbers.formats import Format
from softcert_oracle.reference import truth

Array = Any
NOT_SHIFT_SAFE = ("lse-x", "exp(x-lse)")
"""Algorithms of level "sound": their errors grow with a common offset."""
PLAIN = {"softmax": "shift-divide", "cross_entropy_grad": "shift-divide", "logsumexp": "lse"}
"""The plainest algorithm of an operation ("x-m-L" otherwise): its limit is what the default's constants widen."""


@dataclass(frozen=True)
class Primitives:
    """Largest errors in ulp seen of NumPy's elementary functions in one format."""

    exp: float
    log: float
    log1p: float
    exp2: float
    log2: float

    def of(self, algorithm: str) -> dict[str, float]:
        """``exp_ulp`` and ``log_ulp`` of the functions that an algorithm calls."""
        if algorithm.startswith("base-2"):
            return {"exp_ulp": self.exp2, "log_ulp": self.log2}
        return {"exp_ulp": self.exp, "log_ulp": self.log1p if algorithm == "log1p" else self.log}

    def worst(self) -> dict[str, float]:
        """Those of the worst of them."""
        return {"exp_ulp": max(self.exp, self.exp2), "log_ulp": max(self.log, self.log1p, self.log2)}


def arguments(f: Format, many: int) -> tuple[Array, Array, Array]:
    """Arguments of exp (down to the last subnormal), of log and log1p (up to 10^5), evenly and next to 0 and 1."""
    rng = np.random.default_rng(11)
    d = -np.concatenate([rng.uniform(0, -limit_cases.lowest(f), many), rng.exponential(size=many)])
    tau = np.concatenate([np.exp(rng.uniform(0, 11, many)), 2.0 ** rng.uniform(-f.precision, 2, many)])
    s = 1.0 + np.concatenate([np.exp(rng.uniform(0, 10, many)), 2.0 ** rng.uniform(-f.precision, 2, many)])
    return tuple(v.astype(f.dtype) for v in (d, s, tau))


def primitives(f: Format, many: int) -> Primitives:
    """Measured against Arb for float64, against float64 for the others, whose ulp is 2^29 float64 ulps or more."""
    exact = _by_arb if f.name == "float64" else _by_float64
    d, s, tau = (np.unique(v[np.isfinite(v.astype(np.float64))]) for v in arguments(f, many))
    ln_2 = np.log(2.0)
    power = np.asarray(d.astype(np.float64) / ln_2).astype(f.dtype)
    seen = {}
    for name, x in (("exp", d), ("log", s[s > 1]), ("log1p", tau), ("exp2", power), ("log2", s[s > 1])):
        got = textbook.rounded(getattr(np, name)(x), f.dtype).astype(np.float64)
        error, value = exact(name, x.astype(np.float64), got)
        quantum = np.maximum(np.frexp(value)[1] - f.precision, f.quantum_exponent)
        seen[name] = max(0.5, float(np.max(error / np.ldexp(1.0, quantum.astype(np.int32)))))
    return Primitives(**seen)


def _by_float64(name: str, x: Array, got: Array) -> tuple[Array, Array]:
    value = getattr(np, name)(x)
    return np.abs(got - value), np.abs(value)


def _by_arb(name: str, x: Array, got: Array) -> tuple[Array, Array]:
    ctx.prec = 120
    two = arb(2)
    of = {
        "exp": lambda v: v.exp(),
        "log": lambda v: v.log(),
        "log1p": lambda v: v.log1p(),
        "exp2": lambda v: (v * two.log()).exp(),
        "log2": lambda v: v.log() / two.log(),
    }[name]
    values = [of(arb(v)) for v in x.tolist()]
    error = np.array([abs(float(v - arb(g))) for v, g in zip(values, got.tolist(), strict=True)])
    return error, np.abs(np.array([float(v) for v in values]))


@dataclass(frozen=True)
class Judged:
    """Errors of one algorithm over limits, the largest of each row, shape (m,)."""

    operation: str
    algorithm: str
    sharp: Array  # its own limit
    fitted: Array  # the default limit with the measured errors of exp and log
    default: Array  # the default limit of a contract that says nothing: 4 ulp
    plain: Array  # the limit of the plainest algorithm


@dataclass
class Best:
    """The largest ratios seen for one line of the table, and the row (1, n) where the sharp one was."""

    sharp: float = 0.0
    fitted: float = 0.0
    default: float = 0.0
    plain: float = 0.0
    row: Array = None

    def update(self, found: Judged, x: Array) -> None:
        """Keep what is larger."""
        at = int(np.argmax(found.sharp))
        if found.sharp[at] > self.sharp:
            self.sharp, self.row = float(found.sharp[at]), x[at : at + 1]
        for name in ("fitted", "default", "plain"):
            setattr(self, name, max(getattr(self, name), float(getattr(found, name).max())))


Table = dict[tuple[str, str, str], Best]


def labels_of(rows: truth.Rows) -> Array:
    """The maximum's class in even rows, the class after it in odd ones."""
    m, n = rows.shape
    return np.where(np.arange(m) % 2, (rows.argmax + 1) % n, rows.argmax)


def depth(n: int, order: str) -> int:
    return max(int(np.ceil(np.log2(n))) if order == "tree" else n - 1, 1)


def judged(f: Format, x: Array, seen: Primitives, order: str, batch: str = "none") -> Iterator[Judged]:
    """Every algorithm on x (m, n); with ``batch`` "mean" only losses and gradients, of the mean over x."""
    rows = truth.rows(x)
    labels = labels_of(rows)
    at = np.arange(len(x)), labels
    one_hot = np.zeros_like(x)
    one_hot[at] = 1
    computed = textbook.compute(x, order)
    if order == "loop":
        scanned = textbook.online(x)
        for ours, theirs in zip(vars(computed).values(), vars(scanned).values(), strict=True):
            ours.update(theirs)
    claims = {"working_precision": f.name, "reduction": batch, "summation": depth(x.shape[1], order)}

    def limit(operation: str, level: str = "stable", **more: Any) -> Any:
        return limits.limit(operation, level, rows, labels, LimitParameters(format=f.name, **claims, **more)).numbers

    def own(operation: str, algorithm: str) -> Any:
        p = LimitParameters(format=f.name, **claims, algorithm=algorithm, **seen.of(algorithm))
        found = limits.sharp_limit(operation, rows, labels, p)
        assert found is not None
        return found.numbers

    cache: dict[tuple[str, str, str], Any] = {}

    def cached(kind: str, operation: str, level: str) -> Any:
        key = kind, operation, level
        if key not in cache:
            if kind == "plain":
                cache[key] = own(operation, PLAIN.get(operation, "x-m-L"))
            else:
                cache[key] = limit(operation, level, **(seen.worst() if kind == "fitted" else {}))
        return cache[key]

    def ratios(operation: str, algorithm: str, got: Array) -> Judged:
        level = "sound" if algorithm in NOT_SHIFT_SAFE else "stable"
        exact = truth.reference(operation, rows, labels, reduction=batch)
        error = decisions.error(np.asarray(got, dtype=np.float64), exact)
        bounds = [
            own(operation, algorithm),
            *(cached(kind, operation, level) for kind in ("fitted", "default", "plain")),
        ]
        found = [error.ratio(bound) for bound in bounds]
        return Judged(operation, algorithm, *(np.atleast_1d(r.max(axis=1) if r.ndim == 2 else r) for r in found))

    def averaged(gradient: Array) -> Array:
        share = textbook.rounded(np.asarray(1).astype(f.dtype) / np.asarray(len(x)).astype(f.dtype), f.dtype)
        return gradient if batch == "none" else textbook.rounded(gradient * share, f.dtype)

    for algorithm, got in computed.softmax.items():
        if batch == "none":
            yield ratios("softmax", algorithm, got)
        yield ratios("cross_entropy_grad", algorithm, averaged(textbook.rounded(got - one_hot, f.dtype)))
    for algorithm, got in computed.log_softmax.items():
        if batch == "none":
            yield ratios("log_softmax", algorithm, got)
        yield ratios("cross_entropy", algorithm, -got[at] if batch == "none" else textbook.mean(-got[at]))
    for algorithm, got in computed.logsumexp.items():
        if batch == "none":
            yield ratios("logsumexp", algorithm, got[:, 0])


def measure(f: Format, seen: Primitives, counts: tuple[int, ...], rounds: int) -> Table:
    """The largest ratios over all rows; up to 100 classes the worst rows are climbed from, ``rounds`` times."""
    table: Table = {}
    for n in counts:
        rng = np.random.default_rng(n)
        x = limit_cases.rows(f, n, rng)
        for step in range(rounds + 1 if n <= 100 else 1):
            worst = []
            for order in textbook.SUMS:
                for found in judged(f, x, seen, order):
                    table.setdefault((found.operation, found.algorithm, order), Best()).update(found, x)
                    worst.append(x[np.argsort(found.sharp)[-3:]])
            if step < rounds:
                pool = np.unique(np.concatenate(worst).astype(np.float64), axis=0).astype(f.dtype)
                x = np.concatenate([pool, limit_cases.mutated(pool, 6, rng)])
    return table


def measure_means(f: Format, seen: Primitives, table: Table, repeated: tuple[int, ...] = (1, 2, 3, 8)) -> Table:
    """The same for means over a batch: the worst rows of ``table``, alone, repeated and together."""
    means: Table = {}
    for (_, _, order), best in table.items():
        for repeats in repeated:
            x = np.repeat(best.row, repeats, axis=0)
            for found in judged(f, x, seen, order, "mean"):
                means.setdefault((found.operation, found.algorithm, order), Best()).update(found, x)
    return means
