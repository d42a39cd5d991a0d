"""What a contract leaves, in one line: the smallest share and the widest limit first."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from tests.reports import sample

from softcert_reports.document import ContractEffect, Document, Held, Level
from softcert_reports.exports.badge import badge
from softcert_reports.exports.certificate import certificate, test_result
from softcert_reports.exports.github import job_summary
from softcert_reports.exports.junit import junit
from softcert_reports.exports.text import summary
from softcert_reports.formatting.contracts import contract_line
from softcert_reports.page.render import render


def effect(operation: str = "softmax", format: str = "float32", admitted: int = 100, **more: Any) -> ContractEffect:
    return ContractEffect(operation=operation, format=format, admitted=admitted, cases=100, **more)


def run(*effects: ContractEffect, units: tuple[tuple[str, str], ...] = (("softmax", "float32"),)) -> Document:
    document = sample.sample()
    levels: dict[str, dict[str, Held]] = {}
    for operation, format in units:
        levels.setdefault(operation, {})[format] = Held(level=Level.STABLE)
    subject = replace(
        document.subjects[1],
        contract_effects=effects,
        levels=levels,
        formats=tuple(dict.fromkeys(f for _, f in units)),
        operations=tuple(levels),
    )
    return replace(document, subjects=(subject,), exit_code=0)


TWO = (("softmax", "float32"), ("softmax", "float64"))


@pytest.mark.parametrize(
    ("document", "line"),
    [
        (run(), ""),
        (run(effect(admitted=31)), "contract: 31 % of the default domain"),
        (
            run(effect(admitted=31, limit_factors={"stable": 2.4, "sound": 9.0})),
            "contract: 31 % of the default domain; softmax limit 2.4 times wider",
        ),
        (run(effect(limit_factors={"stable": 1.01, "accurate": 7.0})), ""),
        (
            run(effect(limit_factors={"stable": float("inf")})),
            "contract: softmax limit more than a million times wider",
        ),
        (
            run(effect(admitted=60), effect(format="float64", admitted=5), units=TWO),
            "contract: softmax in float64 5 %, softmax in float32 60 % of the default domain",
        ),
        (run(effect(admitted=5), units=TWO), "contract: softmax in float32 5 % of the default domain"),
        (
            run(effect(admitted=1, unrefuted=("zeros",))),
            "contract: 1 % of the default domain; nothing is proven of softmax",
        ),
    ],
)
def test_the_smallest_share_and_the_widest_limit_at_the_asked_level_come_first(document: Document, line: str) -> None:
    """Nothing is said where the contract leaves everything at the asked level."""
    assert contract_line(document.subjects[0], document) == line


def test_many_units_are_counted_and_not_listed() -> None:
    """Three units are named, the others are a number."""
    names = ("softmax", "log_softmax", "logsumexp", "cross_entropy", "cross_entropy_grad")
    effects = [effect(name, admitted=10 + i, limit_factors={"stable": 2.0 + i}) for i, name in enumerate(names)]
    document = run(*effects, units=tuple((name, "float32") for name in names))
    assert contract_line(document.subjects[0], document) == (
        "contract: softmax 10 %, log_softmax 11 %, logsumexp 12 % and 2 more of the default domain; "
        "cross_entropy_grad limit 6 times wider; cross_entropy limit 5 times wider; logsumexp limit 4 times wider; "
        "and 2 more limits wider"
    )


@pytest.mark.parametrize("export", [badge, certificate, test_result, job_summary, junit, summary, render])
def test_it_stands_wherever_the_verdict_stands(export: Any) -> None:
    """Terminal, job summary, badge, JUnit, both certificates and the page say what the contract leaves."""
    said = export(run(effect(admitted=31, limit_factors={"stable": 2.4})))
    assert "contract: 31 % of the default domain; softmax limit 2.4 times wider" in said.replace("&#59;", ";")
    assert "% of the default domain" not in export(run())
