"""Text from elsewhere: cut, sifted, and unable to end what it stands in."""

from __future__ import annotations

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
