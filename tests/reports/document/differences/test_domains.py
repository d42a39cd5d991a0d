"""What a domain can lose from one run to the next."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from softcert_reports import document as d
from softcert_reports.document.differences.domains import narrowed

DOMAIN = d.Domain(
    subject="mine",
    operation="softmax",
    format="float32",
    classes=(1, 64),
    rows=(0, 8),
    regimes={"ordinary": 100, "ties": 3},
    largest_abs_logit=88.0,
    left_out=(d.LeftOut("too many classes", 4),),
)


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"classes": (2, 64)}, "classes"),
        ({"classes": ()}, "classes"),
        ({"rows": (0, 7)}, "rows"),
        ({"largest_abs_logit": 8.0}, "largest logit"),
        ({"largest_abs_logit": None}, "largest logit"),
        ({"regimes": {"ordinary": 103}}, "regimes"),
        ({"regimes": {"ordinary": 10, "ties": 3}}, "cases"),
        ({"left_out": (d.LeftOut("too many classes", 40),)}, "cases left out"),
        ({"not_run": (d.LeftOut("declined", 1),)}, "calls not made"),
    ],
)
def test_less_is_told_and_more_is_not(change: dict[str, Any], what: str) -> None:
    after = replace(DOMAIN, **change)
    assert [name for name, _, _ in narrowed(DOMAIN, after)] == [what]
    assert not [name for name, _, _ in narrowed(after, DOMAIN) if name == what]


def test_what_another_seed_draws_is_not_told() -> None:
    after = replace(DOMAIN, largest_abs_logit=80.0, regimes={"ordinary": 90, "ties": 2})
    assert not list(narrowed(DOMAIN, after))
