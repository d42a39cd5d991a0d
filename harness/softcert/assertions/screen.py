"""A screen before the kernels: results that lie well within their limits, seen in float64 alone.

The kernels decide each number at four levels, with its structure; an assertion asks for one level, and honest results
use a small part of their limit. So the first row is judged by the kernels, and the others are compared with a float64
evaluation, within a *lower* bound of half the limit. What does not pass the screen is judged by the kernels as a whole:
the screen never decides that something is wrong.

Lower bound. For any algorithm and order of summation the limit of softmax at "stable" is at least
p_j [4u + eps_e + A_s] (docs/numerics.md), and A_s is at least the least over k of u(k - 1) + e_k, where e_k is the mass
of all but the k largest probabilities, unless every term is exactly 0 or 1. Since e_k >= 1 - k p_max and p_max >= u,
the least is at k = 1/p_max or beyond, so A_s >= u(1/p_max - 1). For log-softmax the same A_s stands beside
2u(abs(d_j) + abs(l_j)), for a gradient beside u abs(p_j - t_j). Half of that leaves room for the float64 evaluation,
whose relative error is below (n + 16 + max abs(d)) 2^-52, at most 2^-33 for n = 2^19, thus below u/500.
"""

from __future__ import annotations

import numpy as np

from softcert_oracle.judging import Block, judge_block
from softcert_oracle.levels import Level
from softcert_oracle.limit_parameters import LimitParameters
from softcert_oracle.numbers import formats

_SMALL = 8192  # logits up to which the kernels are as fast
_LARGEST_ROW = 2**19
_FURTHEST = 80.0  # abs(d): far from underflow of the exponential in float32
_BY_CLASS = ("softmax", "log_softmax", "cross_entropy_grad")


def passes(block: Block, level: Level) -> bool:
    """Whether every number of a block of one case is seen to be within the limit of a level.

    Parameters
    ----------
    block
        One case, in C order.
    level
        Answered for "sound" and "stable"; False for the others.
    """
    if not _applies(block, level):
        return False
    x, p = block.x, block.parameters
    largest = x.max(axis=1, keepdims=True)
    if not np.isfinite(largest).all():
        return False
    e = x - largest
    if not float(e.min()) > -_FURTHEST or not _ordinary_terms(e):
        return False
    d = e.copy() if block.operation == "log_softmax" else e
    np.exp(e, out=e)
    s = e.sum(axis=1, keepdims=True)
    exact, allowed = _bounds(block, d, e, s)
    smallest = 4.0 * max(formats.lookup(f).smallest_normal for f in (p.working_precision, p.result_format))
    if block.operation != "log_softmax" and not float(np.abs(exact).min()) > smallest:
        return False
    exact -= block.got
    np.abs(exact, out=exact)
    return bool((exact <= allowed).all()) and _first_row_passes(block, level)


def _applies(block: Block, level: Level) -> bool:
    p = block.parameters
    return (
        block.operation in _BY_CLASS
        and level in (Level.SOUND, Level.STABLE)
        and block.x.size > _SMALL
        and 2 <= block.x.shape[1] <= _LARGEST_ROW
        and len(block.x) > 1
        and _plain(p)
    )


def _plain(p: LimitParameters) -> bool:
    """Whether limits are those of any algorithm, and far wider than the roundings of float64."""
    return p.algorithm == "any" and p.summation == "any" and formats.lookup(p.working_precision).bits <= 32


def _ordinary_terms(d: np.ndarray) -> bool:
    """Whether each row has a term that is neither 0 nor 1: sums of 0 and 1 have narrower limits."""
    return bool((d < 0.0).any(axis=1).all())


def _bounds(block: Block, d: np.ndarray, e: np.ndarray, s: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The results in float64, and half of a lower bound of each limit, with the rounding to a narrower result."""
    p = block.parameters
    u, out = p.arithmetic.u, formats.lookup(p.result_format)
    narrow = out.unit_roundoff if p.arithmetic.narrow_result else 0.0
    if block.operation == "log_softmax":
        d -= np.log(s)
        half = 0.5 * u * np.maximum(s - 2.0, 0.0)  # 1/p_max is s
        return d, np.abs(d) * (u + narrow * (1.0 - 2.0**-20)) + half
    relative = 0.5 * (u * (4.0 + 2.0 * p.exp_ulp) + u * np.maximum(s - 2.0, 0.0))
    narrow *= 1.0 - 2.0**-20
    e /= s
    if block.operation == "softmax":
        return e, e * (relative + narrow)
    assert block.labels is not None
    allowed = e * relative
    e[np.arange(len(e)), block.labels] -= 1.0
    allowed += np.abs(e) * (0.5 * u + narrow)
    if p.reduction == "mean":
        e /= len(e)
        allowed /= len(e)
    return e, allowed


def _first_row_passes(block: Block, level: Level) -> bool:
    """The kernels' answer for the first row: within its limit, which tells it from degenerate results.

    The gradient of a mean is m times as large for the first row alone, its limit likewise; the product is exact where m
    is a power of two.
    """
    m = len(block.x) if block.operation == "cross_entropy_grad" and block.parameters.reduction == "mean" else 1
    first = Block(
        operation=block.operation,
        parameters=block.parameters,
        x=block.x[:1],
        starts=np.array([0, 1], np.int64),
        got=block.got[:1] * m,
        labels=None if block.labels is None else block.labels[:1],
    )
    column = judge_block(first).checks["accuracy", level]
    exact = m & (m - 1) == 0
    return exact and bool(column.checked[0]) and not column.violated[0] and not column.undecided[0]
