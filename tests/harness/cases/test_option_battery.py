"""The battery of options: what is claimed is tried, each value on the logits that provoke something."""

from __future__ import annotations

import pytest
from tests.harness.building import terms

from softcert.cases.effort import EFFORTS
from softcert.cases.option_battery import VARIANTS, bases, battery, claimed
from softcert_oracle import operations
from softcert_oracle.numbers import formats

FLOAT32 = formats.lookup("float32")


def made(operation, effort="quick", plain=(), **claims):
    return list(battery(operation, FLOAT32, EFFORTS[effort], terms(operation, **claims), plain))


def test_only_claimed_options_of_the_operation_are_tried():
    contract = terms("softmax", options=("temperature", "weight"))
    assert claimed("softmax", contract) == ("temperature",)
    cases = made("softmax", options=("temperature", "weight"))
    assert {name for c in cases for name, _ in c.options} == {"temperature"}
    assert made("softmax") == []


def test_a_thin_effort_tries_three_kinds_of_logits_a_value():
    quick = made("cross_entropy", options=("label_smoothing",))
    standard = made("cross_entropy", "standard", options=("label_smoothing",))
    assert len(quick) == sum(min(3, len(kinds)) for _, kinds in VARIANTS["label_smoothing"])
    assert len(standard) == 3 * sum(len(kinds) for _, kinds in VARIANTS["label_smoothing"])


def test_all_claimed_options_are_tried_together():
    names = ("weight", "label_smoothing", "temperature")
    together = [c for c in made("cross_entropy", options=names) if len(c.options) == 3]
    assert together


def test_an_upstream_gradient_by_row_comes_with_losses_that_are_not_reduced():
    cases = made("cross_entropy_grad", options=("upstream", "reduction"))
    with_upstream = [dict(c.options) for c in cases if "upstream" in dict(c.options)]
    assert any(o.get("reduction") == "none" for o in with_upstream)
    scalar = made("cross_entropy_grad", options=("upstream",))
    assert {dict(c.options)["upstream"][1] for c in scalar} == {"scalar"}


def test_linear_layers_have_features_and_products_the_plain_cases():
    assert {name for c in made("linear_cross_entropy") for name, _ in c.options} == {"features"}
    plain = list(bases(FLOAT32).values())
    cases = made("softmax_vjp", "standard", plain=plain)
    assert {name for c in cases for name, _ in c.options} == {"upstream"}
    assert len({dict(c.options)["upstream"] for c in cases}) > 4


@pytest.mark.parametrize("option", operations.OPTIONS)
def test_every_variant_stands_on_logits_that_exist(option):
    known = bases(FLOAT32)
    for _, kinds in VARIANTS[option]:
        assert set(kinds) <= set(known)
