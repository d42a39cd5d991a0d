"""What a finding says: the input, the result, the exact value, and how far off it is."""

from __future__ import annotations

import numpy as np
import pytest
from tests.harness.building import call_of, exact_of, judged, rows_case

from softcert.cases.call import build_call
from softcert.cases.case import Case
from softcert.cases.inputs import build
from softcert.findings.sentences import decimal, exact_text, input_text, row_text, summary
from softcert.properties.check import Check
from softcert_oracle.levels import Level

CALL = call_of("softmax", [[0.0, 88.75], [1.0, 2.0]])


def said(name, got=None, call=CALL, **fields):
    check = Check(property_name=name, level=Level.STABLE, checked=1, violated=1, **{"index": (0, 1), **fields})
    return summary(call, check, None if got is None else judged(call, got))


@pytest.mark.parametrize(
    ("value", "text"), [(0.5, "0.5"), (1 / 3, "0.33333333333333331"), (1e300, "1e+300"), (88.75, "88.75")]
)
def test_a_number_has_as_few_digits_as_tell_it_apart(value, text):
    assert decimal(value) == text
    assert float(text) == value


def test_a_long_row_is_cut_and_a_long_input_is_named_by_its_regime():
    assert row_text(np.arange(12.0)) == "[0, 1, 2, 3, 4, 5, 6, 7, …]"
    assert input_text(build(Case.of("ties", 1, 300, "float32")), ()) == "300 classes (ties)"
    assert input_text(CALL.inputs, (1, 0)) == "[1, 2] (row 1 of 2)"
    assert input_text(build(Case.of("ordinary", 0, 3, "float32")), ()) == "an input of shape (0, 3)"


def test_the_exact_value_has_the_digits_that_are_asked_for():
    call = call_of("softmax", [[0.0, 0.0, 0.0]])
    exact = judged(call, exact_of(call)).expected.exact
    assert exact_text(exact, (0, 0), 20) == "0.33333333333333333333"


def test_a_number_that_is_not_finite_is_set_beside_the_exact_one():
    text = said("finite", [[0.0, np.nan], [0.5, 0.5]])
    assert text == "softmax of [0, 88.75] (row 0 of 2) gives nan; exact: 1.0"


def test_an_error_is_given_in_ulp_and_in_limits():
    text = said("accuracy", [[0.0, 0.5], [0.5, 0.5]], measured=123.4, ratio=56.78)
    assert text.endswith("the error of 123 ulp is 56.8 times the limit")


def test_a_sum_is_set_beside_what_it_should_be():
    assert said("sum_to_one", [[0.5, 0.25], [0.5, 0.5]]).endswith("sums to 0.75, not to 1")


def test_a_message_stands_for_itself():
    text = said("completes", message="exception: ValueError: bad")
    assert text == "softmax of [0, 88.75] (row 0 of 2): exception: ValueError: bad"


def test_without_an_output_the_statement_is_quoted():
    assert "violates “" in said("shift", ratio=3.0)
    assert "3 times what rounding explains" in said("shift", ratio=3.0)
    assert said("shift", ratio=np.inf).endswith("”")


def test_layout_and_options_are_part_of_the_input():
    case = rows_case([[0.0, 1.0]], [0], layout="Fortran", options=(("temperature", 2.0),))
    call = build_call("softmax", build(case))
    text = said("completes", call=call, message="bad")
    assert text == "softmax of [0, 1] laid out as 'Fortran' with temperature=2.0: bad"
