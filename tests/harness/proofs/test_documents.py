"""The proofs in docs/proofs are whole, and docs/proofs.md shows what they say."""

from __future__ import annotations

from pathlib import Path

import pytest
from benchmarks import proofs_table

from softcert_reports.proofs.files import load

PAGE = Path(__file__).resolve().parents[3] / "docs" / "proofs.md"
DOCUMENTS = sorted(proofs_table.FOLDER.glob("*.json"))


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda p: p.stem)
def test_a_document_is_what_its_digest_says_and_whole(path):
    proof = load(path)
    assert proof.verdict == ("refuted" if proof.tally.failing else "proved")
    assert proof.tally.failing == 0 or not proof.plan.subject.startswith("faithful")
    assert proof.tally.rows == proof.plan.rows
    assert path.stat().st_size < 30_000


def test_the_page_has_the_table():
    page = PAGE.read_text(encoding="utf-8")
    assert {load(path).verdict for path in DOCUMENTS} == {"proved", "refuted"}
    assert len(DOCUMENTS) > 20
    assert "\n".join(proofs_table.lines()) in page, (
        "run: python benchmarks/proofs_table.py, and put it into docs/proofs.md"
    )
