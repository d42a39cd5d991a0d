"""Arguments that several documents need: gradient, Jacobian, signs, for a form that is passed in.

Each takes the form that is claimed, so that a wrong form goes through the very same decisions.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import product
from typing import Any

import sympy as sp

from softcert_oracle.claims.claim import Parts
from softcert_oracle.symbolic.definitions import Definitions, definitions, delta
from softcert_oracle.symbolic.proof import Outcome, every
from softcert_oracle.symbolic.rational import equal, number, place, positive, weight

Form = Callable[..., Any]

PJ, TJ, L, J = sp.symbols("p_j t_j L J")
i, j, k, n, m, N, C = sp.symbols("i j k n m N C", integer=True)


def named(name: str, first: int, count: int) -> Definitions:
    """Definitions over logits with the document's own names, counted from ``first``."""
    return Definitions(tuple(sp.Symbol(f"{name}_{first + c}", real=True) for c in range(count)))


def gradient_is(
    form: Form, d: Definitions, labels: Sequence[int] | None = None, classes: Sequence[int] | None = None
) -> Parts:
    """The loss differentiated by every logit is form(p_j, t_j)."""
    size = range(len(d.x))
    ys, js = labels if labels is not None else size, classes if classes is not None else size
    for y in ys:
        outcomes = (equal(form(d.softmax[c], delta(c, y)), d.gradient(y)[c]) for c in js)
        yield f"{len(d.x)} classes, true class {d.x[y]}", every(outcomes, "each difference cancels to 0")


def jacobian_is(form: Form, classes: int, pairs: str = "all") -> Parts:
    """p_i differentiated by x_j is form(p_i, p_j, delta_ij), for all pairs, those on or those off the diagonal."""
    d = definitions(classes, "z")
    wanted = [
        (a, b) for a, b in product(range(classes), repeat=2) if pairs == "all" or (a == b) == (pairs == "diagonal")
    ]
    outcomes = (equal(form(d.softmax[a], d.softmax[b], delta(a, b)), d.jacobian()[a][b]) for a, b in wanted)
    yield f"{classes} classes, {pairs} entries", every(outcomes, "each difference cancels to 0")


def is_equal(sentence: str, claimed: Any, true: Any, at: Any = None) -> Parts:
    """One equation."""
    yield sentence, equal(claimed, true, at)


def is_positive(sentence: str, *expressions: Any, strict: bool = True) -> Parts:
    """Every one of the expressions is positive for all logits."""
    yield sentence, every((positive(e, strict=strict) for e in expressions), "signs by coefficients in lowest terms")


def keeps_order(classes: int, sign: int = 1) -> Parts:
    """z_1 > z_2 gives a_1 > a_2, where a is softmax of sign * z; a tie gives a tie."""
    d = definitions(classes, "z")
    a = [v.subs({z: sign * z for z in d.x}, simultaneous=True) for v in d.softmax]
    gap = sp.Symbol("h", positive=True)
    larger = {weight(d.x[0]): weight(d.x[1]) + gap}
    difference = (a[0] - a[1]).subs({v: sp.log(weight(v)) for v in d.x}).subs(larger)
    yield "e^z_1 = e^z_2 + h with h > 0: a_1 - a_2 > 0", positive(difference)
    yield "z_1 = z_2: a_1 = a_2", equal(a[0].subs(d.x[0], d.x[1]), a[1].subs(d.x[0], d.x[1]))


def false(detail: str, counterexample: str) -> Outcome:
    """A refutation that was computed elsewhere."""
    return Outcome(False, detail, counterexample)


__all__ = [
    "PJ",
    "TJ",
    "C",
    "Form",
    "J",
    "L",
    "N",
    "definitions",
    "delta",
    "equal",
    "every",
    "false",
    "gradient_is",
    "i",
    "is_equal",
    "is_positive",
    "j",
    "jacobian_is",
    "k",
    "keeps_order",
    "m",
    "n",
    "named",
    "number",
    "place",
    "positive",
    "weight",
]
