"""The exact results as balls of any precision, by place in canonical order.

docs/options.md has the formulas: with coefficients c_j = w_j ((1 - eps) t_j + eps / C) and S their sum, the loss of a
row is -sum c_j l_j + z lse^2 and its gradient by the shaped logits is (S + 2 z lse) p_k - c_k.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
from flint import arb, fmpq

from softcert_oracle.options.arb_rows import EXACT_BITS, RowBalls, rational
from softcert_oracle.options.canonical_call import CanonicalCall
from softcert_oracle.reference import special_rows
from softcert_oracle.reference.arb import precision
from softcert_oracle.reference.special_rows import RowKind

Value = Any
"""A ball, or a float where the result is infinite, does not exist, or is exactly 0."""

_NAN = float("nan")


class Exact:
    """The results of one call. `at` gives any of them at any precision."""

    def __init__(self, call: CanonicalCall) -> None:
        self.call = call
        self.name = call.operation
        self.shaped = call.logits()
        self.kind = special_rows.kinds(self.shaped)
        self._limits = special_rows.limits(self.shaped, self.kind)
        self.row = lru_cache(maxsize=64)(self._row)
        self.coefficients = lru_cache(maxsize=64)(self._coefficients)
        self.centre = lru_cache(maxsize=64)(self._centre)
        self.uniform = lru_cache(maxsize=64)(self._uniform)
        self.gradients = lru_cache(maxsize=64)(self._gradients)

    # -- rows ---------------------------------------------------------------------------------------------------

    @cached_property
    def _linear_logits(self) -> list[list[Any]]:
        assert self.call.linear is not None
        features, weights, bias = ([[arb(float(v)) for v in row] for row in np.atleast_2d(a)] for a in self.call.linear)
        with precision(EXACT_BITS):
            return [
                [sum((p * q for p, q in zip(f, w, strict=True)), c) for w, c in zip(weights, bias[0], strict=True)]
                for f in features
            ]

    def _row(self, i: int, bits: int) -> RowBalls:
        p = self.call
        if p.linear is not None:
            return RowBalls(self._linear_logits[i], 1.0, None, bits)
        assert p.x is not None
        present = np.ones(p.classes, bool) if p.mask is None else p.mask[i]
        if p.softcap is None:
            present = present & (p.x[i] != -np.inf)
        logits = [arb(v) if here else None for v, here in zip(p.x[i].tolist(), present.tolist(), strict=True)]
        return RowBalls(logits, p.temperature, p.softcap, bits)

    def ordinary(self, i: int) -> bool:
        """Whether row i has a finite maximum."""
        return bool(self.kind[i] == RowKind.ORDINARY)

    def masked(self, i: int, j: int) -> bool:
        """Whether class j of row i is masked: the logit there is not used, so nothing depends on it."""
        return self.call.mask is not None and not self.call.mask[i, j]

    # -- targets and reductions ---------------------------------------------------------------------------------

    def _coefficients(self, i: int) -> tuple[dict[int, Any], Any]:
        """c_j of row i where it is not 0, as fractions, and their sum S."""
        p = self.call
        assert p.kept is not None
        if not p.kept[i]:
            return {}, fmpq(0)
        smoothing = rational(p.smoothing)
        keep, share = 1 - smoothing, smoothing / max(p.classes, 1)
        if p.targets is not None:
            target = {j: keep * rational(v) for j, v in enumerate(p.targets[i].tolist()) if v}
        else:
            assert p.labels is not None
            target = {int(p.labels[i]): keep}
        if share:
            target = {j: target.get(j, fmpq(0)) + share for j in range(p.classes)}
        if p.weight is not None:
            target = {j: t * rational(float(p.weight[j])) for j, t in target.items()}
        nonzero = {j: t for j, t in target.items() if t}
        return nonzero, sum(nonzero.values(), fmpq(0))

    @cached_property
    def divisor(self) -> Any:
        """What the mean divides by, a fraction: the weights of the labels that are kept, or the number of rows."""
        p = self.call
        if p.reduction != "mean":
            return fmpq(1)
        if p.targets is not None:
            return fmpq(p.m)
        assert p.labels is not None
        assert p.kept is not None
        if p.weight is None:
            return fmpq(int(np.count_nonzero(p.kept)))
        return sum((rational(float(p.weight[y])) for y in p.labels[p.kept].tolist()), fmpq(0))

    # -- results ------------------------------------------------------------------------------------------------

    def at(self, k: int, bits: int) -> Value:
        """The result at canonical place k."""
        with precision(bits):
            return BY_OPERATION[self.name](self, k, bits)

    def _by_class(self, k: int, bits: int, which: int, name: str) -> Value:
        i, j = divmod(k, self.call.classes)
        if not self.ordinary(i):
            return float(self._limits[which][i, j])
        if self.shaped[i, j] == -np.inf and (self.masked(i, j) or self.row(i, bits).d[j] is None):
            return 0.0 if name == "softmax" else -np.inf
        return getattr(self.row(i, bits), name)(j)

    def logsumexp(self, i: int, bits: int) -> Value:
        """Of the shaped logits of row i."""
        return self.row(i, bits).logsumexp if self.ordinary(i) else float(self._limits[2][i])

    def loss(self, i: int, bits: int) -> Value:
        """-sum c_j l_j + z lse^2 of row i, where 0 log 0 = 0."""
        assert self.call.kept is not None
        if not self.call.kept[i]:
            return 0.0
        coefficients, _ = self.coefficients(i)
        if not self.ordinary(i):
            lost = [-float(c.p) / float(c.q) * self._limits[1][i, j] for j, c in coefficients.items()]
            with np.errstate(invalid="ignore"):
                z = self.call.z_loss
                return float(np.sum(lost) + (z * self._limits[2][i] ** 2 if z else 0.0))
        row = self.row(i, bits)
        if any(row.d[j] is None for j in coefficients):
            return float("inf") if all(c > 0 for j, c in coefficients.items() if row.d[j] is None) else _NAN
        total = sum((c * (row.log - row.d[j]) for j, c in coefficients.items()), arb(0))
        if self.call.z_loss:
            total += rational(self.call.z_loss) * row.logsumexp**2
        return total

    def reduced_loss(self, k: int, bits: int) -> Value:
        """The loss of row k, or of all rows joined."""
        if self.call.reduction == "none":
            return self.loss(k, bits)
        total, beyond = arb(0), 0.0
        for i in range(self.call.m):
            value = self.loss(i, bits)
            if isinstance(value, float):
                beyond += value
            else:
                total += value
        if beyond != 0:  # infinity or NaN
            return beyond
        if not self.divisor:
            return float("inf") if total > 0 else _NAN
        return total / self.divisor

    def gradient(self, k: int, bits: int) -> Value:
        """The derivative of the reduced loss (of the upstream-weighted sum of losses) by logit k."""
        p = self.call
        i, j = divmod(k, p.classes)
        assert p.kept is not None
        if not p.kept[i] or self.masked(i, j):
            return 0.0
        if not self.ordinary(i) or not self.divisor:
            return _NAN
        scale = 1 / self.divisor
        if p.upstream is not None:
            scale = scale * rational(float(p.upstream[i] if p.upstream.ndim else p.upstream))
        by_shaped = self.by_logit(i, j, bits)
        if not scale or isinstance(by_shaped, float):
            return 0.0
        return by_shaped * scale * self.row(i, bits).slope(j) if self._sloped else by_shaped * scale

    @property
    def _sloped(self) -> bool:
        return self.call.softcap is not None or self.call.temperature != 1.0

    def by_logit(self, i: int, j: int, bits: int) -> Value:
        """(S + 2 z lse) p_j - c_j. Exactly 0 where every distinct logit's exponential has coefficient 0.

        By Lindemann and Weierstrass that is the only way for z = 0 and logits that are not capped: no target at all, or
        equal logits whose targets are equal.
        """
        coefficients, total = self.coefficients(i)
        own = coefficients.get(j, fmpq(0))
        row = self.row(i, bits)
        z = self.call.z_loss
        if row.d[j] is None:
            return -own + arb(0) if own else 0.0
        if not z and row.flat:
            value = total / len(row.present) - own
            return value + arb(0) if value else 0.0
        if not z and j == row.first and own == total:
            return -(own * row.tau / (1 + row.tau)) if own else 0.0
        factor = total + 2 * rational(z) * row.logsumexp if z else total + arb(0)
        return factor * row.softmax(j) - own

    def _centre(self, i: int, bits: int) -> Any:
        """What a vector-Jacobian product subtracts: sum p_j w_j, or sum w_j (exact)."""
        assert self.call.upstream is not None
        weights = self.call.upstream[i].tolist()
        if self.name == "log_softmax_vjp":
            return sum((rational(w) for w in weights), fmpq(0))
        row = self.row(i, bits)
        with precision(bits):
            return sum((row.e[j] * arb(w) for j, w in enumerate(weights) if row.d[j] is not None), arb(0)) / (
                1 + row.tau
            )

    def _uniform(self, i: int, bits: int) -> bool:
        """Whether the upstream gradient is the same for all classes of row i that take part: then nothing is left."""
        assert self.call.upstream is not None
        own = self.call.upstream[i, list(self.row(i, bits).present)]
        return bool(np.all(own == own[:1]))

    def vjp(self, k: int, bits: int) -> Value:
        """p_i (w_i - sum p_j w_j), divided by m for the Hessian of a mean; or w_i - p_i sum w_j; times the slope."""
        p = self.call
        i, j = divmod(k, p.classes)
        if self.masked(i, j):
            return 0.0
        if not self.ordinary(i):
            return _NAN
        assert p.upstream is not None
        row, w = self.row(i, bits), float(p.upstream[i, j])
        if self.name != "log_softmax_vjp":
            if row.d[j] is None or self.uniform(i, bits):
                return 0.0
            value = row.softmax(j) * (arb(w) - self.centre(i, bits))
            if self.name == "cross_entropy_hvp":
                value = value / self.divisor
        else:
            total = self.centre(i, bits)
            if row.d[j] is None or not total:
                value = arb(w)
            elif row.flat:
                value = arb(rational(w) - total / len(row.present))
            else:
                value = rational(w) - row.softmax(j) * total
        return value * row.slope(j) if self._sloped else value

    # -- linear layers ------------------------------------------------------------------------------------------

    def _gradients(self, bits: int) -> list[list[Any]]:
        """dL/dz (m, C)."""
        p = self.call
        with precision(bits):
            scale = 1 / self.divisor if self.divisor else fmpq(0)
            values = [[self.by_logit(i, j, bits) for j in range(p.classes)] for i in range(p.m)]
            return [[(arb(0) if isinstance(v, float) else v) * scale for v in row] for row in values]

    def linear_part(self, which: int, k: int, bits: int) -> Value:
        """Entry k of dX (m, K), dW (C, K) or db (C,), by ``which``."""
        p = self.call
        assert p.linear is not None
        features, weights, _ = p.linear
        g, m, classes = self.gradients(bits), p.m, p.classes
        with precision(bits):
            if which == 0:
                i, c = divmod(k, features.shape[1])
                return sum((g[i][j] * arb(float(weights[j, c])) for j in range(classes)), arb(0))
            if which == 1:
                j, c = divmod(k, features.shape[1])
                return sum((g[i][j] * arb(float(features[i, c])) for i in range(m)), arb(0))
            return sum((g[i][k] for i in range(m)), arb(0))


BY_OPERATION: dict[str, Callable[[Exact, int, int], Value]] = {
    "softmax": lambda e, k, bits: e._by_class(k, bits, 0, "softmax"),
    "log_softmax": lambda e, k, bits: e._by_class(k, bits, 1, "log_softmax"),
    "logsumexp": Exact.logsumexp,
    "cross_entropy": Exact.reduced_loss,
    "cross_entropy_grad": Exact.gradient,
    "softmax_vjp": Exact.vjp,
    "log_softmax_vjp": Exact.vjp,
    "cross_entropy_hvp": Exact.vjp,
    "linear_cross_entropy": Exact.reduced_loss,
}
"""By operation: number ``k`` of the result, to so many bits. A new operation is added here."""
