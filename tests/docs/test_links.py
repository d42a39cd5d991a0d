"""Every relative link and picture of README and docs leads to a file, and every heading that is named exists."""

from __future__ import annotations

import re

import pytest
from tests.docs import fences

_LINK = re.compile(r"\]\(([^)\s]+)\)")
_FENCED = re.compile(r"^(`{3,}).*?^\1", re.MULTILINE | re.DOTALL)


def anchor(heading: str) -> str:
    """The anchor that Markdown renderers give to a heading."""
    kept = re.sub(r"[^\w\- ]", "", re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).lower())
    return kept.strip().replace(" ", "-")


@pytest.mark.parametrize("page", fences.PAGES, ids=lambda p: p.name)
def test_every_link_leads_somewhere(page):
    text = _FENCED.sub("", page.read_text(encoding="utf-8"))
    for link in _LINK.findall(text):
        if re.match(r"\w+:", link):
            continue
        path, _, fragment = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), f"{page.name} links to {link}"
        if fragment and target.suffix == ".md":
            headings = re.findall(r"^#+ (.+)$", target.read_text(encoding="utf-8"), re.MULTILINE)
            assert fragment in {anchor(h) for h in headings}, f"{page.name} links to {link}"


def test_every_page_can_be_reached_from_the_index():
    index = (fences.ROOT / "docs" / "index.md").read_text(encoding="utf-8")
    for page in fences.PAGES[1:]:
        assert page.name == "index.md" or f"({page.name}" in index, f"docs/index.md does not name {page.name}"


def test_the_picture_is_small():
    assert (fences.ROOT / "docs" / "images" / "report.png").stat().st_size < 300_000
