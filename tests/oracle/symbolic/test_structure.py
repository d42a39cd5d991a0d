"""The theorems on signs, order and shifts are refuted for functions that do not have them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import sympy as sp

from softcert_oracle.symbolic import structure
from softcert_oracle.symbolic.definitions import Definitions, definitions
from softcert_oracle.symbolic.proof import Proof


class Unnormalised(Definitions):
    """Exponentials over twice their sum: positive, but their sum is 1/2."""

    @property
    def softmax(self) -> tuple[sp.Expr, ...]:
        return tuple(sp.exp(v) / (2 * self.total) for v in self.x)


class Rising(Definitions):
    """A loss that rises with its own class's probability."""

    def loss(self, label: int) -> sp.Expr:
        return sp.log(self.softmax[label])


class Reversed(Definitions):
    """Softmax of -x: the largest logit has the smallest probability."""

    @property
    def softmax(self) -> tuple[sp.Expr, ...]:
        e = [sp.exp(-v) for v in self.x]
        return tuple(v / sp.Add(*e) for v in e)


@pytest.mark.parametrize(
    ("theorem", "other"),
    [
        (structure.probabilities, Unnormalised),
        (structure.gradient_signs, Rising),
        (structure.hessian_structure, Rising),
        (structure.order, Reversed),
    ],
)
def test_a_theorem_holds_of_softmax_and_not_of_another_function(
    theorem: Callable[[], Proof], other: type[Definitions], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert theorem().holds

    def changed(classes: int, name: str = "x") -> Any:
        return other(definitions(classes, name).x)

    monkeypatch.setattr(structure, "definitions", changed)
    wrong = theorem()
    assert not wrong.holds
    assert wrong.counterexample


@pytest.mark.parametrize("theorem", [structure.shift, structure.logsumexp_bounds])
def test_theorems_on_shifts_and_bounds_hold_and_show_their_steps(theorem: Callable[[], Proof]) -> None:
    proof = theorem()
    assert proof.holds
    assert len(proof.steps) >= 2
