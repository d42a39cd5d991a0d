"""The form of a result where the logits were no arrays of the format."""

from __future__ import annotations

import numpy as np
import pytest
from tests.harness.building import REFERENCES, reply_of, rows_case, terms

from softcert.cases.call import build_call
from softcert.cases.inputs import build
from softcert.properties.hygiene import check_form
from softcert.properties.input_kinds import right_format, rounded

RIGHT = [("int64", "float64"), ("lists", "float32"), ("bool", "float64"), ("big-endian", ">f4")]
WRONG = [("int8", "float16"), ("int8", "int8"), ("arrays", "float64"), ("masked", "float64"), ("lists", "bfloat16")]


@pytest.mark.parametrize(("kind", "got"), RIGHT)
def test_the_contracts_format_or_a_wider_one_is_right_where_the_input_names_none(kind, got):
    assert right_format(kind, got, "float32")


@pytest.mark.parametrize(("kind", "got"), WRONG)
def test_a_narrower_format_and_any_other_of_an_array_is_wrong(kind, got):
    assert not right_format(kind, got, "float32")


def test_a_wider_result_is_rounded_once():
    case = rows_case([[1.0, 2.0]], kind="lists")
    assert rounded(case, np.array([1 / 3]), "float32").tolist() == [float(np.float32(1 / 3))]


def test_one_logit_without_a_row_has_a_result_without_axes():
    call = build_call("softmax", build(rows_case([[2.0]], kind="0-d")))
    output, checks = check_form(call, terms(), reply_of(1.0), REFERENCES)
    assert output is not None
    assert output.got.tolist() == [[1.0]]
    assert not any(c.failed for c in checks)
    output, checks = check_form(call, terms(), reply_of([[1.0]]), REFERENCES)
    assert output is None
    assert [c.property_name for c in checks if c.failed] == ["result_shape"]
