"""Labels that name no class are tried where the contract promises something for them."""

from __future__ import annotations

import pytest
from tests.harness.building import rows_case, terms

from softcert.cases.inputs import build
from softcert.cases.invalid_labels import cases, rows_with_invalid_labels
from softcert_oracle.numbers import formats

FLOAT32 = formats.lookup("float32")


@pytest.mark.parametrize(
    ("operation", "promise", "tried"),
    [
        ("cross_entropy", "refuse", True),
        ("cross_entropy_grad", "nan", True),
        ("cross_entropy", "untested", False),
        ("softmax", "refuse", False),
    ],
)
def test_cases_follow_the_promise(operation, promise, tried):
    made = list(cases(operation, FLOAT32, terms(operation, invalid_labels=promise)))
    assert bool(made) is tried
    for case in made:
        assert rows_with_invalid_labels(operation, build(case)).any()


def test_rows_are_told_apart():
    inputs = build(rows_case([[0.0, 1.0, 2.0]] * 4, [0, 3, -1, 2]))
    assert rows_with_invalid_labels("cross_entropy", inputs).tolist() == [False, True, True, False]
    assert not rows_with_invalid_labels("softmax", inputs).any()


def test_an_ignored_label_is_not_invalid():
    case = rows_case([[0.0, 1.0]], [-100], options=(("ignore_index", (-100, "all")),))
    assert not rows_with_invalid_labels("cross_entropy", build(case)).any()


def test_labels_lie_beyond_below_and_far_away_in_either_row():
    made = list(cases("cross_entropy", FLOAT32, terms("cross_entropy", invalid_labels="refuse")))
    assert [c.label_values for c in made] == [
        (0, 3), (3, 0), (0, -1), (-1, 0), (1, -3), (1, 1000), (-1000, 2), (2**31, 0), (5,),
    ]  # fmt: skip
    assert {(c.rows_count, c.classes) for c in made} == {(2, 3), (1, 5)}
    assert {c.format for c in made} == {"float32"}
    for case in made:
        assert rows_with_invalid_labels("cross_entropy", build(case)).sum() == 1
