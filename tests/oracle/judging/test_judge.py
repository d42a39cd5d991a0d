"""judge_block: columns that depend on the row alone, with the exact path behind the kernel."""

from __future__ import annotations

import numpy as np
import pytest
from tests.oracle.judging import samples

from softcert_oracle.errors import UsageError
from softcert_oracle.judging import Block, judge_block, specification
from softcert_oracle.judging.columns import columns
from softcert_oracle.levels import Level
from softcert_oracle.limit_parameters import LimitParameters
from softcert_oracle.numbers.formats import lookup


def small(operation: str = "softmax", got: object = None, **changes: object) -> Block:
    """Two cases of two and one rows with two classes."""
    x = np.array([[0.0, 1.0], [2.0, 2.0], [0.0, -3.0]])
    p = np.exp(x) / np.exp(x).sum(axis=1, keepdims=True)
    fields = {"parameters": LimitParameters(format="float64"), "x": x, "starts": np.array([0, 2, 3])}
    return Block(operation=operation, got=p if got is None else got, **{**fields, **changes})  # type: ignore[arg-type]


def test_a_violated_level_names_its_case_row_and_class() -> None:
    """One probability is doubled: accuracy fails at every level, in the second row of the first case."""
    block = small()
    block.got[1, 0] *= 2
    told = judge_block(block).by_case(block.starts)
    for level in Level:
        check = told.checks["accuracy", level]
        assert check.violated[0] >= 1
        assert check.violated[1] == 0 or level is Level.FAITHFUL
        assert (check.row[0], check.index[0]) == (1, 0)
    assert told.checks["sum_to_one", Level.STABLE].violated.tolist() == [1, 0]


def test_rows_without_a_finite_maximum_are_not_judged() -> None:
    """NaN and +inf are the policy's matter."""
    block = small()
    block.x[0, 0], block.x[2, 1] = np.nan, np.inf
    told = judge_block(block)
    assert told.ordinary.tolist() == [False, True, False]
    assert told.plain.tolist() == [0, 2, 0]
    assert not any(check.violated.any() for check in told.checks.values())


def test_a_class_of_minus_infinity_is_compared_exactly() -> None:
    """Its probability is 0, and nothing else will do."""
    block = small()
    block.x[0, 0], block.got[0] = -np.inf, (1e-300, 1.0)
    told = judge_block(block)
    assert (told.absent[0], told.absent_wrong[0], told.absent_index[0]) == (1, 1, 0)


@pytest.mark.parametrize("regime", ["extreme", "zero lse", "ties"])
def test_what_the_kernel_defers_is_what_the_specification_says(regime: str) -> None:
    """Every row is judged in the end, with the specification's counts."""
    rng = np.random.default_rng(2)
    for operation in samples.OPERATIONS:
        block = samples.drawn(rng, fmt="float64", operation=operation, regime=regime, classes=3)
        with np.errstate(all="ignore"):
            told, raw = judge_block(block), specification.judge(block)
        exact = columns(operation, raw)
        for key, check in told.checks.items():
            assert np.array_equal(check.violated, exact.checks[key].violated)
        assert told.histogram.sum() == exact.histogram.sum()


def test_results_do_not_depend_on_what_else_stands_in_the_block() -> None:
    """Bit for bit, a case alone and in a block."""
    rng = np.random.default_rng(4)
    x = samples.logits("normal", (12, 9), lookup("float32"), rng)
    block = samples.block("cross_entropy_grad", x, 4, "ulps off", LimitParameters(format="float32"), rng)
    told = judge_block(block)
    assert block.labels is not None
    part = Block(
        operation=block.operation,
        parameters=block.parameters,
        x=block.x[3:6],
        starts=np.array([0, 3]),
        got=block.got[3:6],
        labels=block.labels[3:6],
    )
    alone = judge_block(part)
    for key, check in alone.checks.items():
        assert np.array_equal(check.ratio, told.checks[key].ratio[3:6])
        assert np.array_equal(check.measured, told.checks[key].measured[3:6])
    assert np.array_equal(alone.histogram[0], told.histogram[1])


def test_without_numba_the_answers_are_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """Then every row goes the exact path."""
    block = small()
    block.got[2, 1] *= 1 + 2**-40
    with_kernel = judge_block(block)
    monkeypatch.setenv("SOFTCERT_NO_NUMBA", "1")
    without = judge_block(block)
    assert not without.compiled.any()
    for key, check in without.checks.items():
        assert np.array_equal(check.violated, with_kernel.checks[key].violated)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"got": np.zeros((3, 3))}, "got has shape"),
        ({"starts": np.array([0, 2])}, "starts="),
        ({"operation": "cross_entropy_grad"}, "labels have shape None"),
        ({"x": np.zeros((3, 2), np.float32)}, "x has dtype float32"),
    ],
)
def test_arrays_that_do_not_fit_are_refused(changes: dict[str, object], message: str) -> None:
    """The message names what was given and what is accepted."""
    with pytest.raises(UsageError, match=message):
        judge_block(small(**changes))  # type: ignore[arg-type]


def test_an_empty_block_has_empty_columns() -> None:
    """No rows, no answers."""
    told = judge_block(small(x=np.zeros((0, 2)), got=np.zeros((0, 2)), starts=np.array([0])))
    assert told.plain.shape == (0,)


@pytest.mark.parametrize("reduction", ["none", "mean"])
def test_the_sign_of_an_infinite_loss_is_checked(reduction: str) -> None:
    """A label with a logit of -inf: the loss is infinite and is not judged, but -inf is no loss."""
    x = np.array([[0.0, -np.inf], [0.0, -np.inf]])
    for wrong in (False, True):
        got = np.full(2, -np.inf if wrong else np.inf)
        block = small(
            "cross_entropy",
            got=got,
            x=x,
            starts=np.array([0, 1, 2]),
            labels=np.array([1, 1]),
            parameters=LimitParameters(format="float64", reduction=reduction),
        )
        for told in (judge_block(block), columns("cross_entropy", specification.judge(block))):
            assert told.ordinary.tolist() == [False, False]
            check = told.checks["loss_sign", Level.STABLE]
            assert check.checked.tolist() == [1, 1]
            assert check.violated.tolist() == [int(wrong)] * 2
