"""Array-valued options by rule: what a rule names is in the values, in the format, in poisoned memory."""

from __future__ import annotations

import numpy as np
import pytest
from tests.harness.building import rows_case

from softcert.cases.case import Case
from softcert.cases.inputs import build, generator
from softcert.cases.option_arrays import RULES, RuleContext, place, values
from softcert.executors.protocol import to_numpy
from softcert_oracle.errors import UsageError
from softcert_oracle.numbers import formats

FLOAT32 = formats.lookup("float32")
INPUTS = build(rows_case([[0.0, 3.0, -np.inf], [1.0, 0.0, 0.5]], [1, 2]))


def made(option, rule, shape=(2, 3)):
    context = RuleContext(
        case=INPUTS.case, x=INPUTS.exact, labels=INPUTS.indices, shape=shape, rng=generator(INPUTS.case, option)
    )
    return values(option, rule, context, FLOAT32)


@pytest.mark.parametrize(("option", "rule"), [(o, r) for o, rules in RULES.items() for r in rules])
def test_each_rule_gives_the_same_values_every_time_in_the_format(option, rule):
    shape = (3,) if option == "weight" else (2, 3)
    first = made(option, rule, shape)
    assert first.shape == shape
    assert np.array_equal(first, made(option, rule, shape), equal_nan=True)
    assert first.dtype == (bool if option == "mask" else np.float32)


def test_rules_do_what_they_say():
    assert made("targets", "one-hot").tolist() == [[0, 1, 0], [0, 0, 1]]
    assert np.allclose(made("targets", "random").sum(axis=1), 1)
    assert not made("targets", "zero row")[0].any()
    assert made("targets", "zero on -inf")[0, 2] == 0
    assert made("mask", "label only").tolist() == [[False, True, False], [False, False, True]]
    assert made("mask", "without the largest")[1].tolist() == [False, True, True]
    assert not made("mask", "nothing in the first row")[0].any()
    assert made("weight", "some zero", (3,))[0] == 0
    assert np.isnan(made("out", "NaN")).all()


def test_values_may_be_written_out():
    assert made("weight", ("hex", ("0x1p-1", "0x1p1")), (3,)).tolist() == [0.5, 2.0, 0.5]


@pytest.mark.parametrize("rule", ["rndom", ("hex", ("one",)), ("hex",)])
def test_another_rule_is_refused(rule):
    with pytest.raises(UsageError, match="weight"):
        made("weight", rule, (3,))


@pytest.mark.parametrize(("layout", "strides"), [("C", (4,)), ("strided", (8,))])
def test_a_vector_lies_in_memory_as_asked_with_poison_around(layout, strides):
    array = place(np.arange(3, dtype=np.float32), layout, INPUTS.case, FLOAT32)
    assert to_numpy(array).tolist() == [0, 1, 2]
    assert array.strides == strides
    assert len(array.data) > 12 + 128


LARGE = build(Case.of("special", 40, 8, "float32", (("values", ("-inf",)), ("at", (3,)))).with_(labels="at 5"))


def of_many(option, rule):
    shape = (4001,) if option == "weight" else LARGE.exact.shape
    context = RuleContext(
        case=LARGE.case, x=LARGE.exact, labels=LARGE.indices, shape=shape, rng=generator(LARGE.case, option)
    )
    return values(option, rule, context, FLOAT32)


ONE_HOT = np.eye(8)[LARGE.indices]
LABELLED = ONE_HOT > 0


def within(v, low, high):
    """Whether values lie in a range, and reach its ends nearly."""
    near = 0.2 * (high - low)
    return bool(np.all((v >= low) & (v <= high)) and v.min() < low + near and v.max() > high - near)


def shares(v):
    return np.allclose(v.sum(axis=1), 1) and np.all(v >= 0) and v.min() < 0.003 and v.max() > 0.5


MEANINGS = {
    ("weight", "random"): lambda v: within(v, 0.25, 4),
    ("weight", "wide"): lambda v: within(np.log2(v), -8, 8),
    ("weight", "some zero"): lambda v: not v[::2].any() and within(v[1::2], 0.25, 4),
    ("weight", "all zero"): lambda v: not v.any(),
    ("weight", "ones"): lambda v: np.all(v == 1),
    ("targets", "random"): lambda v: shares(v) and np.all(v > 0),
    ("targets", "not one"): lambda v: np.all(v > 0) and within(v.sum(axis=1), 0.2, 3) and v.sum(axis=1).mean() > 1.3,
    ("targets", "zero row"): lambda v: not v[0].any() and shares(v[1:]),
    ("targets", "all zero"): lambda v: not v.any(),
    ("targets", "one-hot"): lambda v: np.array_equal(v, ONE_HOT),
    ("targets", "zero on -inf"): lambda v: shares(v) and np.array_equal(v == 0, np.isneginf(LARGE.exact)),
    ("mask", "random"): lambda v: v[LABELLED].all() and 0.5 < v[~LABELLED].mean() < 0.7,
    ("mask", "half"): lambda v: np.array_equal(v, np.broadcast_to(np.arange(8) >= 4, v.shape)),
    ("mask", "label only"): lambda v: np.array_equal(v, LABELLED),
    ("mask", "without the largest"): lambda v: np.array_equal(
        v == 0, (np.arange(8) == np.argmax(LARGE.exact, axis=1)[:, None]) & ~LABELLED
    ),
    ("mask", "without the label"): lambda v: np.array_equal(v, ~LABELLED),
    ("mask", "nothing in the first row"): lambda v: not v[0].any() and v[1:][LABELLED[1:]].all() and not v[1:].all(),
    ("mask", "all"): lambda v: v.all(),
    ("upstream", "random"): lambda v: abs(v.mean()) < 0.2 and abs(v.std() - 1) < 0.2,
    ("upstream", "ones"): lambda v: np.all(v == 1),
    ("upstream", "zero"): lambda v: not v.any(),
    ("upstream", "some zero"): lambda v: 0.4 < (v == 0).mean() < 0.6,
    ("upstream", "negative"): lambda v: within(v, -2, -0.5),
    ("upstream", "large"): lambda v: within(np.abs(v), 100, 1000) and 0.4 < (v > 0).mean() < 0.6,
    ("upstream", "uniform"): lambda v: np.all(v == 0.75),
    ("out", "NaN"): lambda v: np.isnan(v).all(),
}


def test_every_rule_has_a_meaning():
    assert {(option, rule) for option, rules in RULES.items() for rule in rules} == set(MEANINGS)


@pytest.mark.parametrize(("option", "rule"), MEANINGS)
def test_values_mean_what_the_rule_is_called(option, rule):
    assert MEANINGS[option, rule](of_many(option, rule).astype(np.float64))


@pytest.mark.parametrize(("classes", "kept"), [(3, [False, True, True]), (4, [False, False, True, True])])
def test_half_a_mask_keeps_the_upper_half_and_the_label(classes, kept):
    def half(label):
        inputs = build(Case.of("ordinary", 1, classes, "float32", label_values=(label,)))
        context = RuleContext(
            case=inputs.case, x=inputs.exact, labels=inputs.indices, shape=(1, classes), rng=generator(inputs.case)
        )
        return values("mask", "half", context, FLOAT32)[0].tolist()

    assert half(classes - 1) == kept
    assert half(0) == [True, *kept[1:]]


def test_the_largest_is_kept_where_it_is_the_label():
    inputs = build(rows_case([[np.nan, 1.0, 5.0]], [2]))
    context = RuleContext(
        case=inputs.case, x=inputs.exact, labels=inputs.indices, shape=(1, 3), rng=generator(inputs.case)
    )
    assert values("mask", "without the largest", context, FLOAT32).all()


def test_a_row_of_nothing_but_minus_infinity_has_no_shares():
    inputs = build(rows_case([[-np.inf, -np.inf]], [0]))
    context = RuleContext(
        case=inputs.case, x=inputs.exact, labels=inputs.indices, shape=(1, 2), rng=generator(inputs.case)
    )
    assert values("targets", "zero on -inf", context, FLOAT32).tolist() == [[0, 0]]


@pytest.mark.parametrize(
    ("values_", "layout", "strides", "format"),
    [
        (np.zeros((2, 3), np.float32), "Fortran", (4, 8), "float32"),
        (np.zeros((2, 3), bool), "row stride", (8, 1), "bool"),
        (np.zeros(3, bool), "C", (1,), "bool"),
        (np.zeros((2, 2, 3), np.float32), "C", (24, 12, 4), "float32"),
        (np.zeros((), np.float32), "C", (), "float32"),
    ],
)
def test_an_array_of_any_shape_is_placed(values_, layout, strides, format):
    array = place(values_, layout, INPUTS.case, FLOAT32)
    assert (array.strides, array.format, array.shape) == (strides, format, values_.shape)


def test_an_offset_vector_begins_off_every_alignment():
    plain, offset = (place(np.zeros(3, np.float32), layout, INPUTS.case, FLOAT32) for layout in ("C", "offset"))
    assert (offset.offset - plain.offset, offset.strides) == (12, (4,))
