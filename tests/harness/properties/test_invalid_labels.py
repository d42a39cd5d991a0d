"""Labels that name no class: the contract's promise is all that is asked of such a call."""

from __future__ import annotations

import numpy as np
import pytest
from tests.harness.building import fault_reply, reply_of, rows_case, terms

from softcert.cases.call import build_call
from softcert.cases.inputs import build
from softcert.executors.protocol import FaultKind
from softcert.properties.invalid_labels import check_invalid_labels
from softcert.properties.table import PROPERTIES


def call(labels, operation="cross_entropy_grad"):
    return build_call(operation, build(rows_case([[0.0, 1.0, 2.0]] * 2, labels)))


def outcome(reply, promise, labels=(0, 3)):
    check = check_invalid_labels(call(labels), terms("cross_entropy_grad", invalid_labels=promise), reply)
    return None if check is None else check.failed


def test_an_ordinary_call_is_none_of_it():
    assert outcome(reply_of(np.zeros((2, 3))), "refuse", labels=(0, 2)) is None


@pytest.mark.parametrize("labels", [(0, 3), (-1, 0), (1, 1000)])
def test_a_promise_to_refuse_is_kept_by_an_exception_alone(labels):
    assert outcome(fault_reply(FaultKind.EXCEPTION), "refuse", labels) is False
    assert outcome(fault_reply(FaultKind.CRASH), "refuse", labels) is True
    assert outcome(reply_of(np.zeros((2, 3))), "refuse", labels) is True


def test_a_promise_of_nan_is_kept_by_nan_in_that_row():
    got = np.zeros((2, 3))
    assert outcome(reply_of(got), "nan") is True
    got[1] = np.nan
    assert outcome(reply_of(got), "nan") is False
    assert outcome(fault_reply(FaultKind.EXCEPTION), "nan") is True


def test_the_message_names_the_label_and_the_promise():
    contract = terms("cross_entropy_grad", invalid_labels="refuse")
    check = check_invalid_labels(call((0, 7)), contract, reply_of(np.zeros((2, 3))))
    assert check.message == "label 7 of 3 classes gives a result; the contract: an error"


def test_the_check_has_the_name_of_its_property_in_the_table():
    contract = terms("cross_entropy_grad", invalid_labels="refuse")
    kept = check_invalid_labels(call((0, 7)), contract, fault_reply(FaultKind.EXCEPTION))
    broken = check_invalid_labels(call((0, 7)), contract, fault_reply(FaultKind.CRASH))
    assert kept.property_name == broken.property_name == "invalid_labels"
    assert "invalid_labels" in PROPERTIES


def test_the_message_says_what_came_in_the_place_of_nan():
    contract = terms("cross_entropy_grad", invalid_labels="nan")
    check = check_invalid_labels(call((9, 0)), contract, reply_of(np.zeros((2, 3))))
    assert check.message == "label 9 of 3 classes gives numbers; the contract: NaN"
    fault = check_invalid_labels(call((9, 0)), contract, fault_reply(FaultKind.EXCEPTION, "IndexError: " + 40 * "9"))
    assert "gives IndexError" in fault.message
    assert fault.cause == "IndexError: " + 28 * "9"


@pytest.mark.parametrize(("got", "failed"), [(np.nan, False), (0.7, True)])
def test_one_number_for_all_rows_is_nan_altogether(got, failed):
    contract = terms("cross_entropy", invalid_labels="nan")
    assert check_invalid_labels(call((0, 3), "cross_entropy"), contract, reply_of(got)).failed is failed


def test_a_call_without_classes_has_no_label_to_refuse():
    empty = build_call("cross_entropy", build(rows_case(np.zeros((2, 0)), [0, 0])))
    assert check_invalid_labels(empty, terms("cross_entropy", invalid_labels="refuse"), reply_of(0.0)) is None
