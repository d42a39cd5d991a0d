"""mpmath by Ziv's way: independent formulas at far more digits, and the errors that its balls claim."""

from __future__ import annotations

import math
from fractions import Fraction

import mpmath
import numpy as np
import pytest

from softcert_oracle.errors import UsageError
from softcert_oracle.mp import definition
from softcert_oracle.mp.definition import Ball
from softcert_oracle.numbers.formats import FORMATS, Format
from softcert_oracle.numbers.rounding import round_to

X = np.array([[0.1, -3.5, 12.25, -40.0], [1e5, 1e5 - 1.0, -1e5, 1e5]])
LABELS = [1, 2]


def direct(operation: str, x: np.ndarray, labels: list[int], reduction: str) -> list[mpmath.mpf]:
    """The definitions, as a textbook has them, at the precision in force."""
    rows = [[mpmath.mpf(float(v)) for v in row] for row in x]
    sums = [mpmath.fsum(mpmath.exp(v) for v in row) for row in rows]
    p = [[mpmath.exp(v) / s for v in row] for row, s in zip(rows, sums, strict=True)]
    m = len(rows) if reduction == "mean" else 1
    if operation == "softmax":
        return [v for row in p for v in row]
    if operation == "log_softmax":
        return [mpmath.log(v) for row in p for v in row]
    if operation == "logsumexp":
        return [mpmath.log(s) for s in sums]
    if operation == "jacobian":
        return [r[i] * ((i == j) - r[j]) for r in p for i in range(len(r)) for j in range(len(r))]
    if operation == "cross_entropy_grad":
        return [(v - (j == k)) / m for row, k in zip(p, labels, strict=True) for j, v in enumerate(row)]
    losses = [-mpmath.log(row[k]) for row, k in zip(p, labels, strict=True)]
    return losses if reduction == "none" else [mpmath.fsum(losses) / m]


@pytest.mark.parametrize("operation", definition.OPERATIONS)
@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
@pytest.mark.parametrize("bits", [80, 256])
def test_balls_hold_what_the_definition_gives_at_far_more_digits(operation: str, reduction: str, bits: int) -> None:
    found = definition.evaluate(operation, X, LABELS, reduction, bits=bits)
    with mpmath.workprec(3000):
        expected = direct(operation, X, LABELS, reduction)
        for number, value in zip(found, expected, strict=True):
            assert isinstance(number, Ball)
            assert abs(number.centre - value) <= number.error
            assert number.error <= abs(value) * mpmath.mpf(2) ** (30 - bits)


@pytest.mark.parametrize("fmt", FORMATS.values(), ids=FORMATS)
@pytest.mark.parametrize("direction", ["nearest", "down", "up"])
def test_roundings_are_those_of_the_definition_at_far_more_digits(fmt: Format, direction: str) -> None:
    values, decided = definition.rounded("softmax", X, fmt=fmt, direction=direction)  # type: ignore[arg-type]
    assert decided.all()
    with mpmath.workprec(3000):
        expected = [round_to(v, fmt, direction) for v in direct("softmax", X, LABELS, "mean")]  # type: ignore[arg-type]
    assert values.tolist() == expected


def test_what_lies_beyond_the_cap_is_said_to_be_undecided() -> None:
    x = np.array([[0.0, 0.0, -1e6]])  # 1/2 - e^-1000000 / 4
    values, decided = definition.rounded("softmax", x, fmt=FORMATS["float64"], direction="down")
    assert decided.tolist() == [False, False, True]
    assert np.isnan(values[:2]).all()
    nearest, decided = definition.rounded("softmax", x, fmt=FORMATS["float64"])
    assert decided.all()
    assert nearest.tolist() == [0.5, 0.5, 0.0]


def test_equal_entries_are_rational() -> None:
    x = np.array([[2.0, 2.0, -np.inf, 2.0]])
    assert definition.evaluate("softmax", x) == [Fraction(1, 3), Fraction(1, 3), 0, Fraction(1, 3)]
    assert definition.evaluate("cross_entropy_grad", x, [1]) == [Fraction(1, 3), Fraction(-2, 3), 0, Fraction(1, 3)]
    assert definition.evaluate("jacobian", x[:, :2]) == [
        Fraction(1, 4),
        Fraction(-1, 4),
        Fraction(-1, 4),
        Fraction(1, 4),
    ]
    assert definition.evaluate("logsumexp", np.array([[-np.inf, 0.1]])) == [Fraction(0.1)]
    assert definition.evaluate("cross_entropy", np.array([[7.0]]), [0]) == [0]


def test_digits_are_relative_however_small_the_value() -> None:
    found = definition.digits("cross_entropy", np.array([[1e5, 0.0]]), [0], digits=40)
    with mpmath.workprec(400):
        expected = mpmath.exp(mpmath.mpf(-1e5))
        assert abs(found[0] / expected - 1) < mpmath.mpf(10) ** -40
    assert definition.digits("cross_entropy", np.array([[0.0, -np.inf]]), [1], digits=5) == [mpmath.inf]
    third = definition.digits("softmax", np.array([[1.0, 1.0, 1.0]]), digits=50)[0]
    with mpmath.workdps(60):
        assert abs(3 * third - 1) < mpmath.mpf(10) ** -49


def test_losses_with_infinities_and_without_rows() -> None:
    x = np.array([[0.0, -np.inf], [1.0, 1.0]])
    assert definition.evaluate("cross_entropy", x, [1, 0]) == [math.inf]
    assert math.isnan(definition.evaluate("cross_entropy", np.array([[np.nan, 1.0]]), [1])[0])  # type: ignore[arg-type]
    assert math.isnan(definition.evaluate("cross_entropy", np.empty((0, 2)), [])[0])  # type: ignore[arg-type]
    assert definition.evaluate("cross_entropy", np.empty((0, 2)), [], "sum") == [0]


def test_the_precision_of_the_caller_is_left_alone() -> None:
    before = mpmath.mp.prec
    definition.evaluate("softmax", X, bits=999)
    assert mpmath.mp.prec == before


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: definition.evaluate("softmaxx", X), "unknown operation"),
        (lambda: definition.evaluate("cross_entropy", X), "labels=None"),
        (lambda: definition.evaluate("cross_entropy", X, [0, 1], "average"), "unknown reduction"),
        (lambda: definition.evaluate("softmax", np.zeros(3)), "shape"),
        (lambda: definition.evaluate("softmax", np.zeros((1, 3), int)), "int64"),
    ],
)
def test_wrong_use_is_a_usage_error(call: object, message: str) -> None:
    assert callable(call)
    with pytest.raises(UsageError, match=message):
        call()
