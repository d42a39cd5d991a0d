"""Array-valued options by rule: what a rule names is in the values, in the format, in poisoned memory."""

from __future__ import annotations

import numpy as np
import pytest
from tests.harness.building import rows_case

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
