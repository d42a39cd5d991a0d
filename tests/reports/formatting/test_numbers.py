"""Numbers as a reader wants them."""

from __future__ import annotations

import math

import pytest

from softcert_reports.formatting import numbers


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (1.0, "1"),
        (0.5, "0.5"),
        (3.14159, "3.14"),
        (1234.5, "1,230"),
        (99999.0, "100,000"),
        (0.000123, "0.000123"),
        (1.5e-9, "1.5 × 10⁻⁹"),
        (-2.5e12, "−2.5 × 10¹²"),
        (-0.25, "−0.25"),
        (math.nan, "NaN"),
        (math.inf, "∞"),
        (-math.inf, "−∞"),
        (None, "–"),
        (100.0, "100"),
        (5e-324, "4.94 × 10⁻³²⁴"),
        (999999.0, "1 × 10⁶"),
    ],
)
def test_numbers_are_written_for_readers(value: float | None, text: str) -> None:
    assert numbers.significant(value) == text


@pytest.mark.parametrize(
    ("part", "whole", "text"),
    [
        (0, 0, "–"),
        (0, 9, "0 %"),
        (9, 9, "100 %"),
        (1, 10**6, "< 0.1 %"),
        (10**6 - 1, 10**6, "> 99.9 %"),
        (1, 8, "12.5 %"),
    ],
)
def test_a_share_says_all_only_of_all_and_none_only_of_none(part: int, whole: int, text: str) -> None:
    assert numbers.share(part, whole) == text


def test_words_join_as_a_person_would() -> None:
    assert [numbers.listed(x) for x in ([], ["a"], ["a", "b"], ["a", "b", "c"])] == ["", "a", "a and b", "a, b and c"]
    assert numbers.several(1, "entry", "entries") == "1 entry"
    assert numbers.several(2000, "check") == "2,000 checks"
    assert numbers.span([65537, 1, 7]) == "1 to 65,537"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (9999, "9999"),
        (10_000, "10.0k"),
        (99_999, "99.9k"),
        (737_881, "737k"),
        (999_999, "999k"),
        (1_000_000, "1.0M"),
        (28_494_966, "28.4M"),
        (999_999_999, "999M"),
        (5 * 10**9, "5.0G"),
    ],
)
def test_a_compact_count_is_never_rounded_up(value: int, text: str) -> None:
    assert numbers.compact(value) == text
    assert len(text) <= 5


@pytest.mark.parametrize(("value", "text"), [(None, "-"), (4.2e-9, "4.2e-09"), (math.inf, "inf"), (1234.5, "1.23e+03")])
def test_numbers_of_a_log_are_ascii(value: float | None, text: str) -> None:
    assert numbers.plain(value) == text


@pytest.mark.parametrize(
    ("value", "shown"),
    [(2.0, 2), (0.123456, 0.1235), (1e300, 1e300), (math.nan, "NaN"), (math.inf, "inf"), (-math.inf, "-inf")],
)
def test_numbers_of_the_pages_script_are_json(value: float, shown: float | str) -> None:
    short = numbers.short_number(value)
    assert (short, type(short)) == (shown, type(shown))


def test_one_size_is_no_span() -> None:
    assert (numbers.span([]), numbers.span([7, 7]), numbers.count(65537)) == ("none", "7", "65,537")
