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


def test_rows_are_classed_by_their_special_values() -> None:
    found = truth.rows(np.array([row for row, _ in KINDS]))
    assert found.kind.tolist() == [kind for _, kind in KINDS]
    assert found.ordinary.tolist() == [True] + [False] * 5


def test_special_rows_have_limits_or_no_value_and_leave_their_neighbours_alone() -> None:
    x = np.array([row for row, _ in KINDS] + [[2.0, 1.0]])
    found = truth.rows(x)
    alone = truth.rows(x[-1:])
    assert np.array_equal(found.softmax.hi[1:6], [[NAN] * 2, [1, 0], [NAN] * 2, [NAN] * 2, [NAN] * 2], equal_nan=True)
    assert np.array_equal(found.log_softmax.hi[2], [0, -INF])
    assert np.array_equal(found.logsumexp.hi[1:6], [-INF, INF, INF, NAN, NAN], equal_nan=True)
    assert found.softmax.hi[6].tolist() == alone.softmax.hi[0].tolist()
    assert found.L[6] == alone.L[0]
    assert np.isnan(found.s[1:6]).all()
    assert np.isnan(truth.jacobian(found).hi[1:6]).all()
    assert np.isfinite(truth.jacobian(found).hi[[0, 6]]).all()


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


BESIDE = [
    # row, operation, entry, the number that it lies beside, the side
    ([0.0, -1e9], "softmax", 0, 1.0, -1),
    ([0.0, -60.0], "softmax", 0, 1.0, -1),
    ([0.0, 0.0, -1e9], "softmax", 1, 0.5, -1),
    ([0.0, 0.0, -200.0], "softmax", 1, 0.5, -1),
    ([1.0] * 4 + [-1e5], "softmax", 2, 0.25, -1),
    ([3.0, -1e9], "logsumexp", 0, 3.0, 1),
    ([3.0, -200.0], "logsumexp", 0, 3.0, 1),
    ([-3.0, -800.0], "logsumexp", 0, -3.0, 1),
    ([2.0**60, 0.0], "log_softmax", 1, -(2.0**60), -1),
    ([300.0, 100.0], "log_softmax", 1, -200.0, -1),
    ([1e300, -1e300], "log_softmax", 1, -2e300, -1),
    ([0.0, -1e12], "log_softmax", 1, -1e12, -1),
]


@pytest.mark.parametrize(("row", "operation", "entry", "number", "side"), BESIDE)
@pytest.mark.parametrize("backend", BACKENDS, ids=lambda b: b.__module__.split(".")[1])
def test_values_that_differ_from_a_number_by_less_than_anything_lie_on_the_right_side_of_it(
    row: list[float], operation: str, entry: int, number: float, side: int, backend: backends.Backend
) -> None:
    e = truth.reference(operation, truth.rows(np.array([row]), backend)).reshape(-1)[entry]
    low, high, decided = decisions.neighbours(e, F64)
    assert decided
    assert (low if side > 0 else high) == number
    assert low < high
    assert decisions.correctly_rounded(number, e, F64) == Decision.YES


@pytest.mark.parametrize("backend", BACKENDS, ids=lambda b: b.__module__.split(".")[1])
def test_a_midpoint_moved_by_next_to_nothing_is_no_tie(backend: backends.Backend) -> None:
    # d = -(2^53 + 1) is the midpoint of -2^53 (even) and -(2^53 + 2); l = d - exp(-2^53) lies beyond it.
    found = truth.rows(np.array([[-(2.0**53), 1.0]]), backend)
    assert decisions.nearest(found.log_softmax, F64)[0][0, 0] == -(2.0**53 + 2)
    assert decisions.nearest(found.log_softmax, F64)[1][0, 0]


@pytest.mark.parametrize("fmt", FORMATS.values(), ids=FORMATS)
def test_refinement_decides_what_a_widened_enclosure_does_not(fmt: Format) -> None:
    rng = np.random.default_rng(0)
    x, labels = rng.normal(size=(3, 4)) * 3, np.array([0, 1, 3])
    found = truth.rows(x)
    for operation in ("softmax", "log_softmax", "logsumexp", "cross_entropy", "cross_entropy_grad", "jacobian"):
        for reduction in ("mean", "sum", "none") if "entropy" in operation else ("mean",):
            given = labels if "entropy" in operation else None
            e = truth.jacobian(found) if operation == "jacobian" else None
            e = e or truth.reference(operation, found, given, reduction=reduction)
            wide = Enclosure(hi=e.hi, lo=e.lo, exponent=e.exponent, radius=np.abs(e.hi))
            refine = truth.refine(operation, found, given, reduction=reduction)
            value, decided = decisions.nearest(e, fmt)
            assert decided.all()
            again, settled = decisions.nearest(wide, fmt, refine)
            assert settled.all()
            assert np.array_equal(value, again)
            assert not decisions.nearest(wide, fmt)[1].all()
            answers = decisions.exceeds(value, wide, np.abs(value) * 1e-3, fmt, refine)
            expected = decisions.exceeds(value, e, np.abs(value) * 1e-3, fmt)
            assert np.array_equal(answers, expected)


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
