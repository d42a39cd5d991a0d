"""The document says what was recorded: denominators, cells, domains, observations."""

from __future__ import annotations

import numpy as np
import pytest
from tests.harness.building import softmax

from softcert import Implementation
from softcert.certification.certify import certify_one
from softcert.certification.plan import Plan
from softcert.diagnosis.diagnose import Diagnoses, diagnose
from softcert.results.document import DiagnosedResult, _size, build
from softcert_reports import document as doc

PLAN = Plan.of("quick", isolation="none")


def unshifted(x):
    e = np.exp(x)
    return e / e.sum(axis=-1, keepdims=True)


def shifted(x):
    d = x - x.max(axis=-1, keepdims=True)
    return d - np.log(np.exp(d).sum(axis=-1, keepdims=True))


@pytest.fixture(scope="module")
def diagnosed():
    def subject(name, function):
        implementation = Implementation(name, {"softmax": function}, ("float32",), max_classes=16, max_rows=8)
        result = certify_one(implementation, PLAN)
        return DiagnosedResult(result, diagnose(result))

    return [subject("right", softmax), subject("wrong", unshifted)]


@pytest.fixture(scope="module")
def document(diagnosed):
    return build(diagnosed, PLAN, title="t", command="c", seconds=1.5)


def test_checks_add_up(document):
    for subject in document.subjects:
        counts = subject.counts
        assert counts.checks == counts.passed + counts.failed + counts.undecided > 1000
        assert sum(c.checks for c in document.cells if c.subject == subject.name) == counts.checks
    right, wrong = document.subjects
    assert (right.verdict, right.counts.failed >= 0, wrong.verdict) == ("certified", True, "not certified")
    assert right.levels["softmax"]["float32"].level == right.level == "accurate"


def test_a_failing_cell_names_its_findings(document):
    ids = {f.id for f in document.findings}
    assert ids
    assert {f.subject for f in document.findings} == {"wrong"}
    finite = next(c for c in document.cells if (c.subject, c.property) == ("wrong", "finite"))
    assert finite.outcome == "fail"
    assert set(finite.findings) <= ids
    assert finite.findings


def test_an_output_beyond_the_wider_limit_stands_in_both_cells(document):
    sound = next(f for f in document.findings if f.property == "accuracy" and f.level == "sound")
    cells = {c.property for c in document.cells if sound.id in c.findings}
    assert cells == {"sound_accuracy", "accuracy"}


def test_a_finding_has_witness_limit_diagnosis_and_code(document):
    finding = next(f for f in document.findings if f.property == "accuracy")
    assert finding.diagnosis.family == "no max shift"
    assert finding.witness.got.hex == float.fromhex(finding.witness.got.hex).hex()
    assert finding.witness.exact.decimal
    assert finding.limit_formula
    assert "rerun(" in finding.reproduction
    assert finding.ratio > 1


def test_a_diagnosis_that_failed_is_an_observation(diagnosed):
    failed = DiagnosedResult(diagnosed[1].result, Diagnoses(failures={("softmax", "float32"): "ValueError: x"}))
    made = build([failed], PLAN, title="t", command="c")
    assert ("no diagnosis", "ValueError: x") in {(o.kind, o.text) for o in made.observations}
    assert all(f.diagnosis is None for f in made.findings)


def test_a_unit_that_was_not_run_has_a_cell_with_the_reason():
    implementation = Implementation(
        "none", {"softmax": softmax}, ("float32",), min_classes=999_983, max_classes=999_983
    )
    made = build([DiagnosedResult(certify_one(implementation, PLAN))], PLAN, title="t", command="c")
    assert [(c.outcome, c.reason) for c in made.cells] == [("not run", "not reached")]
    assert made.subjects[0].verdict == "not run"


def test_the_document_survives_its_file(document, tmp_path):
    doc.save(document, tmp_path / "r.json")
    loaded = doc.load(tmp_path / "r.json")
    assert loaded.content_digest == doc.digest(document)
    assert doc.dumps(loaded) == doc.dumps(document)


def test_verdicts_levels_and_counts_of_a_run_are_those_of_its_document(diagnosed, document):
    """One implementation of the rules serves the run and every reader of its document."""
    for done, subject in zip(diagnosed, document.subjects, strict=True):
        assert (subject.verdict, subject.level) == (done.result.verdict, done.result.level())
        assert {o: {f: h.level for f, h in by.items()} for o, by in subject.levels.items()} == done.result.levels()
    assert doc.contradictions(document) == []


def test_findings_of_one_cause_at_two_levels_have_two_ids():
    """An id that stood for two findings would be refused as a finding that stands twice."""
    implementation = Implementation("stable", {"log_softmax": shifted}, ("float32",), max_classes=4, max_rows=2)
    plan = Plan.of("quick", "faithful", isolation="none")
    made = build([DiagnosedResult(certify_one(implementation, plan))], plan, title="t", command="c")
    assert {f.level for f in made.findings if f.property == "accuracy"} >= {"accurate", "faithful"}
    assert len({f.id for f in made.findings}) == len(made.findings)
    assert doc.contradictions(made) == []


def test_an_error_that_is_no_number_is_beyond_any_limit(document):
    """NaN in a document would be above no limit, and a failure to write it would lose the run's results."""
    assert [_size(value) for value in (float("nan"), -1.0, 0.5)] == [float("inf"), 0.0, 0.5]


def test_it_says_with_what_it_was_made(document):
    assert document.versions["battery"]
    assert document.timings["seconds"] == 1.5
    assert (document.seed, document.effort, document.asked_level) == (0, "quick", "stable")
    assert (document.isolation, document.asked_operations) == ("none", None)
