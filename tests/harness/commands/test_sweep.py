"""A sweep reports the largest error that it finds, for each operation and format."""

from __future__ import annotations

import pytest
from tests.harness.building import softmax

from softcert import Implementation
from softcert.commands.sweep import sweep
from softcert_oracle.errors import UsageError

SUBJECT = Implementation("mine", {"softmax": softmax}, ("float32", "float64"), max_classes=8, max_rows=4)


def test_one_line_for_each_format():
    lines = list(sweep(SUBJECT, examples=20, isolation="none"))
    assert [line.split()[:2] for line in lines] == [["softmax", "float32"], ["softmax", "float64"]]
    assert all("at least" in line and "worst case {" in line for line in lines)
    assert lines == list(sweep(SUBJECT, examples=20, isolation="none"))


def test_a_search_of_no_steps_is_refused():
    with pytest.raises(UsageError, match="examples=0"):
        list(sweep(SUBJECT, examples=0, isolation="none"))


def test_where_nothing_can_be_judged_it_says_so():
    empty = Implementation("mine", {"softmax": softmax}, ("float32",), min_classes=99_991, max_classes=99_991)
    assert list(sweep(empty, examples=1, isolation="none")) == [
        "softmax              float32    nothing could be judged"
    ]
