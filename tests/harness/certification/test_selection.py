"""Running less for some properties: what they need is run, the rest is not, and no level follows from it."""

from __future__ import annotations

import pytest
from tests.harness.building import softmax

from softcert import Implementation
from softcert.cases.case import Case, Layout, State
from softcert.certification.certify import certify_one
from softcert.certification.outcome import claimed
from softcert.certification.plan import Plan
from softcert.certification.selection import Selection
from softcert.commands.certify import Run
from softcert_oracle.errors import UsageError

SMALL = {"max_classes": 8, "max_rows": 4}
WHOLE = Plan.of("quick", isolation="none")


def subject(function=softmax):
    return Implementation("mine", {"softmax": function}, ("float32",), **SMALL)


def plan(*properties, **fields):
    return Plan.of("quick", isolation="none", properties=properties, **fields)


def case(**fields):
    return Case.of("ordinary", 2, 3, "float32", **fields)


CASES = {
    "once": case(),
    "edge": Case.of("edge", 1, 2, "float32"),
    "twice": case(state=State.TWICE),
    "alone": case(state=State.ALONE),
    "reversed": case(layout=Layout.REVERSED_ROWS),
    "label": case(label_values=(0, 3)),
}


@pytest.mark.parametrize(
    ("names", "needed"),
    [
        (None, set(CASES)),
        (("accuracy",), {"once", "edge", "reversed", "label"}),
        (("completes",), {"once", "edge", "reversed", "label"}),
        (("repeatable",), {"twice"}),
        (("batch_independence",), {"alone"}),
        (("layouts",), {"once", "reversed", "label"}),
        (("invalid_labels",), {"label"}),
        (("shift", "consistency"), set()),
    ],
)
def test_a_property_needs_its_own_cases(names, needed):
    chosen = Selection(names).cases(CASES.values())
    assert {name for name, case in CASES.items() if case in chosen} == needed


def test_relations_and_searches_are_for_the_properties_that_need_them():
    assert [Selection((n,)).relations for n in ("shift", "gradient_differences", "accuracy")] == [True, True, False]
    assert [Selection((n,)).searches for n in ("accuracy", "sum_to_one", "completes", "shift")] == [
        True,
        True,
        False,
        False,
    ]


def test_fewer_calls_are_made_and_only_what_was_asked_for_is_counted():
    whole = certify_one(subject(), WHOLE)
    shifted = certify_one(subject(), plan("shift"))
    assert 0 < shifted.calls < whole.calls / 5
    (unit,) = shifted.units
    assert {name for name, _ in unit.counts.parts} == {"shift"}


def test_a_right_subject_is_inconclusive_and_the_document_says_what_was_checked():
    run = Run(plan("shift", "accuracy"), [subject()])
    run.certify()
    document = run.document("c")
    assert (document.complete, document.exit_code) == (False, 3)
    assert document.incomplete_reason == "only accuracy, shift were checked, as asked for"
    (told,) = document.subjects
    assert (told.verdict, told.level) == ("inconclusive", None)
    assert {c.property for c in document.cells} == {"accuracy", "shift"}


def test_what_fails_is_found_and_what_was_not_asked_for_is_not():
    wrong = subject(lambda x: 2 * softmax(x))
    found = certify_one(wrong, plan("sum_to_one"))
    assert (found.verdict, {f.property_name for f in found.findings}) == ("not certified", {"sum_to_one"})
    assert certify_one(wrong, plan("completes")).verdict == "inconclusive"


def test_a_level_of_accuracy_has_the_violations_of_the_levels_below():
    """A result beyond the wide limit is beyond the narrow one."""
    wrong = subject(lambda x: 2 * softmax(x))
    assert {f.property_name for f in certify_one(wrong, plan("accuracy")).findings} == {"accuracy"}
    assert {f.property_name for f in certify_one(wrong, plan("sound_accuracy")).findings} == {"accuracy"}


def test_operations_that_no_property_is_about_are_left_out():
    both = Implementation("mine", {"softmax": softmax, "logsumexp": softmax}, ("float32",), **SMALL)
    assert claimed(both, plan("sum_to_one")) == [("softmax", "float32")]
    with pytest.raises(UsageError, match="gradient_signs: no property of softmax, logsumexp"):
        claimed(both, plan("gradient_signs"))


def test_an_unknown_property_is_refused_by_name():
    with pytest.raises(UsageError, match="Did you mean 'accuracy'"):
        plan("acuracy")
    with pytest.raises(UsageError, match="name at least one"):
        plan()
