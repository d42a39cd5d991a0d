"""Rows, references and reductions: shapes, special classes, and decisions that only direction can make."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from softcert_oracle.crosscheck.agreement import agree
from softcert_oracle.decide import decisions
from softcert_oracle.errors import UsageError
from softcert_oracle.mp import definition
from softcert_oracle.numbers.double_double import total
from softcert_oracle.numbers.enclosure import Decision, Enclosure
from softcert_oracle.numbers.formats import FORMATS, Format
from softcert_oracle.reference import arb, backends, truth
from softcert_oracle.reference.truth import RowKind

INF, NAN = np.inf, np.nan
F64 = FORMATS["float64"]
# A dictionary keeps its order: the backends of a set would come in another order in every process.
BACKENDS = list(dict.fromkeys([backends.default(), arb.enclose]))

KINDS = [
    ([1.0, -INF], RowKind.ORDINARY),
    ([-INF, -INF], RowKind.ALL_MINUS_INF),
    ([INF, -INF], RowKind.ONE_PLUS_INF),
    ([INF, INF], RowKind.SEVERAL_PLUS_INF),
    ([INF, NAN], RowKind.HAS_NAN),
    ([-INF, NAN], RowKind.HAS_NAN),
]


def test_losses_and_gradients_of_special_rows() -> None:
    x = np.array([[INF, 1.0, -INF]] * 3 + [[INF, INF, 0.0]] * 2 + [[0.0, -INF, 0.0]])
    found, labels = truth.rows(x), [0, 1, 2, 0, 2, 1]
    assert np.array_equal(found.loss(labels).hi, [0, INF, INF, NAN, INF, INF], equal_nan=True)
    gradient = found.gradient(labels).to_float()
    expected = [[0, 0, 0], [1, -1, 0], [1, 0, -1], [NAN, NAN, 0], [NAN, NAN, -1], [0.5, -1, 0.5]]
    assert np.array_equal(gradient, expected, equal_nan=True)


def test_no_rows_and_no_classes() -> None:
    none = truth.rows(np.empty((0, 4)))
    assert none.softmax.shape == (0, 4)
    assert truth.reference("cross_entropy", none, [], reduction="sum").hi == 0
    assert np.isnan(truth.reference("cross_entropy", none, []).hi)
    assert truth.reference("cross_entropy_grad", none, []).shape == (0, 4)
    empty = truth.rows(np.empty((3, 0)))
    assert empty.softmax.shape == (3, 0)
    assert empty.logsumexp.hi.tolist() == [-INF] * 3
    assert empty.kind.tolist() == [RowKind.ALL_MINUS_INF] * 3


def test_floats_beside_the_enclosures_are_relatively_accurate() -> None:
    x = np.array([[0.0, -50.0, -60.0], [3.0, 3.0, 1.0], [1e308, -1e308, 0.0], [5.0, -INF, -INF]])
    for backend in BACKENDS:
        found = truth.rows(x, backend)
        assert found.tau[0] == pytest.approx(np.exp(-50.0) + np.exp(-60.0), rel=1e-15)
        assert found.L[0] == pytest.approx(np.log1p(np.exp(-50.0) + np.exp(-60.0)), rel=1e-15)
        assert found.s[1] == pytest.approx(2 + np.exp(-2.0), rel=1e-15)
        assert (found.tau[2:] == 0).all()
        assert (found.s[2:] == 1).all()
        assert found.d[2].tolist() == [0, -INF, -1e308]
        assert found.max.tolist() == [0, 3, 1e308, 5]


@pytest.mark.parametrize("reduction", ["mean", "sum"])
def test_the_reduced_loss_of_many_rows_is_the_exact_sum(reduction: str) -> None:
    rng = np.random.default_rng(3)
    x = rng.normal(size=(300, 3)) * np.exp(rng.normal(size=(300, 1)) * 3)
    x[5] = [0.0, -1e9, -2e9]
    labels = rng.integers(0, 3, 300)
    found = truth.reference("cross_entropy", truth.rows(x), labels, reduction=reduction)
    assert found.shape == ()
    assert found.relative_radius() < 2.0**-96
    assert agree(found, definition.evaluate("cross_entropy", x, labels, reduction, bits=300)) == Decision.YES


def test_a_sum_that_stalls_in_float64_does_not_stall_here() -> None:
    terms = np.concatenate([[1.0], np.full(200_000, 2.0**-60)])
    found = total(Enclosure.exactly(terms))
    assert Fraction(found.hi.item()) + Fraction(found.lo.item()) == (1 + Fraction(200_000, 2**60)) / Fraction(2) ** int(
        found.exponent
    )


def test_sums_of_special_losses() -> None:
    assert total(Enclosure.exactly([1.0, INF])).hi == INF
    assert np.isnan(total(Enclosure.exactly([1.0, NAN, INF])).hi)
    assert total(Enclosure.exactly([0.0, 0.0])).hi == 0


def test_sums_across_exponents_that_no_float_holds() -> None:
    e = Enclosure(
        hi=np.array([0.5, 0.75]), lo=np.zeros(2), exponent=np.array([3, -(2**30)]), radius=np.array([0.0, 2.0**-60])
    )
    found = total(e)
    assert found.hi * 2.0 ** int(found.exponent) == 4.0
    assert 0 < found.radius < 2.0**-1000


@pytest.mark.parametrize("m", [1, 3, 4, 7])
def test_dividing_by_the_number_of_rows(m: int) -> None:
    rng = np.random.default_rng(m)
    x, labels = rng.normal(size=(m, 4)), rng.integers(0, 4, m)
    found = truth.reference("cross_entropy_grad", truth.rows(x), labels)
    assert (agree(found, definition.evaluate("cross_entropy_grad", x, labels, bits=300)) == Decision.YES).all()
    ties = truth.reference("cross_entropy_grad", truth.rows(np.zeros((m, 2))), [0] * m)
    assert (ties.radius == 0).all() == (m in (1, 4))


@pytest.mark.parametrize("fmt", FORMATS.values(), ids=FORMATS)
def test_nothing_random_is_left_undecided_and_rounding_agrees_with_mpmath(fmt: Format) -> None:
    rng = np.random.default_rng(11)
    x = (rng.normal(size=(6, 9)) * rng.choice([0.1, 3.0, 40.0, 400.0], (6, 1))).astype(np.float32)
    found, labels = truth.rows(x), rng.integers(0, 9, 6)
    for operation in ("softmax", "log_softmax", "logsumexp", "cross_entropy", "cross_entropy_grad"):
        value, decided = decisions.nearest(truth.reference(operation, found, labels), fmt)
        expected, known = definition.rounded(operation, x, labels, fmt=fmt)
        assert decided.all()
        assert known.all()
        assert np.array_equal(value.ravel(), expected, equal_nan=True)


def test_each_quantity_is_computed_once() -> None:
    calls = []

    def counted(x: np.ndarray) -> backends.RowEnclosures:
        calls.append(x.shape)
        return arb.enclose(x)

    found = truth.rows(np.array([[1.0, 2.0], [-INF, -INF], [0.0, 1.0]]), counted)
    assert calls == []
    found.softmax, found.logsumexp, found.loss([0, 0, 1]), found.L
    assert calls == [(2, 2)]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: truth.rows(np.zeros((2, 2, 2))), "shape"),
        (lambda: truth.rows(np.zeros((2, 2), int)), "int64"),
        (lambda: truth.rows([[1, 2]]), "int64"),
        (lambda: truth.rows(np.zeros((2, 3))).loss([0]), "one class index for each of 2 rows"),
        (lambda: truth.rows(np.zeros((2, 3))).loss([0, 3]), "from 0 to 2"),
        (lambda: truth.rows(np.zeros((2, 3))).loss([-1, 0]), "from 0 to 2"),
        (lambda: truth.rows(np.zeros((2, 3))).loss([0.5, 0]), "from 0 to 2"),
        (lambda: truth.reference("softmx", truth.rows(np.zeros((2, 3)))), "Did you mean 'softmax'"),
        (lambda: truth.reference("softmax_vjp", truth.rows(np.zeros((2, 3)))), "core operation"),
        (lambda: truth.reference("cross_entropy", truth.rows(np.zeros((2, 3)))), "labels=None"),
        (lambda: truth.reference("cross_entropy", truth.rows(np.zeros((1, 3))), [0], reduction="avg"), "reduction"),
    ],
)
def test_wrong_use_is_a_usage_error(call: object, message: str) -> None:
    assert callable(call)
    with pytest.raises(UsageError, match=message):
        call()
