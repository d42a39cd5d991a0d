"""The battery of options: what is claimed is tried, each value on the logits that provoke something."""

from __future__ import annotations

import json
import zlib

import numpy as np
import pytest
from tests.harness.building import terms

from softcert.cases.battery import BATTERY_VERSION
from softcert.cases.case import Case
from softcert.cases.effort import EFFORTS
from softcert.cases.inputs import build
from softcert.cases.option_arrays import RULES
from softcert.cases.option_battery import VARIANTS, bases, battery, claimed
from softcert.cases.regimes.families import thresholds
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


def options_of(cases):
    return [dict(c.options) for c in cases]


@pytest.mark.parametrize("reduction", ["mean", "none"])
def test_upstream_gradients_are_scalars_of_losses_that_are_one_number(reduction):
    each = reduction == "none"
    for given in options_of(made("cross_entropy_grad", options=("upstream",), reduction=reduction)):
        assert (given["upstream"][1] == "scalar") is not each
        assert "reduction" not in given


def test_products_without_an_upstream_gradient_get_a_random_one():
    for given in options_of(made("softmax_vjp", options=("temperature",))):
        assert given["upstream"] == ("random", "C")


def test_options_stand_in_the_order_of_the_table():
    order = list(operations.OPTIONS)
    for case in made("cross_entropy_grad", "standard", options=tuple(order)):
        names = [name for name, _ in case.options]
        assert names == sorted(names, key=order.index)


def test_each_value_and_each_repetition_has_its_own_seed():
    cases = [c for c in made("cross_entropy", "standard", options=("label_smoothing",)) if c.regime != "explicit"]
    kinds = VARIANTS["label_smoothing"]
    assert {c.seed for c in cases} == {n + 100 * r for n in range(len(kinds)) for r in range(3)}
    written = [c for c in made("cross_entropy", options=("ignore_index",)) if c.rows is not None]
    assert {c.seed for c in written} == {0}


def together(operation, *names):
    return options_of(c for c in made(operation, options=names) if len(c.options) > 1)


def test_what_excludes_one_another_is_not_tried_together():
    found = together("cross_entropy", "mask", "label_smoothing", "targets", "ignore_index")
    for given in found:
        assert not {"targets", "ignore_index"} <= set(given)
        assert given["label_smoothing"] == 0 or given["mask"] == ("all", "C")
    assert {"targets" in given for given in found} == {True, False}
    assert {given["label_smoothing"] for given in found} == {0.1, 0.0}
    sharp = [given for given in found if given["label_smoothing"] == 0 and "targets" in given]
    assert {given["targets"] for given in sharp} == {("one-hot", "C")}


def test_one_option_alone_is_not_together_with_anything():
    assert together("softmax", "temperature") == []
    assert len(together("softmax", "temperature", "mask")) == 2


def test_an_axis_is_tried_together_on_rows_that_fold():
    found = [c for c in made("softmax", options=("temperature", "axis")) if len(c.options) > 1]
    assert [dict(c.options)["axis"] for c in found] == [(0, (4,)), (1, (2, 3))] * 2
    assert [c.rows_count for c in found] == [4, 6, 4, 6]
    assert [c.seed for c in found] == [20, 30, 21, 31]


def test_products_are_tried_on_the_plain_cases_that_fit():
    plain = [
        Case.of("ordinary", 2, 3, "float32"),
        Case.of("ordinary", 2, 3, "float32", state="twice"),
        Case.of("ordinary", 2, 3, "float32", state="alone"),
        Case.of("special", 2, 3, "float32", (("values", ("inf",)),)),
        Case.of("special", 2, 3, "float32", (("values", ("-inf",)),)),
        Case.of("ordinary", 1, 20_000, "float32"),
        Case.of("ordinary", 1, 20_001, "float32"),
    ]

    def kept(operation, effort="standard"):
        return [c.with_(options=()) for c in made(operation, effort, plain=plain)]

    assert kept("softmax_vjp") == [plain[k] for k in (0, 1, 4, 5)]
    assert kept("cross_entropy_hvp") == [plain[k] for k in (0, 1, 5)]
    assert kept("softmax_vjp", "quick") == [plain[k] for k in (0, 4, 5)], "every second small and every eighth large"


def test_products_go_through_rules_and_layouts_in_turns():
    plain = [Case.of("ordinary", 2, 3, "float32", seed=seed) for seed in range(28)]
    found = [given["upstream"] for given in options_of(made("softmax_vjp", "standard", plain=plain))]
    assert len(set(found)) == 28
    assert {layout for _, layout in found} == {"C", "row stride", "Fortran", "column stride"}
    assert {rule for rule, _ in found} == set(RULES["upstream"])
    long = [Case.of("ordinary", 1, 1000 + k, "float32") for k in range(16)]
    quick = made("softmax_vjp", plain=long)
    assert [c.classes for c in quick] == [1000, 1001, 1009], "1000 elements are small"


@pytest.mark.parametrize(("effort", "counts"), [("quick", {3, 1, 17}), ("standard", {3, 1, 2, 17, 64, 128})])
def test_linear_layers_have_few_and_many_features(effort, counts):
    found = [given["features"] for given in options_of(made("linear_cross_entropy", effort))]
    assert {count for count, _ in found} == counts
    assert {layout for count, layout in found if count == 3} == {"C", "row stride", "Fortran"}
    assert {layout for count, layout in found if count != 3} == {"C"}


@pytest.mark.parametrize("format", formats.FORMATS)
def test_logits_of_options_are_built_in_every_format(format):
    fmt = formats.lookup(format)
    made_of = {name: build(case) for name, case in bases(fmt).items()}
    for name, inputs in made_of.items():
        special = not np.isfinite(inputs.exact).all()
        assert special == (name == "lost row" or (name == "holes" and fmt.has_infinity))
    assert made_of["square"].exact.shape == (3, 3)
    assert [len(made_of[name].exact) for name in ("batch", "rows", "six", "nine")] == [65, 1100, 6, 9]
    far = np.ptp(made_of["far"].exact, axis=1).min()
    assert far >= min(-thresholds(fmt)[f"underflow/{format}"], fmt.largest / 8)
    column = made_of["lost column"].exact
    assert np.all(np.argmax(column, axis=1) == 5)
    assert column.max() >= min(200, 20)


# CRC-32 of the cases of every operation with all its options: BATTERY_VERSION stands in every certificate.
DIGESTS = {
    ("softmax", "quick"): (71, 3407279073),
    ("softmax", "standard"): (229, 1926189562),
    ("log_softmax", "quick"): (71, 3407279073),
    ("log_softmax", "standard"): (229, 1926189562),
    ("logsumexp", "quick"): (71, 3407279073),
    ("logsumexp", "standard"): (229, 1926189562),
    ("cross_entropy", "quick"): (162, 3075176474),
    ("cross_entropy", "standard"): (548, 1026207847),
    ("cross_entropy_grad", "quick"): (174, 1966997524),
    ("cross_entropy_grad", "standard"): (596, 199923229),
    ("softmax_vjp", "quick"): (69, 2567254535),
    ("softmax_vjp", "standard"): (213, 2661408585),
    ("log_softmax_vjp", "quick"): (69, 2567254535),
    ("log_softmax_vjp", "standard"): (213, 2661408585),
    ("cross_entropy_hvp", "quick"): (17, 916826630),
    ("cross_entropy_hvp", "standard"): (46, 238673773),
    ("linear_cross_entropy", "quick"): (43, 842805732),
    ("linear_cross_entropy", "standard"): (86, 1108567883),
    ("linear_cross_entropy_grad", "quick"): (43, 842805732),
    ("linear_cross_entropy_grad", "standard"): (86, 1108567883),
}


@pytest.mark.parametrize(
    ("operation", "effort"), [(o, e) for o in operations.OPERATIONS for e in ("quick", "standard")]
)
def test_a_battery_of_one_version_has_the_same_cases_for_ever(operation, effort):
    plain = list(bases(FLOAT32).values())
    cases = made(operation, effort, plain=plain, options=tuple(operations.lookup(operation).options))
    text = json.dumps([c.to_json() for c in cases], sort_keys=True)
    assert BATTERY_VERSION == 3
    assert (len(cases), zlib.crc32(text.encode())) == DIGESTS[operation, effort], "raise BATTERY_VERSION"
