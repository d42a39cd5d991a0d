"""All that is proven symbolically, in the order in which a report shows it."""

from __future__ import annotations

from functools import cache

from softcert_oracle.symbolic import derivatives, indexed, limits, structure
from softcert_oracle.symbolic.proof import Proof


@cache
def proofs() -> tuple[Proof, ...]:
    """Every proof, executed once in a process (about two seconds on one core)."""
    return (
        derivatives.gradient(),
        indexed.gradient(),
        derivatives.jacobian(),
        indexed.jacobian(),
        derivatives.hessian(),
        indexed.hessian(),
        derivatives.third_derivative(),
        indexed.sums(),
        structure.probabilities(),
        structure.gradient_signs(),
        structure.hessian_structure(),
        structure.shift(),
        structure.order(),
        structure.logsumexp_bounds(),
        limits.one_plus_infinity(),
        limits.several_plus_infinities(),
        limits.minus_infinity(),
        limits.all_minus_infinity(),
        limits.temperature(),
        limits.one_class(),
    )
