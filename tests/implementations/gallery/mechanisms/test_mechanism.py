"""A mechanism makes one model for each constant and base; a model has others near it."""

from __future__ import annotations

import numpy as np
import pytest

from softcert_implementations.gallery import mechanisms
from softcert_implementations.gallery.mechanisms.mechanism import LOSSES, Table
from softcert_implementations.gallery.mechanisms.textbook_parts import Parts, sum_rows


def _only(operations, bases=(), constants=(2, 4)):
    table = Table()
    table.add(
        "padding",
        "adds {} to the sum",
        lambda c: Parts(total=lambda e: sum_rows(e) + c),
        constants,
        operations=operations,
        bases=bases,
    )
    (mechanism,) = table.mechanisms
    return mechanism


def test_each_constant_is_tried_in_each_base():
    models = list(_only(LOSSES).models("cross_entropy"))
    assert [(m.constant, m.base) for m in models] == [
        (2, "shifted"),
        (2, "by logsumexp"),
        (4, "shifted"),
        (4, "by logsumexp"),
    ]
    assert [m.plain for m in models] == [True, False, True, False]
    assert [m.name for m in models][:2] == ["adds 2 to the sum", "adds 2 to the sum (by logsumexp)"]


def test_a_log_sum_exp_is_tried_in_one_base():
    assert [m.base for m in _only(("logsumexp",), constants=(1,)).models("logsumexp")] == ["shifted"]


@pytest.mark.parametrize(("operation", "bases"), [("softmax", 2), ("cross_entropy_grad", 2), ("cross_entropy", 3)])
def test_two_bases_that_make_the_same_probabilities_are_tried_once(operation, bases):
    every = ("shifted", "by logsumexp", "by probability")
    assert len(list(_only((operation,), every, constants=(1,)).models(operation))) == bases


def test_an_operation_in_which_it_does_not_show_has_no_model():
    assert list(_only(LOSSES).models("softmax")) == []


def test_the_constant_reaches_the_function():
    model = next(_only(("softmax",)).models("softmax"))
    assert model.fresh()(np.zeros((1, 2), np.float32)).tolist() == [[0.25, 0.25]]


@pytest.mark.parametrize("constant", ["", True, 0, np.dtype(np.float16)])
def test_what_is_no_number_has_nothing_near(constant):
    model = next(_only(("softmax",), constants=(constant,)).models("softmax"))
    assert list(model.near()) == []


def test_constants_around_a_size_are_sizes_and_around_a_number_numbers() -> None:
    by_constant = {type(m.constant): m for m in mechanisms.models("softmax")}
    sizes = [m.constant for m in by_constant[int].near()]
    assert sizes
    assert all(isinstance(size, int) and size > 1 for size in sizes)
    numbers = [m.constant for m in by_constant[float].near()]
    assert len(set(numbers)) == len(numbers) > 4
