"""Arguments shared by documents: the right form goes through, a wrong one is refuted by the same decisions."""

from __future__ import annotations

from softcert_oracle.claims import arguments
from softcert_oracle.symbolic import Outcome, prove


def holds(parts: object) -> bool:
    return prove("a statement", parts, method="none").holds  # type: ignore[arg-type]


def test_the_gradient_is_p_minus_t_and_nothing_else() -> None:
    d = arguments.named("z", 1, 3)
    assert holds(arguments.gradient_is(lambda p, t: p - t, d))
    assert not holds(arguments.gradient_is(lambda p, t: p + t, d))
    assert holds(arguments.gradient_is(lambda p, t: p, d, labels=[0], classes=[1, 2]))  # right off the label
    assert not holds(arguments.gradient_is(lambda p, t: p, d, labels=[0], classes=[0]))


def test_a_jacobian_may_be_right_on_the_diagonal_alone() -> None:
    own = lambda p, q, same: p * (1 - p)  # noqa: E731 (a form, as the documents give them)
    assert holds(arguments.jacobian_is(own, 3, "diagonal"))
    assert not holds(arguments.jacobian_is(own, 3, "off the diagonal"))
    assert not holds(arguments.jacobian_is(own, 3))
    assert holds(arguments.jacobian_is(lambda p, q, same: p * (same - q), 3))


def test_softmax_keeps_order_and_that_of_minus_the_logits_reverses_it() -> None:
    assert holds(arguments.keeps_order(3))
    assert not holds(arguments.keeps_order(3, sign=-1))


def test_an_equation_or_a_sign_that_does_not_hold_is_refuted() -> None:
    d = arguments.named("f", 0, 2)
    assert [s.name for s in d.x] == ["f_0", "f_1"]
    assert holds(arguments.is_equal("sum", d.softmax[0] + d.softmax[1], 1))
    assert not holds(arguments.is_equal("sum", d.softmax[0] + d.softmax[1], 2))
    assert holds(arguments.is_positive("p", *d.softmax))
    assert not holds(arguments.is_positive("p - 1", d.softmax[0] - 1))


def test_a_refutation_that_was_computed_elsewhere_is_one() -> None:
    assert arguments.false("another value", "2 is not 3") == Outcome(False, "another value", "2 is not 3")
