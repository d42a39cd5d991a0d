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


def test_the_words_of_recipes_stand_in_documents_and_do_not_change():
    assert [*State] == ["once", "twice", "interleaved", "alone", "reordered", "altered"]
    assert [*LabelRule] == ["first", "last", "argmax", "argmin", "random", "same", "minus inf"]
    assert {*Layout} == {
        "C",
        "Fortran",
        "row stride",
        "column stride",
        "reversed columns",
        "reversed rows",
        "every other row",
        "transposed slice",
        "offset",
        "read-only",
    }
    assert at_class(3) == "at 3"


def test_a_case_is_a_plain_contiguous_call_unless_it_says_otherwise():
    case = Case.of("peak", 2, 3, "float32", (("at", 1),))
    assert (case.parameters, case.options, case.rows, case.label_values) == ((("at", 1),), (), None, None)
    assert (case.layout, case.labels, case.label_dtype, case.state, case.seed) == ("C", "random", "int64", "once", 0)


def test_unknown_fields_are_named_beside_those_that_are_accepted():
    with pytest.raises(UsageError, match=r"unknown fields \['colour', 'taste'\]; accepted: .*'rows_count'"):
        Case.from_json({"recipe": 1, "regime": "ties", "taste": 2, "colour": 1})


def test_cases_that_differ_in_one_field_are_different():
    changes = {"seed": 8, "layout": "C", "state": "once", "labels": "first", "label_dtype": "int8", "options": ()}
    for name, value in changes.items():
        assert CASE.with_(**{name: value}) != CASE
