"""How far roundings of a sum may move it, from what is summed: zeros, small integers and small terms cost little.

Three facts sharpen the depth of a summation without a claim about its order (docs/numerics.md, "What is summed", has
the proofs). Adding a zero is exact. Sums of integers up to 2^p are exact. Adding b >= 0 to a number a of the format
errs by at most b, because a itself is a candidate for the nearest number; so however often small terms are absorbed,
the loss is at most what they are.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from softcert_oracle.limit_parameters import LimitParameters
from softcert_oracle.limits import sums
from softcert_oracle.numbers import formats
from softcert_oracle.numbers.scaled import Float, Scaled

Bool = NDArray[np.bool_]

CUTS = 64
"""Terms are told apart by floor |d| up to here: beyond, e^-64 = 2^-92 is below u of every format times any n."""

LAZY = 8.0 * float(np.log(2.0))
"""How far below the maximum the shift of an online algorithm may stay: a kernel that rescales lazily does so only when
the maximum has grown by 8 bits (FlashAttention 4)."""

ZERO_MARGIN = 8.0
"""e^d is taken for 0 below half the smallest subnormal number times e^-8: the shift may be 8 bits below the maximum
(kernels that rescale lazily), and the argument and the exponential have errors of their own."""


def zero_distance(p: LimitParameters) -> float:
    """|d| from which a term is exactly 0 in the working precision, rounded to nearest."""
    quantum = p.arithmetic.working.quantum_exponent - 1
    return -quantum * float(np.log(2.0)) + ZERO_MARGIN


def normal_distance(p: LimitParameters) -> float:
    """|d| below which a term cannot underflow: log of twice the smallest normal number."""
    return -(p.arithmetic.log_smallest_normal + float(np.log(2.0))) * (1.0 - 1e-12)


def row_growth(
    *, distance: Float, nearest: Float, present: Bool, zero: Bool, mass: Float, lost: Float, p: LimitParameters
) -> Float:
    """log of the largest factor that rounding may put on the sum of the terms of each row, shape (m, 1).

    Parameters
    ----------
    distance
        |d_j| (m, C).
    nearest
        The distance of the largest term that is summed, (m, 1): 0 for the sum of all.
    present
        The terms that are summed (m, C), without those of -inf.
    zero
        Those of them that are exactly 0 in the working precision.
    mass
        e^{t_j} times each term's share of the sum (m, C), t_j the logarithm of the factor that it may be off by; 0
        where not present.
    lost
        What underflow may take from the sum, relative (m, 1).
    p
        The subject's claims: depth, formats, online rescaling.

    Returns
    -------
    numpy.ndarray
        The least over k of the growth of k terms and -log(1 - f_k), f_k = (2G - 1) times the mass of the others, where
        the k terms are those nearer than a whole number, those that are not 0, or all.

    Notes
    -----
    G = (1+u)^h of the whole depth bounds what sums of small terms may grow by among themselves.
    """
    m, n = distance.shape
    whole = sums.growth(n, p)
    factor = absorbed(whole, p)
    counts, beyond = _by_distance(distance - nearest, present, mass)
    ends = np.arange(1, counts.shape[1] + 1) + nearest  # a cut of i terms ends at this distance
    share = factor * (beyond + lost)
    usable = (share < 1.0) & (ends <= normal_distance(p)) & (counts > 0)
    best = np.full(m, np.inf)
    if counts.shape[1]:
        candidates = sums.grown(counts, n, p) - np.log1p(-np.where(usable, share, 0.0))
        best = np.min(np.where(usable, candidates, np.inf), axis=1, initial=np.inf)
    finite = np.count_nonzero(present, axis=1)
    everything = sums.grown(finite, n, p)
    # Zeros are exact; where more bits are carried than claimed they are not zeros, but G is below 3/2 there. f n <= 1:
    # what underflow takes from the other terms is then counted by the zeros' own n_s omega.
    rest = 2.0 * np.sum(np.where(zero, mass, 0.0), axis=1)
    without = np.where(rest * n <= 1.0, sums.grown(finite - np.count_nonzero(zero, axis=1), n, p), np.inf)
    with np.errstate(invalid="ignore", divide="ignore"):
        without = np.where(np.isfinite(without), without - np.log1p(-np.minimum(rest, 0.5)), np.inf)
    least = np.minimum(np.minimum(best, without), everything)
    return np.asarray(compensated(least, n, sums.growth(n, p), p)[:, None])


def compensated(growth: Float, count: int, whole: float, p: LimitParameters) -> Float:
    """The growth, and at least what a compensated sum errs by, which is no tree of additions; at most the whole depth.

    Kahan's algorithm is within 2u + O(n u^2) of the sum of n terms (Higham, ASNA, section 4.3). Where all but the
    largest are together below half of half an ulp it never moves, so that a growth of at most u/4 holds for it as well.
    """
    least = least_compensated(count, whole, p)
    return np.where(growth <= 0.25 * p.arithmetic.u, growth, np.maximum(growth, least))


def least_compensated(count: int, whole: float, p: LimitParameters) -> float:
    """What a compensated sum of so many terms may err by: 2u + 4n u^2, at most the growth of them all."""
    u = p.arithmetic.u
    return min(2.0 * u + 4.0 * count * u * u, whole)


def lazy_shift(distance: Float, present: Bool, growth: Float, p: LimitParameters) -> Float:
    """What a shift below the maximum may cost beside the growth of the sum, (m, 1).

    The shift is then another logit, at a distance of sigma, at most `LAZY`: the arguments round at the size of sigma
    in the place of |d_j|, up to three times in base 2, and so does the logarithm of the sum, L + sigma: (6u + eps_l)
    sigma in all. Never more than the depth that the row saves: where no term is 0, the depth of a loop covers it.
    """
    a = p.arithmetic
    sigma = np.max(np.where(present & (distance <= LAZY), distance, 0.0), axis=1, keepdims=True, initial=0.0)
    saved = np.maximum(sums.growth(distance.shape[1], p) - growth, 0.0)
    return np.asarray(np.minimum((6.0 * a.u + a.log) * sigma, saved))


def absorbed(whole: float, p: LimitParameters) -> float:
    """2G - 1: the sum of the small terms errs by G - 1, and each of its parts is lost or doubled where it is added.

    4G - 1 where sums are kept in another format, because each addition then rounds twice.
    """
    same = formats.lookup(p.sum_format).precision == p.arithmetic.working.precision
    return (2.0 if same else 4.0) * float(np.exp(min(whole, 700.0))) - 1.0


def _by_distance(further: Float, present: Bool, mass: Float) -> tuple[NDArray[np.int64], Float]:
    """For i = 1 to `CUTS`: how many terms are nearer than i, and the mass of the others; both (m, CUTS)."""
    m = len(further)
    with np.errstate(invalid="ignore"):
        place = np.where(present, np.minimum(further, CUTS), CUTS).astype(np.int64)
    mass = np.where(present, mass, 0.0)  # a shift of e^t on nothing is no mass
    place = np.maximum(place, 0) + (np.arange(m) * (CUTS + 1))[:, None]
    flat, size = place.ravel(), m * (CUTS + 1)
    counts = np.bincount(flat, weights=present.ravel(), minlength=size).reshape(m, CUTS + 1)
    masses = np.bincount(flat, weights=mass.ravel(), minlength=size).reshape(m, CUTS + 1)
    beyond = np.cumsum(masses[:, :0:-1], axis=1)[:, ::-1]
    return np.cumsum(counts[:, :CUTS], axis=1).astype(np.int64), np.asarray(beyond)


def exact_integers(x: Float, distance: Float, present: Bool, zero: Bool, p: LimitParameters) -> Bool:
    """Rows (m, 1) whose terms are all 1 or 0, so that every partial sum is an integer that the formats hold.

    The maximum is 0 and every other logit is 0, too, or so low that its term is 0. (A maximum of 0 is asked for because
    base 2 with fused multiply-add gives 1 only there.) An integer is exact up to 2^p.
    """
    one = present & (distance == 0.0)
    precision = min(p.arithmetic.working.precision, formats.lookup(p.sum_format).precision)
    few = np.count_nonzero(one, axis=1) <= 2**precision
    at_zero = np.all(np.where(one, x == 0.0, True), axis=1)
    return np.asarray(np.all(one | zero | ~present, axis=1) & few & at_zero)[:, None]


def batch_growth(sizes: Scaled, p: LimitParameters) -> float:
    """The same for a sum of losses, as log of a factor on what they may add up to.

    Parameters
    ----------
    sizes
        The largest magnitudes that the computed losses may have, (m,): each exact loss and its limit.
    p
        The subject's claims.

    Returns
    -------
    float
        The least over k of the growth of k losses and log(1 + (2G - 1) E_k / T): T is the sum of ``sizes``, E_k that of
        all but the k that are at least a power of two.
    """
    m = sizes.shape[0]
    whole = sums.batch_growth(m, p)
    total = sizes.sum()
    if m < 2 or not np.all(np.isfinite(sizes.significand)) or float(total.significand) <= 0:
        return whole
    share = (sizes / total).to_float()
    exponents, counts = np.unique(-sizes.exponent, return_counts=True)  # largest first
    masses = np.array([share[sizes.exponent == -e].sum() for e in exponents])
    beyond = np.cumsum(masses[::-1])[::-1]
    beyond = np.append(beyond[1:], 0.0)
    kept = np.cumsum(counts)
    candidates = sums.batch_grown(kept, m, p) + np.log1p(absorbed(whole, p) * beyond)
    return float(compensated(np.minimum(whole, np.min(candidates)), m, whole, p))
