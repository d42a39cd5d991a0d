"""The row limits of one call at one level, and what is composed of them: losses, gradients, products, layers.

docs/options.md derives each step; shapes are canonical, (m, C) or (m,). Callers use `softcert_oracle.options.limits`.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from types import ModuleType

import numpy as np
from numpy.typing import NDArray

from softcert_oracle.limits import LimitParameters, accurate, complement, sound, stable, sums
from softcert_oracle.limits.row_quantities import RowQuantities
from softcert_oracle.limits.running_error import Bounded, add, div, mul, sub
from softcert_oracle.numbers.scaled import Scaled
from softcert_oracle.options import composing as c
from softcert_oracle.options import shaping
from softcert_oracle.options.canonical_call import CanonicalCall
from softcert_oracle.reference import truth

Float = NDArray[np.float64]

_MODULES: Mapping[str, ModuleType] = {"sound": sound, "stable": stable, "accurate": accurate}


class Setting:
    """One call at one level: the row limits, and what is composed of them (shapes (m, C) or (m,))."""

    def __init__(self, call: CanonicalCall, level: str, p: LimitParameters) -> None:
        self.call, self.level, self.parameters = call, level, p
        self.module = _MODULES[level]
        self.by = shaping.arithmetic(p)
        self.rows = truth.rows(call.logits())
        self.t = RowQuantities(self.rows, p)
        self.errors = shaping.errors(call, p)

    # -- rows ---------------------------------------------------------------------------------------------------

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
        own = stable.softmax(self.t, saved=saved) if self.level == "stable" else None
        if own is None:
            own = sound.softmax(self.t, saved=saved) if self.level == "sound" else accurate.softmax(self.t)
        if not np.any(self.errors):
            return own
        return c.widened(own, self.shift) + self.t.relative(self.shift * self._more).where(~self.t.absent, 0.0)

    def log_softmax(self) -> Scaled:
        """The level's limit at the shaped logits, and the shift."""
        own: Scaled = self.module.log_softmax(self.t)
        return c.widened(own, self.shift) + Scaled.of(self.shift * self._more) if np.any(self.errors) else own

    @cached_property
    def logsumexp(self) -> Bounded:
        """Log-sum-exps (m,) with their limit."""
        own: Scaled = self.module.logsumexp(self.t)
        value = Scaled.of(np.where(self.rows.ordinary, self.rows.logsumexp.to_float(), 0.0))
        if np.any(self.errors):
            shift = np.where(self.rows.ordinary, self.lse_shift[:, 0], 0.0)
            own = c.widened(own, shift) + Scaled.of(shift * self._more)
        return Bounded.within(value, own)

    @property
    def _more(self) -> float:
        """What the coefficients of a row limit, at most 16u + 4 eps_l together, add to a shift of its distances."""
        return 1.0 + 16.0 * self.by.u + 4.0 * self.t.arithmetic.log

    # -- losses -------------------------------------------------------------------------------------------------

    @cached_property
    def coefficients(self) -> Bounded:
        """c_j = w_j ((1 - eps) t_j + eps / C), (m, C); 0 in rows that do not count."""
        return c.coefficients(self.call, self.parameters, self.by)

    @cached_property
    def dense(self) -> bool:
        """Whether more than the label's class counts."""
        return self.call.targets is not None or self.call.smoothing > 0

    @cached_property
    def surprisal(self) -> Bounded:
        """-l_j (m, C) as a loss is made of it; 0 where it is infinite.

        The limit of a log-probability, with what a loss may round more, u and eps_l relative, and what saving it in a
        narrower format does; at the label never less than the limit of the loss itself.
        """
        own, a = self.log_softmax(), self.t.arithmetic
        size = abs(self.log_p)
        if self.level != "accurate":
            own = own + size * (2.0 * a.u + a.log)
            if a.saved is not None:
                own = own * (1.0 + a.saved.unit_roundoff) + size * a.saved.unit_roundoff
                own = own + Scaled.of(0.5, a.saved.quantum_exponent)
        elif a.saved is not None:
            own = own * (1.0 + a.saved.unit_roundoff) + size * a.saved.unit_roundoff
        return Bounded.within(size, own.where(~self.t.absent, 0.0))

    def row_losses(self) -> Bounded:
        """Losses of the rows (m,), with their limits; those that are not finite count as 0."""
        call, by = self.call, self.by
        each = self.surprisal
        if call.weight is not None or self.dense:
            each = mul(self.coefficients, each, by)
        else:
            each = Bounded(each.value * self.coefficients.value, each.error * self.coefficients.value)
        each = each if not np.any(self.t.absent) else c.zeroed(each, self.t.absent)
        grown = 2.0 * self.t.arithmetic.rounding + sums.growth(call.classes, self.parameters) if self.dense else 0.0
        losses = c.total(each, grown, axis=1)
        if call.z_loss:
            lse = self.logsumexp
            losses = add(losses, mul(mul(shaping.scalar(call.z_loss, self.parameters), lse, by), lse, by), by)
        assert call.kept is not None
        return c.zeroed(losses, ~(call.kept & self.finite_losses))

    @cached_property
    def finite_losses(self) -> NDArray[np.bool_]:
        """Rows (m,) whose loss is a number: no target on a class of probability 0, and a finite maximum."""
        wanted = self.coefficients.value.significand != 0
        return np.asarray(~np.any(wanted & self.t.absent, axis=1) & self.rows.ordinary)

    def reduced_loss(self) -> Bounded:
        """The loss as it is returned: (m,) or ()."""
        call, a = self.call, self.t.arithmetic
        losses = self.row_losses()
        if call.reduction == "none":
            return losses
        assert call.kept is not None
        if not np.all(self.finite_losses | ~call.kept):
            return Bounded.exact(0.0)
        grown = sums.batch_growth(call.m, self.parameters)
        if call.reduction == "mean":
            grown += a.rounding + a.division
        joined = c.total(losses, grown, axis=0)
        if self.parameters.flush_subnormals:
            joined = Bounded(joined.value, joined.error + a.half * float(call.m))
        return joined if call.reduction == "sum" else self._divided(joined)

    def _divided(self, b: Bounded) -> Bounded:
        """Divided by what a mean divides by, which may itself be a rounded sum. NaN has no limit."""
        divisor = c.divisor(self.call, self.parameters, self.t.arithmetic)
        if not float(divisor.value.to_float()):
            return Bounded(b.value * 0.0, b.error * 0.0)
        return div(b, divisor, self.by)

    # -- gradients ----------------------------------------------------------------------------------------------

    def by_shaped(self) -> Bounded:
        """(S + 2 z lse) p_k - c_k with its limit (m, C)."""
        call, by, coefficients = self.call, self.by, self.coefficients
        grown = sums.growth(call.classes, self.parameters) if self.dense else 0.0
        factor = c.total(coefficients, grown, axis=1)
        if self.level == "accurate":
            return self._accurately(factor)
        if call.z_loss:
            twice = mul(shaping.scalar(2.0 * call.z_loss, self.parameters), self.logsumexp, by)
            factor = add(factor, twice, by)
        p = Bounded.within(self.p, self.softmax(saved=True))
        return self._of_any_form(sub(mul(c.column(factor), p, by), coefficients, by), p.error)

    def _of_any_form(self, g: Bounded, limit_p: Scaled) -> Bounded:
        """The label's entry may be made from the sum of the other probabilities, as `stable.of_any_form` allows."""
        if not self.call.classes:
            return g
        marked = self._marked()
        at = np.arange(self.call.m), marked
        more = complement.gradient(self.t, marked) - limit_p[at]
        own = self.coefficients.value[at] * more.maximum(0.0)
        return Bounded(g.value, c.assigned(g.error, at, g.error[at] + own * (1.0 + self.by.u)))

    def _marked(self) -> NDArray[np.intp]:
        """The label of each row, or the class with the largest target (m,)."""
        if self.call.labels is not None:
            return self.call.labels
        assert self.call.targets is not None
        return np.asarray(np.argmax(self.call.targets, axis=1))

    def _accurately(self, total: Bounded) -> Bounded:
        """Level "accurate": (S - c_k) p_k - c_k (1 - p_k), each part with its relative limit, and the z-loss's."""
        a, by = self.t.arithmetic, self.by
        own = self.coefficients
        complement = abs(self.rows.complement.to_scaled()).where(self.rows.ordinary[:, None], 0.0)
        limit_p = self.softmax()
        limit_q = limit_p + complement * (2.0 * a.u)
        at = np.arange(self.call.m), self.rows.argmax
        if self.call.classes:
            nearest = accurate.gradient(self.t, self.rows.argmax)[at]
            limit_q = c.assigned(limit_q, at, nearest.maximum(limit_q[at]) if np.any(self.errors) else nearest)
        if self.call.classes and not np.any(self.errors):
            marked = self._marked()
            at = np.arange(self.call.m), marked
            limit_q = c.assigned(limit_q, at, limit_q[at].maximum(accurate.gradient(self.t, marked)[at]))
        rest = abs(c.column(total).value - own.value)
        parts = rest * self.p + abs(own.value) * complement
        grown = float(
            np.expm1(8.0 * a.rounding + (sums.growth(self.call.classes, self.parameters) if self.dense else 0.0))
        )
        error = rest * limit_p + abs(own.value) * limit_q + parts * grown + own.error * complement
        error = error + c.column(total).error * self.p
        value = c.column(total).value * self.p - own.value
        if self.call.z_loss:
            twice = mul(shaping.scalar(2.0 * self.call.z_loss, self.parameters), self.logsumexp, by)
            extra = mul(c.column(twice), Bounded.within(self.p, limit_p), by)
            value, error = value + extra.value, error + extra.error + abs(extra.value) * a.u
        return Bounded(value, error)

    def gradient(self) -> Bounded:
        """By the logits as they were given: chain rule, upstream gradient, reduction; 0 where a row does not count."""
        call, by = self.call, self.by
        g = self._chained(self.by_shaped())
        size = Scaled.of(1.0)
        if call.upstream is not None:
            weights = np.broadcast_to(call.upstream, (call.m,))[:, None]
            g, size = mul(g, Bounded.exact(weights), by), Scaled.of(1.0 + np.abs(weights))
        if call.reduction == "mean":
            saved = self.t.arithmetic.saved  # 1/m and m are kept in it too, see `reductions.gradient`
            twice = by.depth_growth(2) if saved is None else np.expm1(2.0 * (by.u + np.log1p(saved.unit_roundoff)))
            g = self._divided(Bounded(g.value, g.error * (1.0 + twice) + abs(g.value) * twice))
        lost = by.tiny * size * (4.0 + 4.0 / call.temperature)  # products of three or four in any order may underflow
        g = Bounded(g.value, g.error + lost)
        return c.zeroed(g, self._without_gradient())

    def _without_gradient(self) -> NDArray[np.bool_]:
        """Where the gradient is exactly 0 or no number: ignored rows, rows without a maximum, masked classes."""
        gone = np.broadcast_to(~self.rows.ordinary[:, None], (self.call.m, self.call.classes))
        if self.call.kept is not None:
            gone = gone | ~self.call.kept[:, None]
        return np.asarray(gone if self.call.mask is None else gone | ~self.call.mask)

    def _chained(self, g: Bounded) -> Bounded:
        call = self.call
        slope = shaping.slope(call, self.parameters, relative=self.level == "accurate")
        if slope is not None:
            g = mul(g, slope, self.by)
        return g if call.temperature == 1.0 else shaping.over(g, call.temperature, self.parameters)

    # -- vector-Jacobian products ---------------------------------------------------------------------------------

    def _probabilities(self) -> Bounded:
        """Probabilities as a backward pass has them: saved in the contract's format."""
        limit, saved = self.softmax(saved=self.level != "accurate"), self.t.arithmetic.saved
        if saved is not None:
            limit = limit * (1.0 + saved.unit_roundoff) + self.p * saved.unit_roundoff
            limit = (limit + Scaled.of(0.5, saved.quantum_exponent)).where(~self.t.absent, 0.0)
        return Bounded.within(self.p, limit)

    def _upstream(self) -> Bounded:
        assert self.call.upstream is not None
        return Bounded.exact(self.call.upstream)

    def softmax_vjp(self) -> Bounded:
        """p_i (w_i - sum p_j w_j), or p_i w_i - p_i sum p_j w_j: one rounding more than the first."""
        return self._vjp(self._centred(self._probabilities(), Scaled.of(0.0), 1))

    def _centred(self, p: Bounded, shift: Scaled, apart: int) -> Bounded:
        """p_i (w_i - sum p_j w_j), where w may first be moved by up to ``shift`` (m, 1) or ().

        ``apart`` roundings may act on each of the terms p_i w_i and p_i sum p_j w_j alone.
        """
        by, w = self.by, self._upstream()
        grown, moved = sums.growth(self.call.classes, self.parameters), abs(w.value) + shift
        sum_ = c.total(mul(p, w, by), grown, axis=1)
        error = c.total(mul(p, Bounded(moved, w.error), by), grown, axis=1).error
        centre = c.column(Bounded(sum_.value, error))
        v = mul(p, sub(w, centre, by), by)
        more = self.p * (moved + abs(centre.value) + shift) * by.depth_growth(apart)
        return Bounded(v.value, v.error + more + by.tiny * 2.0 * apart)

    def cross_entropy_hvp(self) -> Bounded:
        """p_i (w_i - sum p_j w_j), divided by m for a mean, as a graph of operations is differentiated twice.

        The terms p_i w_i and p_i sum p_j w_j then come from nodes of their own: each is multiplied, divided by the sum
        of exponentials (the second by its square), and multiplied by 1/m, itself rounded. That is six roundings apart.
        Where the label's gradient is minus the sum of the others, the label's w is subtracted from all; and its
        probability may be known as its gradient is, p - 1, to which 1 is added ("accurate" asks for more).
        """
        p, labels, shift = self._probabilities(), self.call.labels, Scaled.of(0.0)
        assert labels is not None
        assert self.call.upstream is not None
        if self.call.classes:
            at = np.arange(self.call.m), labels
            if self.level != "accurate":
                known: Scaled = self.module.gradient(self.t, labels)[at] + Scaled.of(self.by.u)
                p = Bounded(p.value, c.assigned(p.error, at, p.error[at].maximum(known)))
            shift = Scaled.of(np.abs(self.call.upstream[at]))[:, None]
        h = self._centred(p, shift, 6)
        h = self._divided(h) if self.call.reduction == "mean" else h
        # The harness differentiates half the loss and doubles the result, which is exact but for underflow.
        return self._vjp(Bounded(h.value, h.error + self.by.tiny * 4.0))

    def log_softmax_vjp(self) -> Bounded:
        """w_i - p_i sum w_j."""
        by, p, w = self.by, self._probabilities(), self._upstream()
        total = c.column(c.total(w, sums.growth(self.call.classes, self.parameters), axis=1))
        return self._vjp(sub(w, mul(p, total, by), by))

    def _vjp(self, v: Bounded) -> Bounded:
        gone = self._without_gradient()
        if self.call.operation != "log_softmax_vjp":
            gone = gone | self.t.absent
        return c.zeroed(self._chained(v), gone)

    # -- linear layers --------------------------------------------------------------------------------------------

    def linear_gradients(self) -> list[Bounded]:
        """By X (m, K), W (C, K) and b (C,): products of G = dL/dz with W, X and 1."""
        call, p, by = self.call, self.parameters, self.by
        assert call.linear is not None
        features, weights, _ = (Bounded.exact(v) for v in call.linear)
        g = self.gradient()
        over_classes, over_rows = sums.growth(call.classes, p), sums.batch_growth(call.m, p)
        more = self.t.arithmetic.rounding  # a reduction that is applied to the product
        by_features = c.total(mul(g[:, :, None], weights[None], by), over_classes + more, axis=1)
        by_weights = c.total(mul(g[:, :, None], features[:, None], by), over_rows + more, axis=0)
        return [by_features, by_weights, c.total(g, over_rows + more, axis=0)]
