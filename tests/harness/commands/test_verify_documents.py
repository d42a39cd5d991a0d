"""What `softcert verify` sees in a certificate and its results without a rerun, and what a rerun is held against."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.harness.building import softmax
from tests.reports import small
from tests.reports.forgery import forged, plain
from tests.reports.mutations import mutated, same

from softcert import Implementation
from softcert.commands import rerun
from softcert.commands.verify import verify
from softcert_oracle.errors import UsageError
from softcert_reports import document as doc
from softcert_reports.exports import certificate as certificates

BASELINE = """[[expected]]
implementation = "wrong"
operation = "softmax"
format = "float32"
property = "accuracy"
reason = "known"
largest_error = 16.0
holds = "sound"

[[expected]]
implementation = "not in this run"
operation = "softmax"
format = "float32"
property = "*"
reason = "known"
"""


@pytest.fixture
def written(tmp_path, monkeypatch):
    """Writes a document and its certificate, and a baseline where one is given; the paths of the first two."""
    monkeypatch.chdir(tmp_path)

    def write(document, baseline=None):
        doc.save(document, "results.json")
        (tmp_path / "certificate.json").write_text(certificates.certificate(document), encoding="utf-8")
        if baseline is not None:
            (tmp_path / "baseline.toml").write_text(baseline, encoding="utf-8")
        return tmp_path / "certificate.json"

    return write


@pytest.mark.parametrize("make", [small.green, small.red])
def test_an_honest_certificate_verifies(written, make):
    assert verify(written(make()), None, False)[::2] == ([], 0)


def test_an_exit_code_that_was_forged_with_a_fitting_digest_is_refused(written):
    """The digest is no secret: certificate and results may be forged together."""
    path = written(replace(small.red(), exit_code=0))
    with pytest.raises(doc.DocumentError, match="the run has the exit code 0, but 1 follows"):
        verify(path, None, False)


def test_results_without_a_subject_certify_nothing(written):
    empty = doc.derive(doc.Document(title="t", created="2026-01-02T03:04:05Z"))
    problems, _, code = verify(written(empty), None, False)
    assert (problems, code) == (["its results hold no implementation: nothing is certified."], 2)


def test_a_run_that_was_not_isolated_says_what_it_does_not_prove(written):
    problems, notes, code = verify(written(replace(small.green(), isolation="none")), None, False)
    assert (problems, code) == ([], 0)
    assert any("proves nothing against a hostile implementation" in note for note in notes)


def test_a_baseline_is_held_against_its_file(written):
    problems, notes, code = verify(written(small.expected(), BASELINE), None, False)
    assert (problems, code) == ([], 0)
    assert "held against the baseline 'baseline.toml', which expects 1 failures" in notes


@pytest.mark.parametrize(
    ("file", "said"),
    [
        (None, "is not there"),
        ("", "they differ in 'wrong / softmax / float32 / accuracy'"),
        (BASELINE.replace("16.0", "1.0"), "they differ in"),
        (BASELINE.replace('"sound"', '"stable"'), "they differ in"),
        (BASELINE.replace('reason = "known"', 'reason = "another"'), "they differ in"),
        (BASELINE + BASELINE.replace('"accuracy"', '"finite"').replace("not in this run", "x"), "they differ in"),
        ("[[expected]", "is not whole TOML"),
    ],
)
def test_an_invented_baseline_is_seen(written, file, said):
    """Entries that no file holds would excuse any failure."""
    problems, _, code = verify(written(small.expected(), file), None, False)
    assert code == 2
    assert said in problems[0]


def test_a_baseline_that_has_moved_is_given(written, tmp_path):
    path = written(small.expected())
    (tmp_path / "moved.toml").write_text(BASELINE, encoding="utf-8")
    assert verify(path, None, False, "moved.toml")[2] == 0


def _again(**change):
    return replace(small.red(), **change)


@pytest.mark.parametrize(
    ("again", "said"),
    [
        (_again(exit_code=3), "the certificate says exit code 1, the rerun 3"),
        (_again(findings=()), "the rerun does not show the finding 'wrong-accuracy'"),
        (_again(findings=(*small.red().findings, replace(small.red().findings[0], id="new"))), "shows also the"),
        (_again(cells=small.red().cells[1:]), "says pass, the rerun nothing"),
        (
            _again(subjects=tuple(replace(s, source_digest="sha256:" + "0" * 64) for s in small.red().subjects)),
            "right: its source was changed since it was certified",
        ),
        (
            _again(subjects=tuple(replace(s, verdict="inconclusive") for s in small.red().subjects)),
            "right: the certificate says certified (stable), the rerun inconclusive (stable)",
        ),
        (
            _again(subjects=tuple(replace(s, levels={}) for s in small.red().subjects)),
            "right: the certificate says stable (largest seen) of softmax in float32, the rerun nothing",
        ),
    ],
)
def test_a_rerun_is_held_against_everything_that_was_concluded(again, said):
    assert list(rerun.differences(small.red(), small.red())) == []
    assert any(said in line for line in rerun.differences(small.red(), again))


def test_a_rerun_is_held_against_the_baseline():
    """The outcome of a baseline may change though verdicts and findings come again."""
    document = small.expected()
    stale = replace(document, baseline=replace(document.baseline, stale=("gone",)), exit_code=1)
    told = list(rerun.differences(document, stale))
    assert told == ["the rerun has other stale of the baseline", "the certificate says exit code 0, the rerun 1"]


def test_a_subject_is_taken_as_its_document_records_it():
    """More operations than were certified, another name, and a contract of which a field was set back."""
    found = Implementation("other", {"softmax": softmax, "logsumexp": len}, ("float32",), exp_ulp=2, max_rows=8)
    subject = replace(small.green().subjects[0], name="mine (2)", contract_deviations={"max_rows": 8})
    same_again = rerun.as_recorded(found, subject)
    assert (same_again.name, list(same_again.ops)) == ("mine (2)", ["softmax"])
    assert same_again.contract.deviations() == {"max_rows": 8}
    with pytest.raises(UsageError, match="no longer has cross_entropy"):
        rerun.as_recorded(found, replace(subject, operations=("cross_entropy",)))


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_no_changed_certificate_is_verified(drawn):
    """Whatever is changed in its data: a problem, or no certificate at all; and never a traceback."""
    whole = certificates.certificate(small.red())
    changed = drawn.draw(mutated(json.loads(whole), 3))
    try:
        problems = certificates.verify(json.dumps(changed), small.red())
    except doc.DocumentError:
        return
    assert problems or same(changed, json.loads(whole))


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_no_forged_pair_of_results_and_certificate_turns_green(tmp_path_factory, drawn):
    """A forger makes the certificate from the forged results: the cells still decide."""
    folder = tmp_path_factory.mktemp("forged")
    text = forged(drawn.draw(mutated(plain(small.red()))))
    (folder / "results.json").write_text(text, encoding="utf-8")
    try:
        document = doc.loads(text)
        (folder / "certificate.json").write_text(certificates.certificate(document), encoding="utf-8")
        verify(folder / "certificate.json", None, False)
    except doc.DocumentError:
        return
    assert document.exit_code == 1
