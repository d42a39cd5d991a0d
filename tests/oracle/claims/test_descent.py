"""One step of gradient descent: directions for every step size, and the example's probabilities enclosed."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from softcert_oracle.claims import descent
from softcert_oracle.symbolic import prove


def holds(parts: object) -> bool:
    return prove("a statement", parts, method="none").holds  # type: ignore[arg-type]


def test_the_true_logit_rises_and_every_other_falls() -> None:
    assert holds(descent.directions(1))
    assert not holds(descent.directions(-1))


def test_the_true_logit_moves_by_the_step_times_what_is_missing() -> None:
    assert holds(descent.true_logit_update(lambda step, a: step * (1 - a)))
    assert not holds(descent.true_logit_update(lambda step, a: step * a))


def test_probabilities_after_the_step_are_those_of_floating_point_to_its_precision() -> None:
    new = descent.after()
    before = np.array([0.90, 0.04, 0.05, 0.01])
    z = np.log(before) - 0.1 * (before - np.array([0, 0, 1, 0]))
    expected = np.exp(z) / np.exp(z).sum()
    assert np.allclose([float(v.low) for v in new], expected, rtol=1e-13)
    assert all(v.low < v.high for v in new)
    assert sum(v.low for v in new) <= 1 <= sum((v.high for v in new), Fraction(0))


def test_the_true_class_rises_but_not_every_other_falls() -> None:
    assert holds(descent.true_class_rises())
    assert not holds(descent.others_fall())


def test_descent_without_end_takes_the_true_class_and_no_other_to_one() -> None:
    """The gap of the true logit grows by a positive amount as long as its probability is below 1."""
    assert holds(descent.in_the_limit(descent.TRUE))
    assert not holds(descent.in_the_limit(0))


def test_floating_point_goes_where_the_limit_is_proven_to_be() -> None:
    """A few thousand steps at the example's rate: a_3 near 1, every other near 0."""
    true = np.array([0, 0, 1, 0])
    z = np.log([0.90, 0.04, 0.05, 0.01])
    for _ in range(5000):
        a = np.exp(z) / np.exp(z).sum()
        z = z - 0.1 * (a - true)
    assert np.abs(a - true).max() < 0.01
