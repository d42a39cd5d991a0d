"""docs/defects.md is the page that the gallery prints."""

from __future__ import annotations

from pathlib import Path

from softcert_implementations.gallery import DEFECTS
from softcert_implementations.gallery import __main__ as gallery_page


def test_the_page_of_defects_is_up_to_date():
    page = Path(__file__).parents[3] / "docs" / "defects.md"
    assert page.read_text(encoding="utf-8") == gallery_page.page()


def test_the_page_has_a_row_for_every_defect():
    page = gallery_page.page()
    assert all(page.count(f"| `{defect.name}`") == 1 for defect in DEFECTS)
