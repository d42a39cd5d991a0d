"""One picture for each distinct hull, and whose it is."""

from __future__ import annotations

from dataclasses import replace

from tests.reports import sample

from softcert_reports.document import Corner, Document, Domain
from softcert_reports.page.hulls import SHOWN, hulls


def _of(*domains: tuple[str, str, int]) -> Document:
    made = (
        Domain(
            subject=subject,
            operation=operation,
            format="float32",
            hull=(Corner(rows=1, classes=classes), Corner(rows=9, classes=2)),
        )
        for subject, operation, classes in domains
    )
    return replace(sample.sample(), domains=tuple(made))


def test_units_of_one_hull_share_a_picture() -> None:
    found = hulls(_of(("a", "softmax", 7), ("a", "logsumexp", 7), ("b", "softmax", 7), ("b", "logsumexp", 8)))
    assert [h.corners for h in found] == [((1, 7), (9, 2)), ((1, 8), (9, 2))]
    assert [h.text for h in found] == [
        "2 implementations: softmax and logsumexp in float32",
        "logsumexp in float32",
    ]


def test_one_hull_of_all_says_so_and_a_single_size_has_no_picture() -> None:
    assert [h.text for h in hulls(_of(("a", "softmax", 7), ("b", "softmax", 7)))] == ["every operation and format"]
    point = Domain(subject="a", operation="softmax", format="float32", hull=(Corner(rows=1, classes=1),))
    assert hulls(replace(sample.sample(), domains=(point,))) == []


def test_only_so_many_are_drawn() -> None:
    assert len(hulls(_of(*(("a", "softmax", n) for n in range(2, SHOWN + 9))))) == SHOWN
