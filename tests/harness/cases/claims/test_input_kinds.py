"""Kinds of inputs: values that a kind holds, cases of what is claimed."""

from __future__ import annotations

import numpy as np
import pytest
from tests.harness.building import rows_case, terms

from softcert.cases.case import Case
from softcert.cases.claims import input_kinds
from softcert.cases.inputs import build
from softcert_oracle.errors import UsageError
from softcert_oracle.numbers import formats


@pytest.mark.parametrize("format", ["float32", "float64", "bfloat16", "float8_e4m3fn"])
@pytest.mark.parametrize("kind", input_kinds.KINDS[1:])
def test_each_kind_holds_the_logits_of_its_cases_exactly(kind, format):
    for case in input_kinds.of_kind(kind, formats.lookup(format)):
        exact = build(case).exact
        assert exact.size
        if kind in input_kinds.NUMBERS:
            assert np.array_equal(exact.astype(kind).astype(np.float64), exact)


def test_integers_reach_the_ends_of_their_type():
    ends = [build(c).exact for c in input_kinds.of_kind("int8", formats.lookup("float32"))]
    assert (min(x.min() for x in ends), max(x.max() for x in ends)) == (-128, 127)


def test_the_default_contract_has_no_case_of_a_kind():
    assert list(input_kinds.cases("softmax", formats.lookup("float32"), terms())) == []


def test_a_group_of_kinds_stands_for_each_of_them():
    claimed = terms(input_kinds=["array", "integers", "lists"])
    cases = input_kinds.cases("softmax", formats.lookup("float32"), claimed)
    assert {c.kind for c in cases} == {"int8", "int16", "int32", "int64", "lists"}


def test_one_logit_without_a_row_has_no_label():
    assert input_kinds.applies("0-d", "softmax")
    assert not input_kinds.applies("0-d", "cross_entropy")


@pytest.mark.parametrize(
    ("kind", "rows"), [("int8", [[0.5]]), ("int8", [[300.0]]), ("bool", [[2.0]]), ("0-d", [[1, 2]])]
)
def test_a_recipe_whose_kind_cannot_hold_its_logits_is_refused(kind, rows):
    with pytest.raises(UsageError, match=kind):
        build(rows_case(rows, kind=kind))


def test_an_unknown_kind_is_refused_by_its_name():
    with pytest.raises(UsageError, match="int9"):
        build(rows_case([[1.0]], kind="int9"))


def test_a_kind_survives_the_document_and_changes_no_surroundings():
    case = rows_case([[1.0, 2.0]], kind="int8")
    assert Case.from_json(case.to_json()) == case
    assert case.digest == case.with_(kind="arrays").digest
