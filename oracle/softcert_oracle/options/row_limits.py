"""The limits of the rows of one call at one level: what losses, gradients and products with options are composed of.

They are the limits of `softcert_oracle.limits` at the shaped logits, widened by the errors of shaping them.
docs/options.md derives each step.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from types import ModuleType

import numpy as np
from numpy.typing import NDArray

from softcert_oracle.levels import Level
from softcert_oracle.limits import LimitParameters, accurate, reductions, sound, stable, sums
from softcert_oracle.limits.row_quantities import RowQuantities
from softcert_oracle.limits.running_error import Bounded
from softcert_oracle.numbers.scaled import Scaled
from softcert_oracle.options import composing, shaping
from softcert_oracle.options.canonical_call import CanonicalCall
from softcert_oracle.reference import truth

Float = NDArray[np.float64]

_FORMULAS: Mapping[Level, ModuleType] = {Level.SOUND: sound, Level.STABLE: stable, Level.ACCURATE: accurate}


class RowLimits:
    """Probabilities, log-probabilities and log-sum-exps of one call with their limits at one level.

    Shapes are canonical: (m, C), or (m,) for one number a row. ``by`` is the working precision as the algebra of
    `softcert_oracle.limits.running_error` takes it, ``rows`` the exact values at the shaped logits, ``t`` the
    quantities of their formulas, and ``errors`` how far each shaped logit may be off, absolute, (m, C).

    Parameters
    ----------
    call
        The call in canonical form.
    level
        A level that has a limit: "sound", "stable" or "accurate".
    p
        The subject's claims.
    """

    def __init__(self, call: CanonicalCall, level: Level, p: LimitParameters) -> None:
        self.call, self.level, self.parameters = call, level, p
        self.formulas = _FORMULAS[level]
        self.by = shaping.arithmetic(p)
        self.rows = truth.rows(call.logits())
        self.t = RowQuantities(self.rows, p)
        self.errors = shaping.errors(call, p)
        if np.any(self.errors):  # sums are those of the logits that the subject has
            self.t = RowQuantities(self.rows, p, self.shift)

    @cached_property
    def lse_shift(self) -> Float:
        """log sum p_j e^{e_j} (m, 1): how far the errors of the logits move the log-sum-exp."""
        return sums.joined(self.t.weights, self.errors, self.t.surprisal, np.zeros((self.call.m, 1)))

    @cached_property
    def shift(self) -> Float:
        """How far they move a log-probability (m, C): e_j, and the log-sum-exp or the maximum."""
        if not np.any(self.errors):
            return np.zeros_like(self.errors)
        top = np.take_along_axis(self.errors, self.rows.argmax[:, None], axis=1)
        return np.where(self.t.absent, 0.0, self.errors + np.maximum(self.lse_shift, top))

    @cached_property
    def p(self) -> Scaled:
        """Probabilities; 0 where a class or a row has none."""
        return self.t.probability.where(self.rows.ordinary[:, None], 0.0)

    @cached_property
    def log_p(self) -> Scaled:
        """Log-probabilities; 0 where they are not finite."""
        return Scaled.of(np.where(self.t.absent, 0.0, -self.t.surprisal))

    def softmax(self, saved: bool = False) -> Scaled:
        """The level's limit at the shaped logits, and p_j expm1(shift). ``saved``: kept in the contract's format."""
        own: Scaled
        own = accurate.softmax(self.t) if self.level == Level.ACCURATE else self.formulas.softmax(self.t, saved=saved)
        own = reductions.flushed(self.t, own, self.p)
        if not np.any(self.errors):
            return own
        return composing.widened(own, self.shift) + self.t.relative(self.shift * self._widening).where(
            ~self.t.absent, 0.0
        )

    def log_softmax(self) -> Scaled:
        """The level's limit at the shaped logits, and the shift."""
        own = reductions.flushed(self.t, self.formulas.log_softmax(self.t), self.log_p)
        return (
            composing.widened(own, self.shift) + Scaled.of(self.shift * self._widening) if np.any(self.errors) else own
        )

    @cached_property
    def logsumexp(self) -> Bounded:
        """Log-sum-exps (m,) with their limit."""
        value = Scaled.of(np.where(self.rows.ordinary, self.rows.logsumexp.to_float(), 0.0))
        own = reductions.flushed(self.t, self.formulas.logsumexp(self.t), value)
        if np.any(self.errors):
            shift = np.where(self.rows.ordinary, self.lse_shift[:, 0], 0.0)
            own = composing.widened(own, shift) + Scaled.of(shift * self._widening)
        return Bounded.within(value, own)

    @property
    def _widening(self) -> float:
        """What the coefficients of a row limit, at most 16u + 4 eps_l together, add to a shift of its distances."""
        return 1.0 + 16.0 * self.by.u + 4.0 * self.t.arithmetic.log

    @cached_property
    def coefficients(self) -> Bounded:
        """c_j = w_j ((1 - eps) t_j + eps / C), (m, C); 0 in rows that do not count."""
        return composing.coefficients(self.call, self.parameters, self.by)

    @cached_property
    def dense(self) -> bool:
        """Whether more than the label's class counts."""
        return self.call.targets is not None or self.call.smoothing > 0
