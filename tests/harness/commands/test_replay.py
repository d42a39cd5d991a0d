"""One counterexample again: judged anew, and said in words."""

from __future__ import annotations

import pytest
from tests.harness.building import rows_case, softmax
from tests.harness.certification.lying_subjects import in_parts, like_the_input

from softcert import Implementation
from softcert.cases.case import Case
from softcert.certification.plan import Plan
from softcert.commands.certify import Run
from softcert.commands.replay import replay, replay_case, replay_finding, resolve_recorded
from softcert.commands.trust import EVERYTHING
from softcert_implementations.bundled import naive
from softcert_oracle.errors import UsageError
from softcert_oracle.levels import Level
from softcert_reports import document as doc

RIGHT = Implementation("right", {"softmax": softmax}, ("float32",))
CASE = rows_case([[88.75, 0.0]], [0])


def test_a_case_that_fails_says_what_came_and_what_is_exact():
    outcome = replay(naive.IMPLEMENTATION, "softmax", CASE, "none")
    assert outcome.fails(Level.SOUND)
    lines = outcome.text.splitlines()
    assert lines[0] == "softmax, float32: [88.75, 0]"
    assert lines[1].strip().startswith("got   [nan")
    assert lines[2].strip().startswith("exact [1")
    assert any("finite (sound): softmax of [88.75, 0] gives nan" in line for line in lines)


def test_a_case_that_passes_says_so():
    outcome = replay(RIGHT, "softmax", CASE, "none")
    assert not outcome.fails(Level.STABLE)
    assert "every property holds" in outcome.text
    assert replay_case(RIGHT, "softmax", CASE.to_json(), "none") == outcome.text


def test_an_operation_or_format_that_the_subject_does_not_have_is_refused():
    with pytest.raises(UsageError, match="has no logsumexp in float32"):
        replay(RIGHT, "lse", CASE, "none")
    with pytest.raises(UsageError, match="has no softmax in float64"):
        replay(RIGHT, "softmax", CASE.with_(format="float64"), "none")


@pytest.fixture(scope="module")
def document():
    run = Run(Plan.of("quick", isolation="none", ops=["softmax"]))
    run.add("naive", dtypes="float32", contract={"max_classes": 8, "max_rows": 4})
    run.certify()
    return run.document("c")


def test_a_recorded_finding_is_replayed_at_its_level(document):
    finding = document.findings[0]
    outcome, level = replay_finding(document, finding.id, isolation="none")
    assert (outcome.fails(level), level) == (True, finding.level)
    right, level = replay_finding(document, finding.id, "numpy_shifted", "none")
    assert not right.fails(level)


def test_an_unknown_finding_is_refused_with_the_nearest(document):
    with pytest.raises(UsageError, match=document.findings[0].id):
        replay_finding(document, document.findings[0].id[:-1], isolation="none")


def test_a_recorded_subject_is_described_with_its_contract(document):
    again = resolve_recorded(document.subjects[0], isolation="none")
    assert (again.name, again.dtypes) == ("naive", ("float32",))
    assert again.contract.terms("softmax", "float32").max_classes == 8
    with pytest.raises(UsageError):
        resolve_recorded(
            doc.Subject(name="gone", verdict="certified", spec="no_such_module:f"), None, "none", EVERYTHING
        )


def test_a_pair_of_batches_is_called_again():
    subject = Implementation("mine", {"softmax": in_parts}, ("float32",), batch_invariant=True)
    case = Case.of("ordinary", 16, 10, "float32", (("scale", 3.0),), state="second batch", second=(0, 8))
    assert "the contract: batch_invariant" in replay(subject, "softmax", case, "none").text
    assert replay(subject, "softmax", case, "none").fails(Level.SOUND)
    assert not replay(subject, "softmax", case.with_(rows_count=15), "none").fails(Level.SOUND)


def test_a_kind_of_input_is_given_again():
    subject = Implementation("mine", {"softmax": like_the_input}, ("float32",), input_kinds=["integers"])
    case = rows_case([[3.0, 1.0]], kind="int64")
    assert replay(subject, "softmax", case, "process").fails(Level.SOUND)
    assert not replay(subject, "softmax", case.with_(kind="arrays"), "process").fails(Level.SOUND)
