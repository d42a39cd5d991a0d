"""The report in a real browser: silent, self-contained, usable by mouse, keyboard, phone and at night."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from tests.browser.conftest import Browser
from tests.reports import sample

from softcert_reports.formatting import numbers
from softcert_reports.page import anchors

pytestmark = pytest.mark.browser
Pages = Callable[[str], Path]
ENTER, ESCAPE, TAB, RIGHT, DOWN, LEFT = "\ue007", "\ue00c", "\ue004", "\ue014", "\ue015", "\ue012"
ALL = ("sample", "hostile", "empty", "twenty", "compared")


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("width", [1280, 400])
def test_a_page_opens_from_disk_without_an_error_or_a_request(
    browser: Browser, page: Pages, name: str, width: int
) -> None:
    browser.open(page(name), width=width)
    browser.draw_everything()
    assert browser.console() == []
    assert [r for r in browser.requests() if not r.startswith(("file://", "data:", "about:"))] == []
    assert browser.js("return document.querySelectorAll('dialog[open]').length") == 0  # no alert came through
    assert browser.js("return document.title")


@pytest.mark.parametrize("name", ALL)
def test_the_page_never_scrolls_sideways_on_a_phone(browser: Browser, page: Pages, name: str) -> None:
    browser.open(page(name), width=400, height=850)
    browser.draw_everything()
    browser.js("document.querySelectorAll('details').forEach((d) => { d.open = true; })")
    assert browser.js("return document.documentElement.scrollWidth") <= 400
    assert browser.js("scrollTo(500, 0); return scrollX") == 0


def test_every_plot_is_drawn_with_a_title_for_those_who_hear_it(browser: Browser, page: Pages) -> None:
    browser.open(page("sample"))
    browser.draw_everything()
    drawn = browser.js(
        "return [...document.querySelectorAll('.draw')].map((e) => e.querySelector('svg')?.ariaLabel || '')"
    )
    assert len(drawn) == 8  # four overviews; a row for each finding, and one number line
    assert all(drawn)
    marks = browser.js(
        "return [...document.querySelectorAll('.draw svg')]"
        ".map((e) => e.querySelectorAll('path,circle,rect,line').length)"
    )
    assert min(marks) >= 2
    assert "NaN" not in browser.js(
        "return [...document.querySelectorAll('.draw path')].map((p) => p.getAttribute('d')).join()"
    )


def test_hostile_text_stays_text(browser: Browser, page: Pages) -> None:
    browser.open(page("hostile"))
    browser.draw_everything()
    heads = browser.js("return [...document.querySelectorAll('.subject h2')].map((h) => h.textContent)")
    assert heads[0] == sample.HOSTILE_NAMES[0]
    assert heads[1].startswith("xxxx")
    assert heads[3] == "NaN"
    assert browser.js("return document.images.length") == 0
    options = browser.js(
        "return [...document.querySelectorAll('#choose [name=subject] option')].map((o) => o.textContent)"
    )
    assert any("script" in o for o in options)


def test_a_name_written_from_the_right_leaves_its_row_in_order(browser: Browser, page: Pages) -> None:
    browser.open(page("hostile"))
    places = browser.js(
        "const row = [...document.querySelectorAll('.cells tbody tr')].find((r) => r.textContent.includes('\\u202e'));"
        "return [...row.cells].slice(0, 5).map((c) => c.getBoundingClientRect().left)"
    )
    assert places == sorted(places)


def test_twenty_implementations_are_ready_within_half_a_second(browser: Browser, page: Pages) -> None:
    """By the processor's time of the page's main thread, which does not depend on what else the machine does."""
    browser.cdp("Performance.enable", timeDomain="threadTicks")
    browser.open(page("twenty"))
    browser.wait("return document.documentElement.dataset.ready")
    metrics = {m["name"]: m["value"] for m in browser.cdp("Performance.getMetrics")["metrics"]}
    browser.cdp("Performance.disable")
    assert metrics["ScriptDuration"] < 0.5
    assert metrics["ScriptDuration"] > 0


# Matrix


def _shown(browser: Browser) -> list[str]:
    return browser.js(  # type: ignore[no-any-return]
        "return [...document.querySelectorAll('.cells tbody td[id]')]"
        ".filter((c) => c.offsetParent).map((c) => c.textContent)"
    )


def _filter(browser: Browser, name: str, value: str) -> None:
    browser.js(
        "const e = document.querySelector(`#filters [name=${arguments[0]}]`); e.value = arguments[1];"
        "e.dispatchEvent(new Event('input', {bubbles: true}))",
        name,
        value,
    )


def test_filters_leave_what_they_say_and_clear_brings_all_back(browser: Browser, page: Pages) -> None:
    browser.open(page("sample"))
    everything = _shown(browser)
    assert len(everything) == len(sample.sample().cells)
    _filter(browser, "outcome", "f")
    failing = _shown(browser)
    assert failing
    assert {c[0] for c in failing} <= set("✗✓⚑○∅?–")
    assert sum(c[0] == "✗" for c in failing) == sum(c[0] == "✗" for c in everything)
    _filter(browser, "outcome", "")
    _filter(browser, "subject", "NAIVE")
    _filter(browser, "format", "float64")
    _filter(browser, "property", "sums to")
    cells = [
        c for c in sample.sample().cells if (c.subject, c.format, c.property) == ("naive", "float64", "sums_to_one")
    ]
    assert len(_shown(browser)) == len(cells) == 1
    assert browser.js("return document.querySelector('#shown').textContent") == f"1 of {len(everything):,} cells"
    browser.js("document.querySelector('#filters button').click()")
    browser.wait("return document.querySelector('#shown').textContent === arguments[0]", f"{len(everything):,} cells")
    assert _shown(browser) == everything


def test_the_number_shown_can_be_the_error(browser: Browser, page: Pages) -> None:
    browser.open(page("sample"))
    _filter(browser, "number", "ratio")
    cell = next(c for c in sample.sample().cells if c.outcome == "fail" and c.worst_ratio == 3.5)
    assert browser.js("return document.getElementById(arguments[0]).textContent", anchors.of_cell(cell)).endswith(
        " 3.5"
    )
    _filter(browser, "number", "checks")
    assert (
        browser.js("return document.getElementById(arguments[0]).textContent", anchors.of_cell(cell))
        == f"○ 9/{numbers.compact(cell.checks)}"  # above the level asked for
    )


def test_a_link_to_a_cell_shows_it_with_its_details(browser: Browser, page: Pages) -> None:
    cell = next(c for c in sample.sample().cells if c.outcome == "vacuous")
    browser.open(page("sample"), fragment="#" + anchors.of_cell(cell))
    browser.wait("return document.querySelector('#detail').innerText")
    detail = browser.js("return document.querySelector('#detail').innerText")
    assert cell.property.replace("_", " ") in detail
    assert "the limit says nothing here" in detail
    browser.wait(
        "const r = document.getElementById(arguments[0]).getBoundingClientRect();"
        "return r.top > 0 && r.bottom < innerHeight",
        anchors.of_cell(cell),
    )


def test_a_link_into_something_folded_unfolds_it(browser: Browser, page: Pages) -> None:
    browser.open(page("sample"), fragment="#claim-2")
    assert browser.js("return document.getElementById('claim-2').closest('details').open")


def test_the_matrix_is_walked_by_arrow_keys_and_opened_by_enter(browser: Browser, page: Pages) -> None:
    browser.open(page("sample"))
    browser.js("document.querySelector('.cells td[tabindex=\"0\"]').focus()")
    browser.keys(RIGHT, RIGHT, DOWN, LEFT)
    place = "const c = document.activeElement; return [c.cellIndex, c.parentElement.rowIndex]"
    assert browser.js(place) == [4, 3]
    browser.keys(ENTER)
    assert browser.js("return !document.querySelector('#detail').hidden")
    assert browser.js("return location.hash === '#' + document.activeElement.id")
    browser.keys(ESCAPE)
    assert browser.js("return document.querySelector('#detail').hidden")
    assert browser.js(place) == [4, 3]
    assert (
        browser.js("return document.querySelectorAll('.cells')[0].querySelectorAll('td[tabindex=\"0\"]').length") == 1
    )


def test_a_click_on_a_cell_shows_its_details_and_keeps_its_address(browser: Browser, page: Pages) -> None:
    browser.open(page("sample"))
    cell = sample.sample().cells[0]
    browser.js("document.getElementById(arguments[0]).click()", anchors.of_cell(cell))
    assert f"{cell.checks:,}" in browser.js("return document.querySelector('#detail').innerText")
    assert browser.js("return location.hash") == "#" + anchors.of_cell(cell)


def test_the_first_stop_of_the_keyboard_skips_to_the_verdict(browser: Browser, page: Pages) -> None:
    browser.open(page("sample"))
    browser.keys(TAB)
    assert browser.js("return document.activeElement.className") == "skip"
    assert browser.js("return document.activeElement.getBoundingClientRect().left") >= 0


# Appearance


def _luminance(browser: Browser, script: str) -> float:
    """Relative luminance (WCAG 2.2) of a colour as the browser computed it."""
    rgb = browser.js(f"return {script}.match(/[\\d.]+/g).slice(0, 3).map(Number)")
    linear = [c / 255 / 12.92 if c / 255 <= 0.04045 else ((c / 255 + 0.055) / 1.055) ** 2.4 for c in rgb]
    return sum(w * c for w, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


@pytest.mark.parametrize("dark", [False, True])
def test_every_outcome_can_be_read_in_both_schemes(browser: Browser, page: Pages, dark: bool) -> None:
    browser.open(page("sample"), dark=dark)
    paper = _luminance(browser, "getComputedStyle(document.body).backgroundColor")
    assert (paper < 0.1) is dark
    for code in "pfbeuv":
        style = f"getComputedStyle(document.querySelector('.legend .o.{code}'))"
        text, ground = _luminance(browser, style + ".color"), _luminance(browser, style + ".backgroundColor")
        contrast = (max(text, ground) + 0.05) / (min(text, ground) + 0.05)
        assert contrast >= 4.5, (code, contrast)  # WCAG 2.2, level AA, for text of any size


def test_the_readers_choice_of_theme_wins_over_the_systems(browser: Browser, page: Pages) -> None:
    browser.open(page("sample"), dark=True)
    assert browser.js("return document.querySelector('#theme').textContent") == "Light"
    browser.js("document.querySelector('#theme').click()")
    assert _luminance(browser, "getComputedStyle(document.body).backgroundColor") > 0.8
    assert browser.js("return document.querySelector('#theme').textContent") == "Dark"
    browser.js("localStorage.clear()")


def test_print_leaves_out_what_only_a_screen_can_use(browser: Browser, page: Pages) -> None:
    browser.open(page("sample"), dark=True)
    browser.cdp("Emulation.setEmulatedMedia", media="print")
    assert _luminance(browser, "getComputedStyle(document.querySelector('.small')).color") < 0.2  # ink, not light text
    display = "return getComputedStyle(document.querySelector(arguments[0])).display"
    assert browser.js(display, ".top") == browser.js(display, "#filters") == "none"
    assert browser.js(display, ".cells") == "table"
    assert browser.js("return getComputedStyle(document.querySelector('.scroll')).overflowX") == "visible"
    browser.cdp("Emulation.setEmulatedMedia", media="")


def test_without_scripts_everything_but_the_pictures_is_there(browser: Browser, page: Pages) -> None:
    browser.cdp("Emulation.setScriptExecutionDisabled", value=True)
    try:
        browser.open(page("sample"))
        text = browser.cdp("Runtime.evaluate", expression="document.body.innerText")["result"]["value"]
    finally:
        browser.cdp("Emulation.setScriptExecutionDisabled", value=False)
    assert "3 of 5 implementations are certified" in text
    assert "softmax(88.75, 0) is NaN" in text
    assert "part of a name" not in text
    assert "Filter" not in text


def test_choosing_an_implementation_draws_its_median_too(browser: Browser, page: Pages) -> None:
    browser.open(page("sample"))
    browser.draw_everything()
    lines = "return document.querySelectorAll('[data-draw=classes] [aria-label=line] path').length"
    everyone = browser.js(lines)
    browser.js(
        "const e = document.querySelector('#choose [name=subject]'); e.value = '1';"
        "e.dispatchEvent(new Event('input', {bubbles: true}))"
    )
    assert everyone == 6  # five implementations and the one limit that they share
    assert browser.js(lines) == 3  # limit, median, worst
    assert browser.js("return document.querySelector('#keys').textContent.includes('numpy_shifted')")


def test_the_reproduction_can_be_copied(browser: Browser, page: Pages) -> None:
    browser.open(page("sample"))
    browser.js("document.querySelector('.finding details.code').open = true; document.querySelector('.copy').click()")
    said = browser.js(
        "return new Promise((done) => setTimeout(() => done(document.querySelector('.copy').textContent), 200))"
    )
    assert said in ("Copied", "Selected")
    if said == "Selected":
        assert browser.js("return getSelection().toString()").strip()
