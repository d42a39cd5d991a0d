"""Options in words: values as they are, long arrays cut, the labels where an ignored one stands among them."""

from __future__ import annotations

import pytest
from tests.harness.building import rows_case

from softcert.cases.call import build_call
from softcert.cases.inputs import build
from softcert.findings.option_text import option_text

ROWS = [[0.0, 1.0, 2.0], [1.0, 0.0, 0.5]]


@pytest.mark.parametrize(
    ("operation", "options", "text"),
    [
        ("softmax", (), ""),
        ("softmax", (("temperature", 0.5),), "temperature=0.5"),
        ("softmax", (("out", ("NaN", "C")),), "out given"),
        ("cross_entropy", (("ignore_index", (-100, "first")),), "labels=[-100, 2], ignore_index=-100"),
        ("cross_entropy", (("weight", (("hex", ("0x1p-1",)), "C")),), "weight=[0.5, 0.5, 0.5]"),
        ("softmax", (("mask", ("all", "C")),), "mask=[True, True, True, True, True, True] of shape (2, 3)"),
    ],
)
def test_options_are_named_with_their_values(operation, options, text):
    call = build_call(operation, build(rows_case(ROWS, [1, 2], options=options)))
    assert option_text(call) == text


def test_a_long_array_is_cut():
    call = build_call("cross_entropy", build(rows_case([[0.0] * 20], [1], options=(("weight", ("ones", "C")),))))
    assert option_text(call) == f"weight=[{', '.join(['1'] * 8)}, …]"
