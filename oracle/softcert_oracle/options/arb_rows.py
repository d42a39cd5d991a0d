"""One row as balls: shaped logits, probabilities and log-probabilities, relatively accurate at any precision.

Differences of logits are formed before they are rounded: (x_j - x_max)/T exactly but for the division, and under a soft
cap tanh a - tanh b = sinh(a - b) / (cosh a cosh b), which does not cancel where both are saturated.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from flint import arb, fmpq

from softcert_oracle.reference.arb import precision

EXACT_BITS = 4600
"""Enough to hold sums of products of two float64 exactly: from 2^2048 down to 2^-2148, and carries."""


def rational(value: float) -> Any:
    """A float as an exact fraction."""
    return fmpq(*value.as_integer_ratio())


class RowBalls:
    """Logits of one row, exact balls or None where a class does not take part, seen at ``bits`` of precision.

    The row must have a finite maximum. +-inf may stand under a soft cap, which makes it +-cap.
    """

    def __init__(self, logits: Sequence[Any | None], temperature: float, softcap: float | None, bits: int) -> None:
        self.bits = bits
        self.logits = logits
        present = [j for j, v in enumerate(logits) if v is not None]
        first, top = present[0], logits[present[0]]
        for j in present[1:]:
            value: Any = logits[j]
            if value > top:
                first, top = j, value
        self.first = first
        self.temperature = rational(temperature)
        self.cap = None if softcap is None else rational(softcap)
        with precision(EXACT_BITS):
            gaps = [None if v is None else v - top for v in logits]
        with precision(bits):
            self.d: list[Any] = [None if g is None else self._distance(logits[j], g) for j, g in enumerate(gaps)]
            self.top = self._shaped(top)
            zero = arb(0)
            self.e = [zero if v is None else (v.exp() if j != self.first else arb(1)) for j, v in enumerate(self.d)]
            self.tau = sum((v for j, v in enumerate(self.e) if j != self.first), zero)
            self.log = self.tau.log1p()

    def _shaped(self, logit: Any) -> Any:
        if self.cap is None:
            return logit / self.temperature if self.temperature != 1 else logit
        if not logit.is_finite():
            return (self.cap if logit > 0 else -self.cap) / self.temperature + arb(0)
        return self.cap * (logit / self.cap).tanh() / self.temperature

    def _distance(self, logit: Any, gap: Any) -> Any:
        if logit is self.logits[self.first] or gap.is_zero():
            return arb(0)
        if self.cap is None:
            return gap / self.temperature if self.temperature != 1 else gap
        top = self.logits[self.first]
        if not gap.is_finite():
            return arb(0) if logit == top else self._shaped(logit) - self._shaped(top)
        spread = (gap / self.cap).sinh() / ((logit / self.cap).cosh() * (top / self.cap).cosh())
        return self.cap * spread / self.temperature

    @cached_property
    def present(self) -> tuple[int, ...]:
        """The classes that take part and whose probability is not 0."""
        return tuple(j for j, v in enumerate(self.d) if v is not None)

    @cached_property
    def flat(self) -> bool:
        """Whether all logits that take part are equal."""
        return all(self.d[j].is_zero() for j in self.present)

    def softmax(self, j: int) -> Any:
        """p_j."""
        with precision(self.bits):
            return self.e[j] / (1 + self.tau)

    def log_softmax(self, j: int) -> Any:
        """l_j; -inf where the class does not take part."""
        with precision(self.bits):
            return arb.neg_inf() if self.d[j] is None else self.d[j] - self.log

    @cached_property
    def logsumexp(self) -> Any:
        """The logarithm of the sum of exponentials of the shaped logits."""
        with precision(self.bits):
            return self.top + self.log

    def slope(self, j: int) -> Any:
        """The derivative of the shaped logit by the logit: 1/T, and 1 - tanh^2 = 1/cosh^2 under a soft cap."""
        with precision(self.bits):
            if self.cap is None:
                return 1 / arb(self.temperature)
            logit = self.logits[j]
            if logit is None or not logit.is_finite():
                return arb(0)
            return 1 / ((logit / self.cap).cosh() ** 2 * self.temperature)
