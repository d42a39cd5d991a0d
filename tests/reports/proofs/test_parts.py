"""Parts of proofs: merging is associative and commutative, and nothing is counted twice or altered unseen."""

from __future__ import annotations

import itertools
import json
from dataclasses import replace

import pytest

from softcert_reports.document.errors import DocumentError
from softcert_reports.proofs import badge, page, words
from softcert_reports.proofs.files import content_digest, is_proof, load, save
from softcert_reports.proofs.merge import merged, missing
from softcert_reports.proofs.record import BINS, Leaf, ProofPart, ProofPlan, ProofTally, Witness

PLAN = ProofPlan(
    subject="mine <b>",
    spec="mine.py:softmax",
    source_digest="sha256:0",
    operation="softmax",
    format="float8_e5m2",
    classes=2,
    shape="all",
    level="stable",
    rows=65536,
    rows_per_call=16384,
    leaves=4,
    contract="{}",
    limits_version="2",
)


def witness(row: int, ulp: float) -> Witness:
    """A row with an error."""
    return Witness(row=row, logits=("0x0.0p+0",) * 2, label=None, result=("0x1.0p-1",) * 2, ulp=ulp.hex())


def part(number: int, ulp: float = 0.0, failing: int = 0) -> ProofPart:
    """The part of one leaf, with a largest error where it is not 0."""
    found = witness(16384 * number + 5, ulp) if ulp else None
    right = 16384 - 10 - (1 if ulp else 0)
    tally = ProofTally(
        rows=16384,
        special=10,
        correctly_rounded=right,
        faithful=right,
        failing=failing,
        histogram=(right, 1 if ulp else 0, *(0,) * (len(BINS) - 2)),
        largest=found,
        first_failing=found if failing else None,
    )
    return ProofPart(plan=PLAN, leaves=(Leaf(number=number, digest=f"sha256:{number}"),), tally=tally)


PARTS = (part(0), part(1, 0.75), part(2, 0.75, failing=1), part(3, 0.625))


def test_every_order_and_every_bracketing_gives_the_same_digest():
    digests = set()
    for a, b, c, d in itertools.permutations(PARTS):
        digests.add(content_digest(merged(merged(merged(a, b), c), d)))
        digests.add(content_digest(merged(merged(a, b), merged(c, d))))
        digests.add(content_digest(merged(a, merged(b, merged(c, d)))))
    assert len(digests) == 1


def test_the_smallest_row_wins_a_tie_of_errors():
    whole = merged(PARTS[2], PARTS[1])
    assert whole.tally.largest is not None
    assert whole.tally.largest.row == 16384 + 5


def test_what_counts_twice_is_refused():
    with pytest.raises(DocumentError, match="leaves 1 stand in two parts"):
        merged(merged(PARTS[0], PARTS[1]), PARTS[1])


def test_parts_of_other_plans_are_refused():
    with pytest.raises(DocumentError, match="level is 'stable' in one and 'faithful'"):
        merged(PARTS[0], replace(PARTS[1], plan=replace(PLAN, level="faithful")))


def test_a_gap_is_named_and_is_never_a_proof():
    two = merged(PARTS[0], PARTS[3])
    assert missing(two) == "1 to 2"
    assert (two.verdict, two.exit_code) == ("incomplete", 3)
    assert "every" not in words.headline(two)
    assert "every input" not in badge.badge(two)


def test_one_failing_row_refutes():
    whole = merged(merged(PARTS[0], PARTS[1]), merged(PARTS[2], PARTS[3]))
    assert (whole.verdict, whole.exit_code) == ("refuted", 1)
    assert "every" not in badge.badge(whole)


def test_only_a_complete_proof_says_every_input():
    holds = replace(PARTS[2], tally=part(2).tally)
    whole = merged(merged(PARTS[0], PARTS[1]), merged(holds, PARTS[3]))
    assert (whole.verdict, whole.exit_code) == ("proved", 0)
    assert "every input" in badge.badge(whole)
    assert "on every one of 65536 inputs" in words.headline(whole)
    undecided = replace(whole, tally=replace(whole.tally, undecided=1))
    assert undecided.verdict == "incomplete"
    assert replace(whole, tally=replace(whole.tally, not_judged=1)).verdict == "incomplete"


def test_a_file_comes_back_as_it_was(tmp_path):
    whole = merged(PARTS[1], PARTS[2])
    save(whole, tmp_path / "part.json")
    assert load(tmp_path / "part.json") == whole
    assert is_proof(tmp_path / "part.json")
    assert not is_proof(tmp_path / "nothing.json")


@pytest.mark.parametrize(
    "change",
    [
        lambda d: d["tally"].update(failing=0, first_failing=None),
        lambda d: d["tally"].update(correctly_rounded=1),
        lambda d: d["leaves"].update({"3": "sha256:3"}),
        lambda d: d["plan"].update(level="sound"),
        lambda d: d.update(verdict="proved"),
        lambda d: d.update(version=2),
        lambda d: d.update(kind="softcert results"),
        lambda d: d.pop("plan"),
        lambda d: d["tally"].update(rows="many"),
    ],
)
def test_an_altered_part_is_refused(tmp_path, change):
    path = tmp_path / "part.json"
    save(merged(PARTS[1], PARTS[2]), path)
    data = json.loads(path.read_text())
    change(data)
    path.write_text(json.dumps(data))
    with pytest.raises(DocumentError):
        load(path)


def test_counts_that_contradict_one_another_are_refused_with_a_right_digest(tmp_path):
    lying = replace(PARTS[0], tally=replace(PARTS[0].tally, rows=16385))
    save(lying, tmp_path / "part.json")
    with pytest.raises(DocumentError, match="contradicts itself"):
        load(tmp_path / "part.json")


def test_the_page_escapes_names_and_keeps_proofs_apart():
    html = page.render(PARTS[2])
    assert "mine &lt;b&gt;" in html
    assert "mine <b>" not in html
    assert "not every input was run" in html
    assert "Refuted" in html
