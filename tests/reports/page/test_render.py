"""The page: escaped, self-contained, reproducible, small; what it must say is in it."""

from __future__ import annotations

import base64
import hashlib
import importlib.resources
import json
import re
import time
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import html5lib
import pytest
from tests.reports import sample

from softcert_reports import document as d
from softcert_reports.page import anchors
from softcert_reports.page.compare import compare
from softcert_reports.page.render import render, write

SAMPLE, HOSTILE = cache(lambda: render(sample.sample())), cache(lambda: render(sample.hostile()))
PAGES = {
    "sample": SAMPLE,
    "hostile": HOSTILE,
    "empty": lambda: render(sample.empty()),
    "compared": lambda: compare([sample.sample(), sample.many(6)]),
    "compared hostile": lambda: compare([sample.hostile(), sample.empty()], sample.HOSTILE_NAMES[:2]),
}
TEMPLATES = Path(str(importlib.resources.files("softcert_reports.page") / "templates"))


@pytest.fixture(scope="module", params=list(PAGES))
def page(request: pytest.FixtureRequest) -> str:
    return PAGES[request.param]()


@cache
def _tree(page: str) -> Any:
    return html5lib.HTMLParser(namespaceHTMLElements=False).parse(page)


def _text(page: str) -> str:
    """What a reader sees: the text of the page without its scripts, white space joined."""

    def pieces(element: Any) -> Iterator[str]:
        if element.tag != "script":
            yield element.text or ""
            for child in element:
                yield from pieces(child)
                yield child.tail or ""

    return " ".join("".join(pieces(_tree(page).find("body"))).split())


def test_a_strict_parser_finds_no_error(page: str) -> None:
    parser = html5lib.HTMLParser(strict=False)
    parser.parse(page)
    assert [(position, code) for position, code, _ in parser.errors] == []


def test_ids_are_unique_and_every_link_has_its_target(page: str) -> None:
    tree = _tree(page)
    ids = [e.get("id") for e in tree.iter() if e.get("id")]
    assert len(ids) == len(set(ids))
    links = {e.get("href") for e in tree.iter("a")}
    assert {link[1:] for link in links} <= set(ids)
    assert all(link.startswith("#") for link in links)


def test_scripts_and_styles_are_those_of_the_policy(page: str) -> None:
    tree = _tree(page)
    policy = next(e.get("content") for e in tree.iter("meta") if e.get("http-equiv"))
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy
    assert "http" not in policy
    for tag in ("script", "style"):
        for element in tree.iter(tag):
            if element.get("type") == "application/json":
                continue
            assert element.get("src") is None
            digest = base64.b64encode(hashlib.sha256(element.text.encode()).digest()).decode()
            assert f"'sha256-{digest}'" in policy
    for element in tree.iter():
        handlers = [a for a in element.attrib if str(a).lower().startswith("on") or a == "style"]
        assert handlers == []


def test_nothing_is_fetched_from_anywhere(page: str) -> None:
    for element in _tree(page).iter():
        for name in ("src", "href", "action", "data", "poster", "srcset"):
            value = element.get(name)
            assert value is None or value.startswith(("#", "data:,")), (element.tag, name, value)


def test_hostile_names_stay_text() -> None:
    page = HOSTILE()
    tree = _tree(page)
    scripts = list(tree.iter("script"))
    assert len(scripts) == 3  # data, Plot, ours
    assert list(tree.iter("img")) == []
    assert not any("alert(" in (e.text or "") for e in scripts if e.get("type") is None)
    assert "</script><script>alert(1)</script>" in _text(page)
    assert "javascript:" not in page
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f]", page)


def test_names_are_isolated_from_the_direction_of_the_text_around_them() -> None:
    tree = _tree(HOSTILE())
    turned = [e for e in tree.iter() if "\u202e" in (e.text or "") and e.tag not in ("script", "title")]
    assert turned
    assert {e.tag for e in turned} == {"bdi"}


def test_code_shows_marks_that_would_reorder_it() -> None:
    tree = _tree(HOSTILE())
    code = ["".join(e.itertext()) for e in tree.iter("pre")]
    assert code
    assert any("⟨U+202E⟩" in c for c in code)
    assert not any("\u202e" in c for c in code)


def test_the_same_document_gives_the_same_bytes() -> None:
    assert render(d.loads(d.dumps(sample.sample()))) == SAMPLE()


def test_twenty_implementations_fit_in_a_megabyte_and_a_half() -> None:
    page = render(sample.many(20))
    assert len(page.encode()) < 1_500_000


def test_a_page_with_nothing_to_draw_carries_no_plotting_library() -> None:
    assert len(render(sample.empty()).encode()) < 60_000


def test_the_first_screen_says_what_holds_with_denominators() -> None:
    text = _text(SAMPLE())
    assert "3 of 5 implementations are certified at level “stable”." in text
    assert "Not certified: naive, logsumexp." in text
    counts = [s.counts for s in sample.sample().subjects]
    checks, held = sum(c.checks for c in counts), sum(c.passed for c in counts)
    assert f"{checks:,} checks in 61,725 calls: {held:,} held (" in text


def test_a_run_that_checked_nothing_is_not_called_good() -> None:
    page = render(sample.empty())
    assert "Nothing was certified: no check was made." in _text(page)
    assert 'class="first open"' in page


def test_an_incomplete_run_says_so_first() -> None:
    page = render(replace(sample.sample(), complete=False, incomplete_reason="interrupted by the user", exit_code=3))
    text = _text(page)
    assert text.index("Incomplete. interrupted by the user") < text.index("Levels held")
    assert 'class="first open"' in page


def test_a_reader_learns_what_is_wrong_with_naive_and_how_to_mend_it() -> None:
    text = _text(SAMPLE())
    for words in (
        "softmax(88.75, 0) is NaN; the truth is 1.",
        "exp overflows above 88.72 in float32",
        "Subtract the row's maximum before exp",
        "0x1.6300000000000p+6",
        "import mpmath",
    ):
        assert words in text


def test_every_cell_has_an_address_that_does_not_change() -> None:
    page, document = SAMPLE(), sample.sample()
    for cell in document.cells:
        assert f"id={anchors.of_cell(cell)} " in page
    first = d.Cell(subject="naive", operation="softmax", format="float32", property="finite", outcome="pass")
    assert anchors.of_cell(first) == "cell-834d83f4eb"


def test_the_matrix_is_a_table_with_headers_and_says_outcomes_in_glyphs() -> None:
    tree = _tree(SAMPLE())
    tables = [t for t in tree.iter("table") if t.get("class") == "cells"]
    assert len(tables) == 5
    for table in tables:
        for row in table.find("tbody"):
            assert [h.get("scope") for h in row.findall("th")] == ["row", "row"]
            for cell in row.findall("td")[1:]:
                assert "".join(cell.itertext()).strip()[0] in "✓✗○⚑?∅–·"
        assert table.find("caption") is not None


def test_proved_seen_and_not_run_look_different() -> None:
    page = SAMPLE()
    assert "∀ proved on every input" in page
    assert '<span class="basis seen">largest seen</span>' in page
    assert '<td class="lv absent">' in page


def test_claims_show_their_formulas_as_mathml_and_nothing_else() -> None:
    page = HOSTILE()
    assert "alert(3)" not in _text(page)
    assert "<math><mrow><mfrac>" in SAMPLE()


def test_writing_gives_the_page_and_its_document(tmp_path: Path) -> None:
    path = write(sample.sample(), tmp_path / "certify")
    assert path == tmp_path / "certify" / "index.html"
    assert sorted(p.name for p in path.parent.iterdir()) == ["index.html", "results.json"]
    assert render(d.load(path.parent / "results.json")) == path.read_text("utf-8")


def test_the_page_is_made_in_a_blink() -> None:
    document = sample.many(20)
    render(document)
    start = time.process_time()
    render(document)
    assert time.process_time() - start < 5  # 0.3 s measured; the slowest CI machine gets fifteen times as long


def test_the_data_in_the_page_are_json_without_markup() -> None:
    page = HOSTILE()
    data = re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.S)
    assert data
    assert "<" not in data[1]
    assert len(json.loads(data[1])["cells"]) == len(sample.hostile().cells)


@pytest.mark.parametrize("name", [p.name for p in sorted(TEMPLATES.glob("*.js"))])
def test_our_scripts_are_formatted_for_readers(name: str) -> None:
    lines = (TEMPLATES / name).read_text("utf-8").splitlines()
    assert max(map(len, lines)) <= 120
    assert len(lines) <= 400
    assert lines[0] == '"use strict";'
