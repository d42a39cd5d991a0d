"""The cases of the crossings: every pair that is possible, every count that is named, nothing above the budget."""

from __future__ import annotations

import pytest
from tests.harness.building import terms

from softcert.cases import crossing
from softcert.cases.battery import battery
from softcert.cases.crossing import axes, instances, pairs, sizes, usual
from softcert.cases.effort import EFFORTS
from softcert.cases.inputs import build
from softcert_oracle.numbers import formats

FLOAT32 = formats.lookup("float32")
QUICK = EFFORTS["quick"]


def quick_space(seed=0):
    (space,) = usual.plain_spaces(FLOAT32, QUICK, ("int64",), seed)
    return space


@pytest.mark.parametrize("operation", ["softmax", "cross_entropy"])
@pytest.mark.parametrize("seed", [0, 5])
def test_a_quick_battery_meets_all_pairs_that_are_possible(operation, seed):
    places = [axes.place(c) for c in battery(operation, "float32", QUICK, terms(operation), seed)]
    found = pairs.summary(quick_space(seed), places, operation == "cross_entropy")
    assert found.met == found.possible > 700


def test_a_standard_battery_meets_all_triples_of_the_cheap_axes():
    effort = EFFORTS["standard"]
    places = [axes.place(c) for c in battery("cross_entropy", "float32", effort, terms("cross_entropy"), 0)]
    for space in usual.plain_spaces(FLOAT32, effort, ("int64",), 0):
        found = pairs.summary(space, places)
        assert found.met == found.possible


def test_every_named_class_count_and_every_remainder_is_met_at_quick():
    counts = {c.classes for c in battery("softmax", "float32", QUICK, terms("softmax"), 0)}
    assert {*sizes.NAMED, *sizes.BLOCKS} <= counts
    assert {C % 64 for C in counts if C > 128} == set(range(64))


def test_row_counts_of_every_kind_are_met_at_quick():
    counts = {c.rows_count for c in battery("cross_entropy", "float32", QUICK, terms("cross_entropy"), 0)}
    assert {1, 2, 3, 17, 64, 67, 100, 1025, 8192, 65537} <= counts


def test_no_case_is_worth_more_than_the_budget():
    for case in instances.cases(quick_space(), FLOAT32):
        special = axes.place(case)[axes.SPECIAL]
        assert axes.fits(case.rows_count, case.classes, case.state, special, QUICK.logits)


def test_two_classes_of_sizes_meet_in_a_large_case():
    largest = {}
    for case in instances.corners(quick_space(), FLOAT32):
        place = axes.place(case)
        largest[place[axes.ROWS], place[axes.CLASSES]] = case.size
    assert largest["65 to 1024", "17 to 128"] >= 30_000
    assert largest["more than 1024", "4 to 16"] >= 30_000
    assert largest["65 to 1024", "129 to 1024"] >= 30_000


def test_the_same_seed_gives_the_same_cases_and_another_one_other_class_counts():
    def made(seed):
        return list(crossing.cases(FLOAT32, QUICK, terms("softmax"), seed, ()))

    assert made(7) == made(7)
    assert {c.classes for c in made(7)} != {c.classes for c in made(8)}


@pytest.mark.parametrize("format", ["float64", "bfloat16", "float16", "float8_e5m2", "float8_e4m3fn"])
def test_small_crossings_can_be_built_in_every_format(format):
    fmt = formats.lookup(format)
    for case in crossing.cases(fmt, QUICK, terms("softmax"), 0, ()):
        if case.size <= 2000:
            assert build(case).exact.shape == (case.rows_count, case.classes)


def test_narrow_label_types_meet_only_class_counts_that_they_hold():
    claims = terms("cross_entropy", label_dtypes=("int64", "int8"))
    found = list(crossing.cases(FLOAT32, QUICK, claims, 0, ()))
    assert {c.label_dtype for c in found} == {"int64", "int8"}
    assert max(c.classes for c in found if c.label_dtype == "int8") <= 128


def test_what_is_left_out_for_size_has_its_reason():
    (space,) = usual.plain_spaces(FLOAT32, QUICK, ("int64",), 0)
    left_out = {values: reason for part in pairs.combinations_met(space, ()) for values, reason in part.left_out}
    assert f"{QUICK.logits} logits" in left_out["more than 8192", "more than 1024"]
    assert left_out["more than 1024", "alone"] == "a call for each row"
