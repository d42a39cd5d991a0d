"""What docs/architecture.md says about additions: a new operation is three entries in three tables of the oracle.

The toy operation is the collision probability sum_j p_j^2 of a row. Nothing but the three tables knows it, and it is
certified, refused where it is wrong, and found again by the command that explains things.
"""

from __future__ import annotations

import numpy as np
import pytest
from flint import arb

from softcert import Implementation, certify
from softcert.commands.explain import explanation
from softcert_oracle import operations
from softcert_oracle.limits import sums
from softcert_oracle.limits.running_error import Bounded, mul
from softcert_oracle.options import arb_values, composing
from softcert_oracle.options import limits as option_limits

NAME = "collision_probability"


def exact(values: arb_values.Exact, row: int, bits: int) -> object:
    """The sum of the squares of a row's probabilities; NaN for rows whose probabilities are undefined."""
    if not values.ordinary(row):
        return float("nan")
    balls = values.row(row, bits)
    with arb_values.precision(bits):
        return sum((balls.softmax(j) ** 2 for j in balls.present), arb(0))


def bounded(rows: option_limits.RowLimits) -> tuple[Bounded, ...]:
    """Each square has twice the relative error of its probability, and one rounding; the sum has h more."""
    p = Bounded.within(rows.p, rows.softmax())
    growth = sums.growth(rows.call.classes, rows.parameters)
    return (composing.total(mul(p, p, rows.by), growth, axis=1),)


@pytest.fixture(autouse=True)
def toy_operation(monkeypatch: pytest.MonkeyPatch) -> None:
    x = operations.OPERATIONS["softmax"].arguments
    entry = operations.Operation(
        name=NAME,
        arguments=x,
        result="(m,)",
        formula="c = sum_j p_j^2",
        summary="probability that two draws are equal",
    )
    monkeypatch.setattr(operations, "OPERATIONS", {**operations.OPERATIONS, NAME: entry})
    monkeypatch.setitem(arb_values.BY_OPERATION, NAME, exact)
    monkeypatch.setitem(
        option_limits.COMPOSED, NAME, option_limits.Composed(bounded, "Σ_j 2 p_j limit(p_j) + (h + 1) u Σ_j p_j²")
    )


def collision_probability(x: np.ndarray) -> np.ndarray:
    with np.errstate(all="ignore"):
        e = np.exp(x - x.max(axis=-1, keepdims=True))
        p = e / e.sum(axis=-1, keepdims=True)
        return (p * p).sum(axis=-1)


def unshifted(x: np.ndarray) -> np.ndarray:
    with np.errstate(all="ignore"):
        e = np.exp(x)
        p = e / e.sum(axis=-1, keepdims=True)
        return (p * p).sum(axis=-1)


def verdict(function: object) -> object:
    subject = Implementation("toy", {NAME: function}, ("float32",), max_classes=64, max_rows=8)
    return certify(subject, effort="quick", isolation="none")


def test_a_right_implementation_of_a_new_operation_is_certified():
    certificate = verdict(collision_probability)
    assert certificate.certified, certificate.summary()
    assert certificate.levels[NAME]["float32"] in ("stable", "accurate")
    (domain,) = certificate.domain
    assert domain.classes == (1, 64)
    assert len(domain.regimes) > 10


def test_a_wrong_one_is_refused_with_a_witness():
    certificate = verdict(unshifted)
    assert certificate.verdict == "not certified"
    assert "finite" in {f.property for f in certificate.findings}
    assert all(f.operation == NAME for f in certificate.findings)


def test_it_is_explained():
    assert "sum_j p_j^2" in explanation(NAME)
