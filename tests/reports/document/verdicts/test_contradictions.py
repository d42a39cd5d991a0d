"""A document whose verdict does not follow from its cells is refused by whoever reads it, with the sentence why."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.reports import sample, small
from tests.reports.forgery import forged, plain, verdict
from tests.reports.mutations import mutated

from softcert_reports import document as d

DOCUMENTS = {"green": small.green, "red": small.red, "expected": small.expected}


@pytest.mark.parametrize("make", [small.green, small.red, small.expected, sample.sample, sample.hostile, sample.empty])
def test_what_a_run_writes_does_not_contradict_itself(make: Any) -> None:
    assert d.contradictions(make()) == []
    assert d.loads(d.dumps(make())).exit_code == make().exit_code


def test_the_three_small_documents_end_as_they_say() -> None:
    assert [make().exit_code for make in (small.green, small.red, small.expected)] == [0, 1, 0]
    assert [s.verdict for s in small.expected().subjects] == ["certified", "not certified"]


def _set(*path: int | str, value: object) -> Any:
    """A change of one place."""

    def change(data: dict[str, Any]) -> None:
        at: Any = data
        for key in path[:-1]:
            at = at[key]
        at[path[-1]] = value

    return change


def _forget(data: dict[str, Any]) -> None:
    """The finding is taken out, and its cell does not list it any more."""
    data["findings"] = []
    for cell in data["cells"]:
        cell["findings"] = []


def _excuse(data: dict[str, Any]) -> None:
    """A baseline is invented that expects everything, and the run says that it is met."""
    entry = {"subject": "wrong", "operation": "softmax", "format": "float32", "property": "accuracy"}
    entries = [{**entry, "reason": "x", "largest_error": None, "holds": ""}]
    data["baseline"] = {"path": "b.toml", "entries": entries, "unexpected": [], "stale": []}
    data["exit_code"] = 0


def _repeat(name: str) -> Any:
    """The first record of a part stands twice."""
    return lambda data: data[name].append(data[name][0])


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (_set("exit_code", value=0), "the run has the exit code 0, but 1 follows"),
        (_set("exit_code", value=2), "the run has the exit code 2"),
        (_set("subjects", 1, "verdict", value="certified"), "'wrong' has the verdict 'certified', but 'not certified'"),
        (_set("subjects", 1, "level", value="stable"), "'wrong' has the level 'stable', but 'sound' follows"),
        (_set("subjects", 0, "levels", "softmax", "float32", "level", value="faithful"), "has the level 'faithful'"),
        (_set("subjects", 0, "levels", "softmax", "float32", "correctly_rounded", value=True), "correctly rounded"),
        (_set("subjects", 0, "levels", "softmax", "float32", "not_nearest", value=1), "more results that are not"),
        (_set("subjects", 0, "counts", "passed", value=1), "has the passed 1, but 197 follows"),
        (_set("subjects", 0, "counts", "failed", value=-1), "expected a whole number of at least 0"),
        (_set("subjects", 0, "counts", "vacuous", value=2), "has the vacuous 2"),
        (
            _set("subjects", 0, "formats", value=["float32", "float64"]),
            "'right' lacks the level of 'softmax / float64'",
        ),
        (_set("subjects", 0, "operations", value=[]), "has, without claiming it, the level"),
        (_set("subjects", 0, "ending", value="interrupted"), "says that it is complete"),
        (_set("subjects", 0, "ending", value="harness error"), "has the verdict 'certified'"),
        (_set("subjects", 0, "source_digest", value="sha256:1"), "the source digest of 'right'"),
        (_set("subjects", value=[]), "which no subject has"),
        (_set("cells", 1, "outcome", value="vacuous"), "has the outcome 'vacuous', but 'pass'"),
        (_set("cells", 5, "outcome", value="pass"), "has the outcome 'pass', but 'fail'"),
        (_set("cells", 5, "violations", value=0), "has the violations 0"),
        (_set("cells", 5, "level", value="faithful"), "has the level 'faithful'"),
        (_set("cells", 5, "by_level", 0, "violations", value=51), "more violations than checks"),
        (_set("cells", 5, "by_level", 0, "violations", value=0), "the finding 'wrong-accuracy'"),
        (_set("cells", 5, "by_level", 0, "level", value="faithful"), "counts another level than its own"),
        (_set("cells", 5, "worst_ulp", value="nan"), "expected a number of at least 0"),
        (_set("cells", 0, "by_level", value=[]), "has the checks 50"),
        (_set("cells", 5, "findings", value=[]), "belongs to no cell"),
        (_set("cells", 5, "findings", value=["another"]), "lists the finding 'another', which is not there"),
        (_set("findings", 0, "expected_reason", value="known"), "expected reason 'known'"),
        (_set("findings", 0, "level", value="sound"), "belongs to no cell"),
        (_set("domains", value=[]), "domains has nothing of 'right / softmax / float32'"),
        (_set("domains", 0, "classes", value=[4, 1]), "has the span"),
        (_set("domains", 0, "not_run", value=[{"reason": "declined", "count": 3}]), "has the not run 0, but 3"),
        (_set("special_values", 0, "outcome", value="fail"), "fails, but no cell counts it"),
        (_forget, "fails at the asked level, but no finding shows it"),
        (_excuse, "has the outcome 'fail', but 'expected fail'"),
        (_repeat("subjects"), "subjects has 'right' twice"),
        (_repeat("cells"), "cells has 'right / softmax / float32 / sound_accuracy' twice"),
        (_repeat("findings"), "findings has 'wrong-accuracy' twice"),
        (_repeat("domains"), "domains has 'right / softmax / float32' twice"),
    ],
)
def test_a_document_that_contradicts_itself_is_refused_with_the_sentence_why(change: Any, words: str) -> None:
    data = plain(small.red())
    change(data)
    with pytest.raises(d.DocumentError) as caught:
        d.loads(forged(data))
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (_set("baseline", value=None), "has the outcome 'expected fail', but 'fail'"),
        (_set("baseline", "entries", value=[]), "has the outcome 'expected fail', but 'fail'"),
        (_set("baseline", "entries", 0, "largest_error", value="0x1.0p+0"), "number of unexpected results 0, but 1"),
        (_set("baseline", "entries", 0, "holds", value="accurate"), "number of unexpected results 0, but 1"),
        (_set("baseline", "entries", 0, "property", value="finite"), "has the outcome 'expected fail'"),
        (_set("baseline", "entries", 0, "subject", value="right"), "has the outcome 'expected fail'"),
        (_set("baseline", "entries", 0, "subject", value="nobody"), "has the outcome 'expected fail'"),
        (_set("baseline", "unexpected", value=["x"]), "number of unexpected results 1, but 0"),
        (_set("baseline", "stale", value=["x"]), "number of stale results 1, but 0"),
        (_set("exit_code", value=1), "has the exit code 1, but 0"),
        (_set("complete", value=False), "has the exit code 0, but 3"),
    ],
)
def test_what_a_baseline_comes_to_is_computed_again(change: Any, words: str) -> None:
    data = plain(small.expected())
    change(data)
    with pytest.raises(d.DocumentError) as caught:
        d.loads(forged(data))
    assert words in str(caught.value)


def test_a_baseline_entry_that_stands_twice_is_refused() -> None:
    data = plain(small.expected())
    data["baseline"]["entries"] *= 2
    with pytest.raises(d.DocumentError, match=r"its baseline has .* twice"):
        d.loads(forged(data))


def test_what_is_nested_too_deeply_is_one_sentence() -> None:
    """The reader of JSON stops at a depth of its own; what passes it must not end our own recursion in a traceback."""
    text = d.dumps(small.green())
    for depth in (100, 300, 700, 950):
        deep = text.replace('"environment": {}', '"environment": {"a": ' + "[" * depth + "]" * depth + "}")
        assert deep != text
        with pytest.raises(d.DocumentError):
            d.loads(deep)


@settings(max_examples=120, deadline=None)
@given(st.data())
def test_no_change_alters_a_verdict_unseen(drawn: st.DataObject) -> None:
    """Whatever is changed in one place, with a digest made new: it is refused, or concludes what it did before."""
    document = DOCUMENTS[drawn.draw(st.sampled_from(sorted(DOCUMENTS)))]()
    text = forged(drawn.draw(mutated(plain(document))))
    with contextlib.suppress(d.DocumentError):
        assert verdict(d.loads(text)) == verdict(document)
