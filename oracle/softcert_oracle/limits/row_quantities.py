"""The quantities of rows that every limit is written in: |d|, |l|, L, p, A_s and what underflows.

Brackets such as u (4 + 3|d_j| + L) are ordinary float64 numbers; only p and what is multiplied by it have exponents of
their own. |l_j| = |d_j| + L adds two numbers of one sign, so it needs no enclosure.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from softcert_oracle.limit_parameters import Arithmetic, LimitParameters
from softcert_oracle.limits import concentration, sums
from softcert_oracle.limits.running_error import exp_scaled
from softcert_oracle.numbers.scaled import Float, Scaled
from softcert_oracle.reference.truth import Rows

Bool = NDArray[np.bool_]

_WIDEST = 3.0
"""The largest coefficient of u|d_j| in the error of a term, that of level "stable"."""

_OVERFLOWED_DISTANCE = 2.0**1023
"""Stands for |d| where x - max overflows: a quarter of the most it can be, so absolute limits are quadrupled there."""


class RowQuantities:
    """Rows (m, C) seen with one set of parameters. Rows without a finite maximum are given d = 0 and no limit.

    ``off`` (m, C) says how far the log-probabilities of the logits that the subject has may be from those of ``rows``,
    None where they are the same logits: then no sum of theirs is known to be exact.
    """

    def __init__(self, rows: Rows, p: LimitParameters, off: Float | None = None) -> None:
        self.rows = rows
        self.off = off
        self.parameters = p
        self.arithmetic: Arithmetic = p.arithmetic
        self.m, self.n = rows.x.shape

    @cached_property
    def all_ordinary(self) -> bool:
        """Whether every row has a finite maximum."""
        return bool(np.all(self.rows.ordinary))

    @cached_property
    def absent(self) -> Bool:
        """Entries without a limit: logits of -inf (their p is exactly 0), and whole rows of a special class."""
        gone = np.asarray(self.rows.x == -np.inf)
        return gone if self.all_ordinary else np.asarray(gone | ~self.rows.ordinary[:, None])

    @cached_property
    def distance(self) -> Float:
        """|d_j| (m, C), finite; 0 for absent entries."""
        return np.where(self.absent, 0.0, np.where(self.beyond, _OVERFLOWED_DISTANCE, -self.rows.d))

    @cached_property
    def beyond(self) -> Bool:
        """Entries whose |d| overflowed float64 though the logit is finite."""
        return np.asarray((self.rows.d == -np.inf) & ~self.absent)

    @cached_property
    def log_sum(self) -> Float:
        """L (m, 1), finite."""
        return self._column(self.rows.L, 0.0)

    @cached_property
    def sum(self) -> Float:
        """s (m, 1), at least 1."""
        return self._column(self.rows.s, 1.0)

    @cached_property
    def surprisal(self) -> Float:
        """|l_j| = |d_j| + L (m, C)."""
        return np.asarray(self.distance + self.log_sum)

    @cached_property
    def weights(self) -> Float:
        """p_j (m, C) as float64, zero where it underflows and for absent entries."""
        with np.errstate(under="ignore"):
            return np.where(self.absent, 0.0, np.exp(-self.distance) / self.sum)

    @cached_property
    def probability(self) -> Scaled:
        """p_j (m, C) with exponents of its own; 0 for absent entries."""
        p = self.rows.softmax.to_scaled()
        return p if not np.any(self.absent) else p.where(~self.absent, 0.0)

    @cached_property
    def mean_distance(self) -> Float:
        """D = sum p_j |d_j| (m, 1); at most W0((n-1)/e) < log n."""
        return np.asarray(np.sum(self.weights * self.distance, axis=1, keepdims=True))

    def others(self, classes: NDArray[np.intp]) -> tuple[Float, Float]:
        """Weights of all classes but one of each row, p_k over their sum, and -log of them; both (m, C).

        Formed relative to the largest that is left, which may itself be far below float64's range; all weights are 0
        where none is left.
        """
        left = ~self.absent
        if self.n:
            left[np.arange(self.m), classes] = False
        nearest = np.min(np.where(left, self.distance, np.inf), axis=1, keepdims=True, initial=np.inf)
        further = self.distance - np.where(np.isinf(nearest), 0.0, nearest)
        with np.errstate(under="ignore"):
            weights = np.where(left, np.exp(-np.maximum(further, 0.0)), 0.0)
        total = np.maximum(np.sum(weights, axis=1, keepdims=True), 1.0)
        return np.asarray(weights / total), np.asarray(further + np.log(total))

    def mean_distance_without(self, classes: NDArray[np.intp]) -> Float:
        """The mean of |d_k| over all classes but one of each row, weighted by p_k; (m, 1), 0 where none is left."""
        mean = np.sum(self.others(classes)[0] * self.distance, axis=1, keepdims=True)
        return np.asarray(np.minimum(mean, np.finfo(np.float64).max))  # weights may sum to 1 + 2^-52

    @cached_property
    def largest_logit(self) -> Float:
        """max |x| over the finite logits (m, 1)."""
        finite = np.where(self.absent, 0.0, self.rows.x)
        return np.asarray(np.max(np.abs(finite), axis=1, keepdims=True, initial=0.0))

    @cached_property
    def moved(self) -> Float:
        """How far rounding the input to a narrower working precision may move a logit (m, 1)."""
        a = self.arithmetic
        if not a.narrow_input:
            return np.zeros((self.m, 1))
        return np.asarray(a.u * self.largest_logit + a.half.to_float())

    @cached_property
    def below_normal(self) -> Bool:
        """Terms e^{d_j} whose exponential may underflow (m, C): below 2N; below N and its errors where flushed to 0."""
        threshold = concentration.normal_distance(self.parameters)
        if self.parameters.flush_subnormals:
            a = self.arithmetic
            threshold = -a.log_smallest_normal * (1.0 - 4.0 * a.u) - a.exp
        return np.asarray((self.distance >= threshold) & ~self.absent)

    @cached_property
    def probability_below_normal(self) -> Bool:
        """p_j < 2N (m, C)."""
        return np.asarray((self.probability.exponent <= self.arithmetic.working.emin + 1) & ~self.absent)

    @cached_property
    def lost_terms(self) -> Float:
        """n_s omega / s (m, 1): the absolute error of the underflowed terms relative to the sum."""
        count = np.count_nonzero(self.below_normal, axis=1, keepdims=True)
        online = self.n if self.parameters.algorithm == "online" else 0
        return np.asarray((count + online) * self.arithmetic.omega.to_float() / self.sum)

    def sum_error(self, per_distance: float, at_maximum: float = 0.0, everywhere: Float | float = 0.0) -> Float:
        """A_s (m, 1): log of the factor that the computed sum may be off by, underflow included; see `term_error`."""
        terms = self.term_error(per_distance, at_maximum, everywhere)
        errors = sums.joined(self.weights, terms, self.surprisal, self.lost_terms)
        return np.asarray(errors + self.growth)

    @cached_property
    def exact_integers(self) -> Bool:
        """Rows (m, 1) whose terms are all 1 or 0: their sum is exact in every order."""
        exact = concentration.exact_integers(self.rows.x, self.distance, ~self.absent, self.zero, self.parameters)
        return exact if self.off is None else np.zeros_like(exact)

    @cached_property
    def zero(self) -> Bool:
        """Terms e^{d_j} that are exactly 0 in the working precision, though their logits are finite (m, C)."""
        least = concentration.zero_distance(self.parameters)
        return np.asarray(~self.absent & (self.distance - (0.0 if self.off is None else 2.0 * self.off) >= least))

    def mass(self, weights: Float, logs: Float) -> Float:
        """w_j e^{t_j} (m, C): the most that a term's share of a sum may be, at the logits that the subject has."""
        terms = self.term_error(_WIDEST, self.arithmetic.exp, self.common) + 4.0 * self.moved
        if self.off is not None:
            terms = terms + 2.0 * self.off
        with np.errstate(over="ignore"):
            return np.asarray(sums.enlarged(weights, terms, logs) + weights)

    @cached_property
    def growth(self) -> Float:
        """log of the factor that additions alone may put on s (m, 1): `concentration.row_growth`, 0 for exact sums."""
        growth = concentration.row_growth(
            distance=self.distance,
            nearest=np.zeros((self.m, 1)),
            present=~self.absent,
            zero=self.zero,
            mass=self.mass(self.weights, self.surprisal),
            lost=self.lost_terms,
            p=self.parameters,
        )
        return np.where(self.exact_integers, 0.0, growth)

    @cached_property
    def lazy_shift(self) -> Float:
        """What a shift below the maximum may cost (m, 1): `concentration.lazy_shift`, for algorithms without a name."""
        return concentration.lazy_shift(self.distance, ~self.absent, self.growth, self.parameters)

    @cached_property
    def common(self) -> Float:
        """u^2 |m| (m, 1) for base 2 with fused multiply-add, where all terms have it; else 0."""
        if self.parameters.algorithm != "base-2-fma":
            return np.zeros((self.m, 1))
        largest = np.abs(np.where(self.rows.ordinary, self.rows.max, 0.0))[:, None]
        return np.asarray(self.arithmetic.u**2 * largest)

    def growth_without(self, classes: NDArray[np.intp]) -> Float:
        """The same for the sum of all terms but one of each row (m, 1), relative to that sum.

        Whether the terms are 1 and 0 does not matter here: the sum may be one of probabilities, which are 1/k then.
        """
        weights, logs = self.others(classes)
        present = ~self.absent
        if self.n:
            present[np.arange(self.m), classes] = False
        nearest = np.min(np.where(present, self.distance, np.inf), axis=1, keepdims=True, initial=np.inf)
        nearest = np.where(np.isinf(nearest), 0.0, nearest)
        share = np.sum(np.where(present, np.exp(-self.distance), 0.0), axis=1, keepdims=True)
        with np.errstate(over="ignore"):
            lost = self.lost_terms * self.sum / np.maximum(share, np.finfo(np.float64).tiny)
        return concentration.row_growth(
            distance=self.distance,
            nearest=nearest,
            present=present,
            zero=self.zero & present,
            mass=self.mass(weights, logs),
            lost=lost,
            p=self.parameters,
        )

    @cached_property
    def growth_without_maximum(self) -> Float:
        """`growth_without` the maximum's class, 0 where the others are 1 and 0."""
        return np.where(self.exact_integers, 0.0, self.growth_without(self.rows.argmax))

    def term_error(self, per_distance: float, at_maximum: float = 0.0, everywhere: Float | float = 0.0) -> Float:
        """log of the factor that e^{d_j} may be off by, shape (m, C).

        ``per_distance`` u |d_j| from the argument and the exponential's own error; e^0 of the maximum is exact unless
        ``at_maximum`` says otherwise. ``everywhere`` (m, 1) is added to all.
        """
        own = per_distance * self.arithmetic.u * self.distance + self.arithmetic.exp
        return np.asarray(np.where(self.distance > 0, own, at_maximum) + everywhere)

    def log_error(self, sum_error: Float) -> Float:
        """The error of a computed log of a sum that is off by a factor e^{A}: A + eps_l (L + A), shape (m, 1).

        Where the sum is kept in a narrower format its logarithm is too: (1 + eps_l)(1 + u_v) - 1 in the place of eps_l.
        """
        a = self.arithmetic
        return np.asarray(sum_error + (a.log + a.kept_log * (1.0 + a.log)) * (self.log_sum + sum_error))

    def relative(self, exponent: Float) -> Scaled:
        """p_j expm1(exponent), shape (m, C), nothing lost to the range of float64."""
        with np.errstate(over="ignore", invalid="ignore"):
            result = self.probability * np.expm1(np.minimum(exponent, sums.LARGE))
            large = (exponent > sums.LARGE) & ~self.absent
            if np.any(large):
                result = result.where(~large, exp_scaled(exponent - self.surprisal))
        return result

    def absolute(self, values: Float) -> Scaled:
        """Absolute limits as Scaled: 0 for absent entries; four times as much where |d| overflowed."""
        limit = Scaled.of(np.where(self.absent, 0.0, values))
        return limit.where(~self.beyond, limit * 4.0) if np.any(self.beyond) else limit

    def by_row(self, values: Float) -> Scaled:
        """Limits of whole rows from (m, 1): shape (m,), 0 for rows of a special class."""
        return Scaled.of(values[:, 0] if self.all_ordinary else np.where(self.rows.ordinary, values[:, 0], 0.0))

    def _column(self, values: Float, special: float) -> Float:
        column = values[:, None]
        return column if self.all_ordinary else np.where(self.rows.ordinary[:, None], column, special)
