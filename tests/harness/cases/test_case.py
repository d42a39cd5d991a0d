"""A case is plain data: it travels through JSON, compares by value, and shows its words as strings."""

from __future__ import annotations

import json

import pytest

from softcert.cases.case import AT, Case, LabelRule, Layout, State, at_class
from softcert_oracle.errors import UsageError

CASE = Case.of(
    "special",
    2,
    3,
    "float32",
    (("values", ("-inf",)), ("at", (1,))),
    layout=Layout.FORTRAN,
    state=State.TWICE,
    labels=at_class(2),
    options=(("ignore_index", (-100, "some")),),
    seed=7,
    rows=(("0x1p0", "inf"),),
    label_values=(0, 1),
)


def test_a_case_comes_back_from_json_as_it_was():
    again = Case.from_json(json.loads(json.dumps(CASE.to_json())))
    assert again == CASE
    assert hash(again) == hash(CASE)
    assert repr(again) == repr(CASE)


def test_fields_at_their_default_are_left_out():
    assert Case.of("ties", 1, 2, "float32").to_json() == {
        "recipe": 1,
        "regime": "ties",
        "rows_count": 1,
        "classes": 2,
        "format": "float32",
    }


def test_words_are_plain_strings_to_everybody():
    assert "layout='Fortran'" in repr(CASE)
    assert "state='twice'" in repr(CASE)
    assert Case.of("ties", 1, 2, "float32") == Case.of("ties", 1, 2, "float32", layout="C", labels="random")
    assert at_class(4) == f"{AT}4"
    assert LabelRule.MINUS_INF == "minus inf"


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"recipe": 2, "regime": "ties"}, "recipe=2"),
        ({"regime": "ties"}, "recipe=None"),
        ({"recipe": 1, "regime": "ties", "colour": 1}, "colour"),
        ({"recipe": 1, "regime": "ties"}, "incomplete"),
    ],
)
def test_a_recipe_of_another_kind_is_refused(data, said):
    with pytest.raises(UsageError, match=said):
        Case.from_json(data)


def test_a_copy_with_other_fields_leaves_the_case_as_it_was():
    assert CASE.with_(seed=8).seed == 8
    assert CASE.seed == 7
    assert CASE.size == 6
