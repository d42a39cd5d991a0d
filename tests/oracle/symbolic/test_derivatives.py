"""The theorems on derivatives are refuted as soon as a definition is another one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import sympy as sp

from softcert_oracle.symbolic import derivatives
from softcert_oracle.symbolic.definitions import Definitions, definitions
from softcert_oracle.symbolic.proof import Proof


class Doubled(Definitions):
    """Softmax of twice the logits: a distribution, but another one."""

    @property
    def softmax(self) -> tuple[sp.Expr, ...]:
        e = [sp.exp(2 * v) for v in self.x]
        return tuple(v / sp.Add(*e) for v in e)


@pytest.mark.parametrize(
    "theorem", [derivatives.gradient, derivatives.jacobian, derivatives.hessian, derivatives.third_derivative]
)
def test_a_theorem_holds_of_softmax_and_not_of_another_function(
    theorem: Callable[[], Proof], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert theorem().holds

    def other(classes: int, name: str = "x") -> Any:
        return Doubled(definitions(classes, name).x)

    monkeypatch.setattr(derivatives, "definitions", other)
    wrong = theorem()
    assert not wrong.holds
    assert wrong.counterexample
