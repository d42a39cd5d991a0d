"""No cheat is green without a word in the document that tells of it."""

from __future__ import annotations

import pytest
from tests.harness.cheats.cheat import Cheat, Expected, honest
from tests.harness.cheats.running import run, thin_runs, thinned, thinnest, words
from tests.harness.cheats.table import CHEATS, FAMILIES

import softcert

PENDING: dict[str, str] = {}
"""Cheats that the harness does not see yet, and why."""

WITHOUT_PROCESS = ("caching", "counting", "result_types")
"""Families that the judging sees, whatever process they run in."""

WITH_PROCESS = ("cached_by_id", "first_call_wrong")
"""Members of them that need it: trial calls, for one, are made in a process that ends before the first judged call."""


def cases(names):
    return [
        pytest.param(
            name, id=name, marks=[pytest.mark.xfail(strict=True, reason=PENDING[name])] if name in PENDING else []
        )
        for name in names
    ]


@pytest.fixture(autouse=True)
def no_variables_of_ours(monkeypatch):
    for name in ("SOFTCERT_EFFORT", "SOFTCERT_DEBUG"):
        monkeypatch.delenv(name, raising=False)


def holds(cheat: Cheat, certificate: softcert.Certificate) -> bool:
    """Whether a run has said of a cheat what it must say."""
    if cheat.expected is Expected.LEGAL:
        return certificate.certified
    if cheat.expected is Expected.REFUSED:
        return certificate.verdict == "not certified"
    told = any(word in words(certificate) for word in cheat.words)
    return told if certificate.certified else certificate.verdict == "not certified"


def test_there_are_many_cheats_and_each_says_what_it_does():
    assert len(CHEATS) >= 80
    assert {c.family for c in CHEATS.values()} == set(FAMILIES)
    for cheat in CHEATS.values():
        assert cheat.sentence.endswith(".")
        assert bool(cheat.words) == (cheat.expected is Expected.TOLD), cheat.name
        assert all(word == word.lower() for word in cheat.words)


@pytest.mark.parametrize("name", cases(CHEATS))
def test_a_cheat_is_never_green_without_a_word(name):
    cheat = CHEATS[name]
    with thin_runs(thinnest if cheat.expected is Expected.TOLD else thinned):
        certificate = run(cheat, "none" if cheat.family in WITHOUT_PROCESS and name not in WITH_PROCESS else "process")
    assert holds(cheat, certificate), (certificate.verdict, words(certificate))


def test_an_honest_subject_is_certified_without_a_word():
    def softmax(x):
        return honest(x)

    with thin_runs():
        certificate = softcert.certify(softmax, dtypes="float32", arrays="numpy", effort="quick")
    assert certificate.certified
    assert certificate.observations == ()


WHOLE = (
    "cached_by_corners",
    "cached_by_the_ends_and_the_sum",
    "cached_logsumexp_by_row_and_column_sums",
    "holds_a_table_of_the_battery",
    "sees_poisoned_memory",
    "writes_very_late",
    "calls_the_oracle",
    "remembers_everything",
)
"""Cheats whose outcome depends on which calls come one after the other, and one that is none."""


@pytest.mark.slow
@pytest.mark.parametrize("name", WHOLE)
def test_a_cheat_is_never_green_at_the_whole_effort_quick(name):
    """Slow: whole certifications, with shrinking and diagnosis."""
    assert holds(CHEATS[name], run(CHEATS[name]))
