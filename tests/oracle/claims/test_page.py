"""docs/claims.md is what the ledger prints."""

from pathlib import Path

from softcert_oracle.claims.__main__ import markdown

PAGE = Path(__file__).resolve().parents[3] / "docs" / "claims.md"


def test_the_page_is_up_to_date():
    assert PAGE.read_text(encoding="utf-8") == markdown(), (
        "docs/claims.md is stale: python -m softcert_oracle.claims > docs/claims.md"
    )
