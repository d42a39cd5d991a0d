"""Gradient, Jacobian and Hessian, entry by entry for C = 1 to 5, differentiated from the definition.

Each entry is what `sympy.diff` leaves of -log(exp(x_y) / sum exp(x_k)); the closed form that people write is
subtracted, and the difference must cancel to 0 in the field of rational functions of exp(x_1), ..., exp(x_C).
"""

from __future__ import annotations

from itertools import product

import sympy as sp

from softcert_oracle.symbolic.definitions import CLASSES, definitions, delta
from softcert_oracle.symbolic.mathml import mathml
from softcert_oracle.symbolic.proof import Outcome, Proof, every, prove
from softcert_oracle.symbolic.rational import equal

METHOD = "SymPy: differentiation of the definition, then cancelling in Q(e^x_1, ..., e^x_C), for C = 1 to 5"

_L, _xi, _xj, _pi, _pj = sp.symbols("L x_i x_j p_i p_j")
_delta = sp.KroneckerDelta(*sp.symbols("i j"))
_t = sp.Symbol("t_j")


def gradient() -> Proof:
    """The loss differentiated by the logits is p - t."""

    def decide(classes: int) -> Outcome:
        d = definitions(classes)
        return every(
            (equal(g, d.softmax[j] - delta(j, y)) for y in range(classes) for j, g in enumerate(d.gradient(y))),
            "each derivative minus (p_j - t_j) cancels to 0",
        )

    return prove(
        "The gradient of the loss is p - t: p_y - 1 for the true class, p_j for every other.",
        ((f"C = {n}, every label and every logit", decide(n)) for n in CLASSES),
        method=METHOD,
        mathml=mathml(sp.Eq(sp.Derivative(_L, _xj), _pj - _t)),
    )


def jacobian() -> Proof:
    """Softmax differentiated by the logits is diag(p) - p p^T."""

    def decide(classes: int) -> Outcome:
        d = definitions(classes)
        return every(
            (
                equal(d.jacobian()[i][j], d.softmax[i] * (delta(i, j) - d.softmax[j]))
                for i, j in product(range(classes), repeat=2)
            ),
            "each derivative minus p_i (delta_ij - p_j) cancels to 0",
        )

    return prove(
        "The Jacobian of softmax is diag(p) - p pᵀ: p_i (1 - p_i) on the diagonal, -p_i p_j off it.",
        ((f"C = {n}, every pair of classes", decide(n)) for n in CLASSES),
        method=METHOD,
        mathml=mathml(sp.Eq(sp.Derivative(_pi, _xj), _pi * (_delta - _pj))),
    )


def hessian() -> Proof:
    """The loss differentiated twice is the Jacobian of softmax, whatever the label."""

    def decide(classes: int) -> Outcome:
        d = definitions(classes)
        return every(
            (
                equal(d.hessian(y)[i][j], d.softmax[i] * (delta(i, j) - d.softmax[j]))
                for y in range(classes)
                for i, j in product(range(classes), repeat=2)
                if j >= i
            ),
            "each second derivative minus p_i (delta_ij - p_j) cancels to 0",
        )

    return prove(
        "The Hessian of the loss is diag(p) - p pᵀ for every label.",
        ((f"C = {n}, every label, upper triangle", decide(n)) for n in CLASSES),
        method=METHOD,
        mathml=mathml(sp.Eq(sp.Derivative(_L, _xi, _xj), _pi * (_delta - _pj))),
    )


def third_derivative() -> Proof:
    """The bound behind the step of finite differences: |L'''| <= 1 / (6 sqrt 3) along one logit."""
    p, q = sp.symbols("p q")

    def decide(classes: int) -> Outcome:
        d = definitions(classes)
        s = d.softmax[0]
        return equal(sp.diff(d.loss(classes - 1), d.x[0], 3), s * (1 - s) * (1 - 2 * s))

    square = sp.expand((p * (1 - p) * (1 - 2 * p)) ** 2)
    bound = (
        sp.Rational(1, 108)
        - square
        - (4 * (q - sp.Rational(1, 6)) ** 2 * (q + sp.Rational(1, 12))).subs(q, p * (1 - p))
    )
    return prove(
        "Along one logit the third derivative of the loss is p (1 - p) (1 - 2p), of size at most 1/(6√3).",
        [
            *((f"C = {n}: differentiated three times", decide(n)) for n in CLASSES),
            (
                "1/108 - (p (1-p) (1-2p))² = 4 (q - 1/6)² (q + 1/12) with q = p (1 - p), not negative for 0 <= p <= 1",
                equal(bound, sp.Integer(0)),
            ),
        ],
        method=METHOD,
        mathml=mathml(sp.Eq(sp.Derivative(_L, _xj, _xj, _xj), _pj * (1 - _pj) * (1 - 2 * _pj))),
    )
