"""Sharper limits of named algorithms: each is the error analysis of its own sequence of operations."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from tests.oracle.limits.by_hand import EXP, HALF, LABELS, LOG, ROUNDING, U, quantities, row

from softcert_oracle.limits import named
from softcert_oracle.numbers.formats import FORMATS

AT = np.arange(3), LABELS
KAPPA = named.constant_error(
    Fraction("1.44269504088896340735992468100189213742664595415298593413544940693"), FORMATS["float32"]
)


def sharp(operation: str, algorithm: str, **claims: object) -> np.ndarray:
    limit = named.sharp(operation, quantities(algorithm=algorithm, **claims), LABELS)
    assert limit is not None
    return limit.to_float()


@pytest.mark.parametrize(
    ("algorithm", "per_distance", "roundings"),
    [("shift-divide", 1.0, 1), ("reciprocal", 1.0, 2), ("base-2", 2.0 + KAPPA / U, 1), ("online", 1.0, 1)],
)
def test_a_quotient_of_exponentials(algorithm: str, per_distance: float, roundings: int) -> None:
    r = row()
    term = np.where(r.d > 0, per_distance * U * r.d + EXP, 0.0)
    total = r.sum_error(per_distance, EXP + 2 * ROUNDING if algorithm == "online" else ROUNDING)
    expected = r.p * np.expm1(term + total + roundings * ROUNDING)
    assert np.allclose(sharp("softmax", algorithm), expected, rtol=1e-10)


def test_a_fused_base_two_argument_rounds_the_maximums_too() -> None:
    r = row()
    top = np.array([[2.5], [20.0], [4.0]])
    term = np.where(r.d > 0, (1 + KAPPA / U) * U * r.d + EXP, EXP) + U * U * top
    total = np.log1p(np.sum(r.p * np.expm1(term), axis=1, keepdims=True)) + r.growth()
    assert np.allclose(sharp("softmax", "base-2-fma"), r.p * np.expm1(term + total + ROUNDING), rtol=1e-10)


def test_exponentials_of_log_probabilities_carry_their_absolute_error() -> None:
    r = row()
    log = r.sum_error(1.0) * (1 + LOG) + LOG * r.L
    difference = (U * r.d + log) * (1 + U) + U * r.l + HALF
    assert np.allclose(sharp("softmax", "exp(log_softmax)"), r.p * np.expm1(difference + EXP), rtol=1e-10)
    lse = log * (1 + U) + U * np.abs(r.y) + HALF
    shifted = lse * (1 + U) + U * r.l + HALF
    assert np.allclose(sharp("softmax", "exp(x-lse)"), r.p * np.expm1(shifted + EXP), rtol=1e-10)
    assert np.allclose(sharp("log_softmax", "lse-x"), shifted, rtol=1e-10)
    assert np.allclose(sharp("log_softmax", "x-m-L"), difference, rtol=1e-10)
    assert np.allclose(sharp("logsumexp", "lse"), lse[:, 0], rtol=1e-10)


def test_log1p_of_the_others_is_relative_to_log_s() -> None:
    r, t = row(), quantities(algorithm="log1p")
    tau = np.expm1(r.L)
    top = r.d.argmin(axis=1)
    weight = np.where(np.arange(4) == top[:, None], 0.0, r.p)
    weight = weight / weight.sum(axis=1, keepdims=True)
    term = np.where(r.d > 0, U * r.d + EXP, 0.0)
    inner = np.log1p(np.sum(weight * np.expm1(term), axis=1, keepdims=True)) + 2 * ROUNDING
    error = np.log1p(tau * np.expm1(inner) / (1 + tau))
    assert np.allclose(named.log1p_error(t), error + LOG * (r.L + error), rtol=1e-9)
    assert sharp("logsumexp", "log1p")[1] < sharp("logsumexp", "lse")[1]


def test_base_two_logarithms_round_the_constants() -> None:
    r = row()
    second = named.constant_error(
        Fraction("0.693147180559945309417232121458176568075500134360255254120680009493"), FORMATS["float32"]
    )
    log = r.sum_error(2 + KAPPA / U) * (1 + LOG) + LOG * r.L
    inner = (2 * U + KAPPA) * r.d + log
    expected = inner * (1 + U) ** 2 * (1 + second) + (2 * U + second) * (1 + U) * r.l + HALF
    assert np.allclose(sharp("log_softmax", "base-2"), expected, rtol=1e-10)
    assert sharp("cross_entropy", "base-2").tolist() == sharp("log_softmax", "base-2")[AT].tolist()


def test_what_is_saved_in_a_narrower_format_is_rounded_there() -> None:
    wide, narrow = sharp("cross_entropy", "x-m-L"), sharp("cross_entropy", "x-m-L", saved_format="float16")
    assert np.allclose(narrow, wide * (1 + 2.0**-11) + row().l[AT] * 2.0**-11 + 2.0**-25, rtol=1e-10)
    gradient = sharp("cross_entropy_grad", "shift-divide", saved_format="float16")
    plain = sharp("cross_entropy_grad", "shift-divide")
    assert np.all(gradient > plain)
    assert np.isclose(gradient[0, 1] - plain[0, 1], row().p[0, 1] * 2.0**-11 * row().l[0, 1], rtol=0.01)


@pytest.mark.parametrize(
    ("operation", "algorithm"),
    [("softmax", "log1p"), ("logsumexp", "base-2"), ("log_softmax", "shift-divide"), ("cross_entropy_grad", "lse")],
)
def test_an_algorithm_that_does_not_compute_an_operation_has_no_row_for_it(operation: str, algorithm: str) -> None:
    assert named.sharp(operation, quantities(algorithm=algorithm), LABELS) is None


def test_the_error_of_a_rounded_constant_is_at_most_a_roundoff() -> None:
    assert 0 < KAPPA <= U
    assert named.constant_error(Fraction(3, 2), FORMATS["float32"]) == 0
    assert named.constant_error(Fraction(1, 3), FORMATS["float8_e5m2"]) == pytest.approx(1 / 16)
