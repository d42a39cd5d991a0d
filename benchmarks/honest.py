"""Right algorithms as people write them, in the arithmetic of their argument: the subjects of benchmarks/vocabulary.py.

They differ in the order of summation, in the shift, in the exponential and in the last step. Whatever they are, none
may leave a limit: where one does, the derivation in docs/numerics.md is wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from benchmarks import textbook

Array = Any
Parts = tuple[Array, Array]  # the shift (m, 1) and the sum of the exponentials relative to it (m, 1)


@dataclass(frozen=True, kw_only=True)
class Honest:
    """One algorithm: ``run`` maps logits (m, C) to results by operation; ``level`` is what it holds."""

    name: str
    run: Callable[[Array], Mapping[str, Array]]
    level: str = "stable"
    formats: tuple[str, ...] = ("float32", "float64", "float16", "bfloat16")
    claims: Mapping[str, Any] = field(default_factory=dict)


def top(x: Array) -> Array:
    return x.max(axis=1, keepdims=True)


def from_parts(x: Array, shift: Array, s: Array) -> dict[str, Array]:
    """Division by the sum, (x - m) - log s and m + log s."""
    d, log_s = x - shift, np.log(s)
    return {"softmax": np.exp(d) / s, "log_softmax": d - log_s, "logsumexp": (shift + log_s)[:, 0]}


def summed(total: Callable[[Array], Array]) -> Callable[[Array], Mapping[str, Array]]:
    """Shifted by the maximum, with a summation of one's own."""
    return lambda x: from_parts(x, top(x), total(np.exp(x - top(x))))


def forwards(e: Array) -> Array:
    return np.add.accumulate(e, axis=1)[:, -1:]


def backwards(e: Array) -> Array:
    return forwards(e[:, ::-1])


def pairwise(e: Array) -> Array:
    return np.ascontiguousarray(e).sum(axis=1, keepdims=True, dtype=e.dtype)


def ascending(e: Array) -> Array:
    return forwards(np.sort(e, axis=1))


def descending(e: Array) -> Array:
    return forwards(np.sort(e, axis=1)[:, ::-1])


def padded(e: Array, block: int) -> Array:
    """(m, blocks, block), zeros behind."""
    missing = -e.shape[1] % block
    wide = np.concatenate([e, np.zeros((len(e), missing), e.dtype)], axis=1)
    return wide.reshape(len(e), -1, block)


def blocks_of_48(e: Array) -> Array:
    return forwards(np.add.accumulate(padded(e, 48), axis=2)[:, :, -1])


def warp(e: Array) -> Array:
    """Thirty-two lanes, each with every 32nd element; then a butterfly over the lanes."""
    lanes = np.add.accumulate(padded(e, 32), axis=1)[:, -1]
    return textbook.tree(lanes)


def compensated(e: Array) -> Array:
    """Kahan's sum over blocks of columns, so that it does not take a step of Python for each class."""
    columns = np.moveaxis(padded(e, max(1, e.shape[1] // 256)), 2, 1)
    s = np.zeros(columns.shape[:2], e.dtype)
    c = np.zeros_like(s)
    for j in range(columns.shape[2]):
        y = columns[:, :, j] - c
        t = s + y
        c, s = (t - s) - y, t
    return forwards(s)


def dotted(e: Array) -> Array:
    return e @ np.ones((e.shape[1], 1), e.dtype)


def _guarded(new: Array) -> Array:
    return np.where(new == -np.inf, np.zeros_like(new), new)


def rescaled(x: Array, block: int, power: Callable[[Array], Array], grows: float = 0.0) -> Parts:
    """One pass in blocks; the sum is rescaled where the maximum grows by more than ``grows``."""
    m = np.full((len(x), 1), -np.inf, x.dtype)
    s = np.zeros_like(m)
    for start in range(0, x.shape[1], block):
        part = x[:, start : start + block]
        new = np.maximum(m, top(part))
        with np.errstate(invalid="ignore"):
            new = np.where((new - m > grows) | (m == -np.inf), new, m)
            factor = np.where(new == m, np.ones_like(m), power(m - new))
        s = s * factor + pairwise(power(part - _guarded(new)))
        m = new
    return m, s


def merged(x: Array, splits: int = 7) -> Parts:
    """Parts of a row on several machines, their maxima and sums merged in a tree."""
    pieces = [piece for piece in np.array_split(x, splits, axis=1) if piece.size]
    parts = [(top(piece), pairwise(np.exp(piece - _guarded(top(piece))))) for piece in pieces]
    while len(parts) > 1:
        joined = []
        for (m1, s1), (m2, s2) in zip(parts[::2], parts[1::2], strict=False):
            new = np.maximum(m1, m2)
            joined.append((new, s1 * np.exp(m1 - _guarded(new)) + s2 * np.exp(m2 - _guarded(new))))
        parts = joined + (parts[-1:] if len(parts) % 2 else [])
    return parts[0]


def constant(value: float, x: Array) -> Array:
    return np.asarray(value).astype(x.dtype)


def base_2(x: Array) -> dict[str, Array]:
    """Base two up to the last step, in one pass."""
    log2_e, ln_2 = constant(textbook._LOG2_E, x), constant(textbook._LN_2, x)
    m, s = rescaled(x, 64, lambda d: np.exp2(d * log2_e))
    t, log2_s = (x - m) * log2_e, np.log2(s)
    return {
        "softmax": np.exp2(t) / s,
        "log_softmax": (t - log2_s) * ln_2,
        "logsumexp": ((m * log2_e + log2_s) * ln_2)[:, 0],
    }


def base_2_fused(x: Array) -> dict[str, Array]:
    log2_e, m = constant(textbook._LOG2_E, x), top(x)
    with np.errstate(invalid="ignore"):
        t = textbook.fma(np.where(x == -np.inf, np.zeros_like(x), x), log2_e, -(m * log2_e))
    e = np.where(x == -np.inf, np.zeros_like(x), np.exp2(t))
    return {"softmax": e / forwards(e)}


def lazy(x: Array) -> dict[str, Array]:
    return from_parts(x, *rescaled(x, 64, np.exp, 8.0 * np.log(2.0)))


def one_pass(x: Array) -> dict[str, Array]:
    return from_parts(x, *rescaled(x, 128, np.exp))


def splits(x: Array) -> dict[str, Array]:
    return from_parts(x, *merged(x))


def of_log_softmax(x: Array) -> dict[str, Array]:
    l = summed(warp)(x)["log_softmax"]  # noqa: E741 (the mathematics' own name)
    return {"softmax": np.exp(l), "log_softmax": l}


def reciprocal(x: Array) -> dict[str, Array]:
    """1/s by two steps of Newton's iteration from a good start, as without a divider: 2 ulp; then a product."""
    e = np.exp(x - top(x))
    s = forwards(e)
    r = np.ones_like(s) / s
    two = constant(2.0, x)
    for _ in range(2):
        r = r * (two - s * r)
    return {"softmax": e * r}


def tabulated(x: Array) -> dict[str, Array]:
    """2^(k + j/64) from a table, times a polynomial on what is left, rounded once."""
    d = (x - top(x)).astype(np.float64)
    t = np.maximum(d, -5000.0) * (64.0 * textbook._LOG2_E)
    k = np.rint(t)
    left = (t - k) * (textbook._LN_2 / 64.0)
    table = np.exp2(np.arange(64) / 64.0)
    j = k.astype(np.int64)
    polynomial = 1.0 + left * (1.0 + left * (0.5 + left / 6.0 * (1.0 + left / 4.0)))
    e = np.ldexp(table[j % 64] * polynomial, j // 64).astype(x.dtype)
    return {"softmax": e / blocks_of_48(e)}


def from_expm1(x: Array) -> dict[str, Array]:
    d = x - top(x)
    e = np.where(d > -1, np.expm1(np.maximum(d, constant(-1.0, x))) + constant(1.0, x), np.exp(d)).astype(x.dtype)
    return {"softmax": e / backwards(e)}


def shifted_up(x: Array) -> dict[str, Array]:
    shift = np.ceil(top(x))
    e = np.exp(x - shift)
    return {"softmax": e / forwards(e)}


def wide(x: Array) -> dict[str, Array]:
    """Everything in float64, rounded once."""
    results = summed(forwards)(x.astype(np.float64))
    return {name: v.astype(x.dtype) for name, v in results.items()}


def by_log1p(x: Array) -> dict[str, Array]:
    d, m = x - top(x), top(x)
    e = np.exp(d)
    rest = e.copy()
    rest[np.arange(len(x)), x.argmax(axis=1)] = 0
    log_s = np.log1p(pairwise(rest))
    p = e / pairwise(e)
    return {"softmax": p, "log_softmax": d - log_s, "logsumexp": (m + log_s)[:, 0], "gradient by sum": p}


def through_lse(x: Array) -> dict[str, Array]:
    y = summed(pairwise)(x)["logsumexp"]
    l = x - y[:, None]  # noqa: E741 (the mathematics' own name)
    return {"softmax": np.exp(l), "log_softmax": l, "logsumexp": y}


def _through(y: Array, x: Array) -> dict[str, Array]:
    return {"softmax": np.exp(x - y[:, None]), "log_softmax": x - y[:, None], "logsumexp": y}


def log_chain(x: Array) -> dict[str, Array]:
    return _through(np.logaddexp.accumulate(x, axis=1)[:, -1], x)


def log_tree(x: Array) -> dict[str, Array]:
    y = x
    while y.shape[1] > 1:
        k = y.shape[1] // 2
        y = np.concatenate([np.logaddexp(y[:, :k], y[:, k : 2 * k]), y[:, 2 * k :]], axis=1)
    return _through(y[:, 0], x)


ALGORITHMS = (
    Honest(name="loop", run=summed(forwards)),
    Honest(name="loop from the end", run=summed(backwards)),
    Honest(name="NumPy's sum", run=summed(pairwise)),
    Honest(name="blocks of 48", run=summed(blocks_of_48)),
    Honest(name="warp tree", run=summed(warp)),
    Honest(name="balanced tree", run=summed(textbook.tree)),
    Honest(name="sorted, rising", run=summed(ascending)),
    Honest(name="sorted, falling", run=summed(descending)),
    Honest(name="compensated", run=summed(compensated)),
    Honest(name="product with ones", run=summed(dotted)),
    Honest(name="one pass, blocks of 128", run=one_pass),
    Honest(name="one pass in base 2", run=base_2),
    Honest(name="rescaled lazily", run=lazy),
    Honest(name="seven parts merged", run=splits),
    Honest(name="fused base 2", run=base_2_fused),
    Honest(name="exp(log_softmax)", run=of_log_softmax),
    Honest(name="Newton's reciprocal", run=reciprocal, claims={"div_ulp": 2.0}),
    Honest(name="table of 2^(j/64)", run=tabulated, formats=("float32", "float16", "bfloat16")),
    Honest(name="expm1 + 1", run=from_expm1),
    Honest(name="shift rounded up", run=shifted_up),
    Honest(name="float64 inside", run=wide),
    Honest(name="log1p of the others", run=by_log1p, level="accurate"),
    Honest(name="x - lse", run=through_lse, level="sound"),
    Honest(name="chain of logaddexp", run=log_chain, level="sound", claims={"algorithm": "logaddexp"}),
    Honest(name="tree of logaddexp", run=log_tree, level="sound", claims={"algorithm": "logaddexp", "summation": 18}),
)
"""By name; what holds level "accurate" in log-probabilities is judged at it there, and at "stable" elsewhere."""
