"""Findings by cause: each cause once, with all that it touches, the plainest witness first."""

from __future__ import annotations

from dataclasses import replace

from tests.reports import sample

from softcert_reports.document import Diagnosis, Finding
from softcert_reports.formatting import causes

SHIFT = Diagnosis(defect="softmax_unshifted", text="does not shift", family="no max shift", remedy="Shift.")
BARE = Finding(id="bare", subject="mine", operation="softmax", format="float32", property="finite", summary="nan")


def _of(id: str, operation: str, format: str = "float32", **fields: object) -> Finding:
    return replace(BARE, id=id, operation=operation, format=format, diagnosis=SHIFT, **fields)  # type: ignore[arg-type]


def test_one_family_is_one_cause_in_every_operation_and_format() -> None:
    other = replace(SHIFT, defect="logsumexp_unshifted", text="does not shift either")
    found = [_of("a", "softmax"), _of("b", "logsumexp", "float64"), replace(_of("c", "logsumexp"), diagnosis=other)]
    (cause,) = causes.grouped(found)
    assert (cause.name, cause.text, cause.remedy) == ("no max shift", "does not shift", "Shift.")
    assert cause.touches() == "softmax in float32; logsumexp in float32 and float64"
    assert [f.operation for f in cause.others()] == ["logsumexp"]


def test_a_witness_of_each_operation_and_format_comes_before_a_second_one() -> None:
    found = [_of("a", "softmax"), _of("b", "softmax"), _of("c", "softmax", "float64"), _of("d", "logsumexp")]
    (cause,) = causes.grouped(found)
    assert [f.id for f in cause.findings] == ["a", "c", "d", "b"]


def test_subjects_and_expected_failures_are_kept_apart() -> None:
    found = [_of("a", "softmax"), _of("b", "softmax", subject="his"), _of("c", "softmax", expected_reason="known")]
    assert [(c.subject, c.expected) for c in causes.grouped(found)] == [("mine", False), ("his", False), ("mine", True)]


def test_unknown_causes_are_put_together_by_property_and_kind_alone() -> None:
    found = [replace(BARE, id="a", cause="nan"), replace(BARE, id="b", cause="nan", format="float64")]
    found += [replace(BARE, id="c", cause="inf"), replace(BARE, id="d", cause="nan", property="shift")]
    assert [len(c.findings) for c in causes.grouped(found)] == [2, 1, 1]
    assert not any(c.known for c in causes.grouped(found))


def test_two_exceptions_are_two_causes() -> None:
    raises = Diagnosis(defect="valid input refused", text="Raises A.", family="valid input refused", remedy="Accept.")
    found = [replace(BARE, id=t, property="completes", diagnosis=replace(raises, text=t)) for t in ("A", "B", "A")]
    assert [(c.text, len(c.findings)) for c in causes.grouped(found)] == [("A", 2), ("B", 1)]


def test_every_gating_finding_belongs_to_exactly_one_cause() -> None:
    found = causes.gating(sample.sample())
    ids = [f.id for c in found for f in c.findings]
    assert sorted(ids) == sorted(set(ids))
    assert ids
    assert causes.number_of(found) == f"{len(found)} cause{'s' * (len(found) != 1)} ({len(ids)} findings)"
