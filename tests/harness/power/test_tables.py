"""The figures as text: one sentence first, then what escaped, was missed or refused, by kind and name."""

from __future__ import annotations

from softcert.power import tables
from softcert.power.blind import BlindPower, BlindResult
from softcert.power.mutants import MutantPower, MutantResult


def mutant(outcome: str, kind: str = "axis", **more: str) -> MutantResult:
    given = {"file": "mine.py", "function": "softmax", "before": "-1", "after": "0", "subject": "mine"}
    return MutantResult(
        key=outcome + kind, line=7, kind=kind, operations="softmax", formats="float32", outcome=outcome, **given, **more
    )


def test_the_first_sentence_says_how_many_are_caught_and_change_nothing() -> None:
    """Escapes come with their source line, what shows them, and the witness."""
    results = (
        mutant("caught"),
        mutant("equivalent"),
        mutant("escaped", "slice", shown="accuracy: value", witness="Case 3"),
    )
    power = MutantPower(subject="mine", effort="quick", seed=0, possible=9, unreached=2, results=results)
    text = tables.mutants(power)
    assert "Of 3 mutants of mine (drawn from 9) 1 are caught, 1 change nothing, 1 escape." in text
    assert "2 further changes lie in code that no operation reaches" in text
    assert "1 of    1 caught,    1 change nothing  axis" in text
    assert "ESCAPED, slice:\n  mine.py:7 in softmax: -1 -> 0\n    mine, softmax, float32: accuracy: value" in text
    assert "on Case 3" in text
    assert tables.mutants_json(power)["counts"] == {"caught": 1, "escaped": 1, "equivalent": 1, "undecided": 0}
    assert tables.mutants_json(power)["passed"] is False


def test_a_blind_set_is_told_by_what_was_missed_and_refused() -> None:
    """With the trigger of a miss and the finding of a refusal."""

    def entry(expect: str, verdict: str) -> BlindResult:
        return BlindResult(
            set="first",
            name=f"{expect}_{verdict[:3]}",
            operation="softmax",
            format="float32",
            expect=expect,
            why="the reason",
            verdict=verdict,
            finding="what was found",
        )

    results = (
        entry("defect", "not certified"),
        entry("defect", "certified"),
        entry("right", "not certified"),
        entry("debated", "not certified"),
    )
    power = BlindPower(effort="quick", seed=0, results=results)
    text = tables.blind(power)
    assert "defects caught: 1 of 2 (50%)" in text
    assert "MISSED defect_cer (softmax, float32): certified; the reason" in text
    assert "right implementations refused: 1 of 1" in text
    assert "REFUSED right_not (softmax, float32): not certified; what was found" in text
    assert "debated models: 1 of 1 not certified" in text
    assert tables.blind_json(power)["passed"] is False
