"""Text from elsewhere: cut, sifted, and unable to end what it stands in."""

from __future__ import annotations

import re

import pytest

from softcert_reports.formatting import sanitise


def test_long_text_is_cut_in_its_middle_and_short_text_is_left() -> None:
    assert sanitise.short("x" * 48) == "x" * 48
    cut = sanitise.short("a" * 5000 + "z" * 5000)
    assert len(cut) <= 48
    assert cut.startswith("aaa")
    assert cut.endswith("zzz")


@pytest.mark.parametrize(
    "markup",
    [
        "<math><script>alert(1)</script></math>",
        "<math><mi onclick='x'>a</mi><foreignObject/></math>",
        "<svg><math/></svg>",
        "<!DOCTYPE m [<!ENTITY a 'b'>]><math><mi>&a;</mi></math>",
        "<math><mi>unclosed</math>",
        "not markup",
        "",
        None,
        7,
    ],
)
def test_markup_that_is_not_presentation_mathml_is_dropped(markup: object) -> None:
    assert sanitise.mathml(markup) == ""


def test_mathml_keeps_its_elements_and_loses_foreign_attributes() -> None:
    markup = '<math xmlns="http://www.w3.org/1998/Math/MathML" display="block" onclick="x()"><mi href="//e" mathvariant="bold">a&lt;b</mi></math>'  # noqa: E501
    assert sanitise.mathml(markup) == '<math displaystyle="true"><mi mathvariant="bold">a&lt;b</mi></math>'


def test_json_in_a_script_cannot_end_it() -> None:
    text = sanitise.script_json({"</script>": "<!--\u2028&"})
    assert not set("<>&\u2028") & set(text)


def test_what_no_page_may_hold_is_shown_by_its_number() -> None:
    assert sanitise.visible("a\x00b\u2028c\ud800") == "a⟨U+0000⟩b⟨U+2028⟩c⟨U+D800⟩"
    assert sanitise.visible("tab\tline\n\u202e") == "tab\tline\n\u202e"


def test_code_shows_marks_of_direction_too() -> None:
    assert sanitise.directed("\u202eab\u2066") == "⟨U+202E⟩ab⟨U+2066⟩"


def test_a_line_of_a_log_is_one_line() -> None:
    assert sanitise.one_line(" a\n b\t\x07c ") == "a b ⟨U+0007⟩c"


def test_a_slug_is_the_same_in_every_run_and_keeps_its_parts_apart() -> None:
    assert sanitise.slug("naive", "softmax", "float32", "finite") == "834d83f4eb"
    assert sanitise.slug("ab", "c") != sanitise.slug("a", "bc")
    assert len(sanitise.slug("\ud800")) == 10


@pytest.mark.parametrize("line", ["::error::x", "  ::stop-commands::t", "\u00a0::warning::x", "##[error]x", "## x"])
def test_a_line_of_a_log_is_never_a_command(line: str) -> None:
    """CI systems read commands off the log: a subject's text gives none, on whichever line it stands."""
    for text in (line, f"first\n{line}", f"first\r{line}", f"first\x85{line}", f"first\u2028{line}"):
        for shown in sanitise.log_safe(text).splitlines():
            assert not re.match(r"\s*(::|##)", shown), shown


@pytest.mark.parametrize("command", ["##vso[task.complete]", "##teamcity[x]", "##[group]x", "##VSO[x]"])
def test_commands_that_are_read_in_the_middle_of_a_line_are_none(command: str) -> None:
    """Azure looks for ``##vso[`` anywhere in a line."""
    assert not re.search(r"##\w*\[", sanitise.log_safe(f"a {command}"))


def test_text_of_several_lines_keeps_them_and_shows_what_is_hidden() -> None:
    """Newlines and tabs stay; escape sequences, C1 controls and marks of direction are shown."""
    assert sanitise.log_safe("a\n\tb: c::d # e") == "a\n\tb: c::d # e"
    assert sanitise.log_safe("\x1b[2J\x9b1m\u202e\r\ud800") == "⟨U+001B⟩[2J⟨U+009B⟩1m⟨U+202E⟩⟨U+000D⟩⟨U+D800⟩"
    assert sanitise.log_safe(sanitise.log_safe("::a")) == sanitise.log_safe("::a")


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp437", "no-such-encoding"])
def test_text_can_be_encoded_whatever_the_terminal_lacks(encoding: str) -> None:
    """What an encoding lacks becomes a plain character or a question mark; what it has stays."""
    shown = sanitise.encodable("“stable” … ✓ 名 \ud800", encoding)
    shown.encode("ascii" if encoding.startswith("no") else encoding)
    assert "stable" in shown
    assert sanitise.encodable("“ü”", "utf-8") == "“ü”"
