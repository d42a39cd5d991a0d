"""The definitions, and nothing more: everything else is differentiated from them.

p_j = exp(x_j) / sum_k exp(x_k), the loss of the label y is -log p_y, log-sum-exp is log sum_k exp(x_k).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import sympy as sp

CLASSES = (1, 2, 3, 4, 5)
"""The class counts for which derivations are carried out entry by entry."""


@dataclass(frozen=True)
class Definitions:
    """Softmax and its loss over explicit logits. Indices count from 0, names from 1."""

    x: tuple[sp.Symbol, ...]

    @property
    def total(self) -> sp.Expr:
        """The sum of the exponentials."""
        return sp.Add(*(sp.exp(v) for v in self.x))

    @property
    def softmax(self) -> tuple[sp.Expr, ...]:
        """p_1, ..., p_C."""
        return tuple(sp.exp(v) / self.total for v in self.x)

    @property
    def logsumexp(self) -> sp.Expr:
        """log of the sum of the exponentials."""
        return sp.log(self.total)

    def loss(self, label: int) -> sp.Expr:
        """-log p_y."""
        return -sp.log(self.softmax[label])

    def gradient(self, label: int) -> tuple[sp.Expr, ...]:
        """The loss differentiated by each logit, as SymPy's `diff` leaves it."""
        return tuple(sp.diff(self.loss(label), v) for v in self.x)

    def jacobian(self) -> tuple[tuple[sp.Expr, ...], ...]:
        """Row i: p_i differentiated by each logit."""
        return tuple(tuple(sp.diff(p, v) for v in self.x) for p in self.softmax)

    def hessian(self, label: int) -> tuple[tuple[sp.Expr, ...], ...]:
        """The loss differentiated twice."""
        return tuple(tuple(sp.diff(g, v) for v in self.x) for g in self.gradient(label))


@cache
def definitions(classes: int, name: str = "x") -> Definitions:
    """The definitions for that many classes; logits are the real symbols name_1, name_2, ..."""
    return Definitions(tuple(sp.Symbol(f"{name}_{k + 1}", real=True) for k in range(classes)))


def delta(i: int, j: int) -> sp.Integer:
    """Kronecker's delta of two indices: 1 where they agree, else 0. Also the entry t_j of a one-hot target."""
    return sp.Integer(int(i == j))
