"""Several runs side by side: the page says first whether anything differs."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.reports import sample

from softcert_reports import document as d
from softcert_reports.page.compare import compare

OLD = sample.sample()


def test_the_page_says_any_difference_first() -> None:
    failing = replace(OLD.cells[0], outcome="fail", violations=1)
    assert OLD.cells[0].outcome == "pass"
    same, other = compare([OLD, OLD]), compare([OLD, replace(OLD, cells=(failing, *OLD.cells[1:]))])
    assert "No difference in any verdict, level or outcome." in same
    assert other.index("These runs differ.") < other.index("1 worse") < other.index("<h2>Verdicts</h2>")


@pytest.mark.parametrize(("documents", "names"), [([], None), ([OLD], None), ([OLD, OLD], ["one"])])
def test_a_comparison_of_nothing_is_refused(documents: list[d.Document], names: list[str] | None) -> None:
    with pytest.raises(d.DocumentError):
        compare(documents, names)
