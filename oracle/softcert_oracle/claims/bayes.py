"""A finite probability table over weights, inputs and labels, for the claims about likelihood and Bayes.

W and X take the values 0 and 1, f = W X is the score (deterministic, as in a network), y is drawn with a
probability that depends on f alone. All probabilities are computed by summing the joint table.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import product

import sympy as sp

from softcert_oracle.claims.claim import Parts
from softcert_oracle.symbolic.proof import every
from softcert_oracle.symbolic.rational import equal

Event = Callable[[int, int, int], bool]

PRIOR = sp.symbols("P(W=0) P(W=1)", positive=True)
INPUT = sp.symbols("P(X=0) P(X=1)", positive=True)
CORRECT = sp.symbols("P(y=1|f=0) P(y=1|f=1)", positive=True)
NUMBERS = {
    PRIOR[0]: sp.Rational(1, 2),
    PRIOR[1]: sp.Rational(1, 2),
    INPUT[0]: sp.Rational(2, 3),
    INPUT[1]: sp.Rational(1, 3),
    CORRECT[0]: sp.Rational(1, 2),
    CORRECT[1]: sp.Rational(3, 4),
}
"""A table in numbers: P(y=1|f) is softmax of (0, 0) and of (log 3, 0)."""


def _weight(value: int) -> Event:
    return lambda w, x, y: w == value


def _scored(value: int) -> Event:
    return lambda w, x, y: score(w, x) == value


def _seen(w: int, x: int, y: int) -> bool:
    """The sample of the data: X = 1, y = 1."""
    return (x, y) == (1, 1)


def _right(w: int, x: int, y: int) -> bool:
    return y == 1


def both(first: Event, second: Event) -> Event:
    """The intersection of two events."""
    return lambda w, x, y: first(w, x, y) and second(w, x, y)


def score(w: int, x: int) -> int:
    """f = W X."""
    return w * x


def table() -> Iterator[tuple[tuple[int, int, int], sp.Expr]]:
    """Every (W, X, y) with its probability; X does not depend on W."""
    for w, x, y in product((0, 1), repeat=3):
        right = CORRECT[score(w, x)]
        yield (w, x, y), PRIOR[w] * INPUT[x] * (right if y == 1 else 1 - right)


def probability(event: Event, given: Event = lambda w, x, y: True) -> sp.Expr:
    """P(event | given), from the table; the two priors sum to 1, and so do the two inputs."""
    inside = sp.Add(*(p for point, p in table() if given(*point)))
    hit = sp.Add(*(p for point, p in table() if given(*point) and event(*point)))
    return normal(hit / inside)


def normal(expression: sp.Expr) -> sp.Expr:
    """With P(W=0) = 1 - P(W=1) and P(X=0) = 1 - P(X=1) put in."""
    return sp.cancel(expression.subs({PRIOR[0]: 1 - PRIOR[1], INPUT[0]: 1 - INPUT[1]}))


def _numbers(prior: str = "1/2") -> dict[sp.Symbol, sp.Expr]:
    """The table's numbers, with another probability of W = 1 if need be."""
    shown = {s: NUMBERS[s] for s in (PRIOR[1], INPUT[1], *CORRECT)}
    return shown | {PRIOR[1]: sp.Rational(prior)}


def evidence(value: sp.Expr) -> Parts:
    """P(X=1, y=1), summed over W, against a value."""
    yield "P(X=1, y=1) from the joint table", equal(value, probability(_seen), _numbers())


def posterior_ratio(with_prior: bool) -> Parts:
    """P(W|X,y) for W = 1 over W = 0, against the ratio of P(X,y|W) (times P(W))."""
    posterior = [probability(_weight(v), _seen) for v in (0, 1)]
    likelihood = [probability(_seen, _weight(v)) for v in (0, 1)]
    prior = PRIOR[1] / (1 - PRIOR[1]) if with_prior else 1
    claimed = likelihood[1] / likelihood[0] * prior
    yield "ratio of posteriors, joint table of 8 entries", equal(claimed, posterior[1] / posterior[0], _numbers("1/4"))


def product_rule(condition_on_w: bool) -> Parts:
    """P(f,y|W) against P(y|f,W) times P(f|W), or times P(f)."""
    joint = probability(both(_scored(1), _right), _weight(1))
    rest = probability(_right, both(_scored(1), _weight(1)))
    share = probability(_scored(1), _weight(1)) if condition_on_w else probability(_scored(1))
    yield "f = 1, y = 1, W = 1 in the joint table", equal(rest * share, joint, _numbers())


def score_given_weight(with_prior: bool) -> Parts:
    """P(f|W) for all f and W against sums of P(X) (times P(W))."""
    outcomes = []
    for w, value in ((1, 1), (1, 0), (0, 0)):
        xs = sp.Add(*(INPUT[x] for x in (0, 1) if score(w, x) == value))
        claimed = normal(xs * (PRIOR[w] if with_prior else 1))
        outcomes.append(equal(claimed, probability(_scored(value), _weight(w)), _numbers()))
    yield "f = W X, every f and W", every(outcomes, "equal as rational functions")


def same_choice(quantity: str) -> Parts:
    """Whether W = 1 over W = 0 has the ratio of P(X=1, y=1 | W), for P(f,y|W) or for P(y|X,W)."""
    likelihood = [probability(_seen, _weight(v)) for v in (0, 1)]
    if quantity == "f,y":  # the sample X = 1 has the score f = W
        other = [probability(both(_scored(v), _right), _weight(v)) for v in (0, 1)]
    else:
        other = [probability(_right, both(_weight(v), lambda w, x, y: x == 1)) for v in (0, 1)]
    yield (
        "ratio for W = 1 over W = 0 (above 1 chooses W = 1)",
        equal(other[1] / other[0], likelihood[1] / likelihood[0], _numbers()),
    )


def maximum_likelihood(uniform: bool) -> Parts:
    """Posterior odds of two weights against the odds of P(y|X,W)."""
    posterior = [probability(_weight(v), _seen) for v in (0, 1)]
    half = {PRIOR[1]: sp.Rational(1, 2)} if uniform else {}
    odds = (posterior[1] / posterior[0]).subs(half)
    yield "posterior odds = likelihood odds", equal(CORRECT[1] / CORRECT[0], odds, _numbers("1/4"))
