"""How errors grow with class count and with magnitude, as a law fitted to what was seen and held against the limit.

A limit of depth n - 1 is far from what a pairwise sum needs; "behaves like depth n/16" tells a user which contract
would fit, and errors that grow in proportion to a common offset tell that shift invariance is lost. The laws are those
of rounding error analysis: worst case n u for a loop, u log2 n for a tree (Higham, "Accuracy and Stability of Numerical
Algorithms", section 4.2), sqrt(n) u where roundings are independent (Higham and Mary, SIAM J. Sci. Comput. 2019).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import ArrayLike

from softcert_oracle.errors import UsageError
from softcert_oracle.numbers.scaled import Float

LAWS: Mapping[str, Callable[[Float], Float]] = MappingProxyType(
    {"constant": np.zeros_like, "log2 n": np.log2, "sqrt n": np.sqrt, "n": lambda n: n}
)
"""Growth of the error beyond what one rounding of each result costs, in units of u, slowest first."""

_WORTH = 0.8
"""A faster law must leave at most this share of the slower one's squared residuals: one term more in a fit of maxima
that scatter by tens of per cent removes up to a fifth of them by chance."""

_VISIBLE = 2.0
"""Growth over the whole range below two roundings (2u) is not growth: each measured maximum is itself uncertain by one
rounding either way."""


@dataclass(frozen=True, kw_only=True)
class Growth:
    """The law that errors follow: ``base + coefficient * law`` in units of u, or a power of the magnitude.

    Parameters
    ----------
    law
        A name of `LAWS`, or how errors grow with the magnitude, in words.
    base, coefficient
        The fitted constants; for magnitudes the scale and the power.
    of_limit
        The largest share of the limit that was seen; NaN without limits.
    points
        How many class counts (or magnitudes) were fitted.
    sentence
        The law in words, for reports.
    """

    law: str
    base: float
    coefficient: float
    of_limit: float
    points: int
    sentence: str


def with_classes(counts: ArrayLike, errors: ArrayLike, limits: ArrayLike | None = None) -> Growth:
    """The law of the largest errors seen at each class count.

    Parameters
    ----------
    counts, errors
        Class counts and errors in units of u, shape (k,) each, with at least three different counts.
    limits
        The limits at the same points, in the same unit.

    Returns
    -------
    Growth
        Non-negative least squares of ``base + coefficient * law(n)`` for each law, relative to the size of the error so
        that small counts weigh as much as large ones; of the laws that fit about as well, the slowest.

    Raises
    ------
    UsageError
        For fewer than three class counts with finite errors, or arrays of different lengths.

    Examples
    --------
    >>> with_classes([10, 100, 1000, 10000], [6.0, 51.0, 501.0, 5001.0]).law
    'n'
    """
    n, e, ratio = _points("counts", counts, errors, limits)
    weight = 1.0 / np.maximum(e, 1.0)
    chosen, base, coefficient, residual = "constant", *_fit(np.zeros_like(n), e, weight)
    for name, law in list(LAWS.items())[1:]:
        a, b, left = _fit(law(n), e, weight)
        grown = b * float(law(n).max() - law(n).min())
        if grown >= _VISIBLE and left < _WORTH * residual:
            chosen, base, coefficient, residual = name, a, b, left
    return Growth(
        law=chosen,
        base=base,
        coefficient=coefficient,
        of_limit=ratio,
        points=len(n),
        sentence=_sentence(chosen, coefficient, n, ratio),
    )


def with_magnitude(magnitudes: ArrayLike, errors: ArrayLike, limits: ArrayLike | None = None) -> Growth:
    """The power of max|x| that the largest errors follow.

    Parameters
    ----------
    magnitudes, errors
        Magnitudes (positive) and errors in units of u, shape (k,) each, with at least three different magnitudes.
    limits
        The limits at the same points, in the same unit.

    Returns
    -------
    Growth
        A power near 0 is what shift invariance gives; near 1, errors are a fixed number of ulps of the largest logit:
        level "sound" and no more. Fitted by least squares of the logarithms; errors below one rounding count as one.

    Raises
    ------
    UsageError
        For fewer than three magnitudes with finite errors, or one that is not positive.

    Examples
    --------
    >>> with_magnitude([1, 10, 100], [1.0, 10.0, 100.0]).law
    'proportional to max|x|'
    """
    x, e, ratio = _points("magnitudes", magnitudes, errors, limits)
    if np.any(x <= 0):
        raise UsageError(f"magnitudes={magnitudes!r}: give positive numbers.")
    log_x, log_e = np.log(x), np.log(np.maximum(e, 1.0))
    centred = log_x - log_x.mean()
    power = float(np.sum(centred * log_e) / np.sum(centred**2))
    scale = float(np.exp(np.mean(log_e - power * log_x)))
    steep = power > 0.5 and float(e.max()) >= _VISIBLE * max(1.0, float(e[np.argmin(x)]))
    if steep:
        law = "proportional to max|x|" if power < 1.5 else "faster than max|x|"
        sentence = f"grows like max|x|^{power:.2f}: not safe against a large common offset"
    else:
        law, sentence = "constant", "does not grow with the magnitude of the logits"
    return Growth(
        law=law, base=scale, coefficient=power, of_limit=ratio, points=len(x), sentence=sentence + _share(ratio)
    )


def _points(name: str, at: ArrayLike, errors: ArrayLike, limits: ArrayLike | None) -> tuple[Float, Float, float]:
    """Distinct abscissas in order, the largest error at each, and the largest share of the limit."""
    x, e = np.asarray(at, np.float64).ravel(), np.asarray(errors, np.float64).ravel()
    bound = np.full_like(e, np.inf) if limits is None else np.asarray(limits, np.float64).ravel()
    if not len(x) == len(e) == len(bound):
        raise UsageError(f"{name} has {len(x)} entries, errors {len(e)}, limits {len(bound)}: give as many of each.")
    kept = np.isfinite(x) & np.isfinite(e)
    x, e, bound = x[kept], e[kept], bound[kept]
    distinct, index = np.unique(x, return_inverse=True)
    if len(distinct) < 3:
        raise UsageError(f"{name}={at!r}: a law needs at least three different ones with finite errors.")
    largest = np.zeros(len(distinct))
    np.maximum.at(largest, index, e)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(e == 0, 0.0, e / bound)
    return distinct, largest, float(np.max(ratio)) if limits is not None else float("nan")


def _fit(growing: Float, errors: Float, weight: Float) -> tuple[float, float, float]:
    """Non-negative (base, coefficient) with the least weighted squares, and those squares."""
    best = (0.0, 0.0, float(np.sum((weight * errors) ** 2)))
    columns = np.stack([np.ones_like(errors), growing], axis=1) * weight[:, None]
    for active in ([0], [1], [0, 1]):
        if not np.all(np.any(columns[:, active] != 0, axis=0)):
            continue
        solution = np.linalg.lstsq(columns[:, active], weight * errors, rcond=None)[0]
        if np.any(solution < 0):
            continue
        left = float(np.sum((columns[:, active] @ solution - weight * errors) ** 2))
        if left < best[2]:
            full = dict(zip(active, solution.tolist(), strict=True))
            best = (full.get(0, 0.0), full.get(1, 0.0), left)
    return best


def _sentence(law: str, coefficient: float, counts: Float, ratio: float) -> str:
    span = f"over {counts[0]:g} to {counts[-1]:g} classes"
    if law == "constant":
        return f"does not grow {span}" + _share(ratio)
    if law == "n":
        depth = (
            f"n/{1 / coefficient:.3g}" if coefficient < 0.95 else "n" if coefficient < 1.05 else f"{coefficient:.3g} n"
        )
    else:
        depth = {"log2 n": "log2 n", "sqrt n": "√n"}[law]
        depth = depth if 0.95 < coefficient < 1.05 else f"{coefficient:.3g} {depth}"
    return f"behaves like depth {depth} {span}" + _share(ratio)


def _share(ratio: float) -> str:
    return "" if np.isnan(ratio) else f"; at most {ratio:.2g} of the limit"
