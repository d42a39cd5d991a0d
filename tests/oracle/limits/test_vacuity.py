"""A limit that a degenerate output would keep is recognised, and no other is called vacuous."""

from __future__ import annotations

import numpy as np
import pytest

from softcert_oracle import limits
from softcert_oracle.limits import LimitParameters, limit, vacuous
from softcert_oracle.numbers.formats import FORMATS
from softcert_oracle.reference import truth

ROW = np.array([[0.0, 1.0, -2.0, 0.5]])


def judged(operation, level, x, labels=None, **claims):
    p = LimitParameters(**{"format": "float32", "reduction": "none", **claims})
    rows = truth.rows(np.asarray(x).astype(FORMATS[p.format].dtype))
    labels = np.zeros(len(rows.x), int) if labels is None else labels
    found = limit(operation, level, rows, labels, p)
    return vacuous(operation, found, truth.reference(operation, rows, labels, reduction=p.reduction), rows)


@pytest.mark.parametrize("operation", ["softmax", "log_softmax", "logsumexp", "cross_entropy", "cross_entropy_grad"])
@pytest.mark.parametrize("level", limits.LEVELS)
def test_ordinary_rows_of_ordinary_formats_are_worth_judging(operation, level):
    for name in ("float64", "float32", "float16", "bfloat16"):
        assert not judged(operation, level, ROW, format=name).any()


def test_probabilities_computed_with_three_bits_are_not_worth_judging():
    assert judged("softmax", "stable", ROW, format="float8_e5m2", working_precision="float8_e5m2").all()
    assert not judged("softmax", "stable", ROW, format="float8_e5m2").any()


def test_a_common_offset_makes_sound_limits_vacuous_and_leaves_stable_ones():
    x = ROW + 2.0**24
    assert judged("softmax", "sound", x).all()
    assert not judged("softmax", "stable", x).any()
    assert not judged("softmax", "stable", ROW + 2.0**10).any()


def test_a_loss_next_to_zero_is_judged_at_level_accurate_only():
    x = [[20.0, 0.0]]
    assert judged("cross_entropy", "stable", x).all()
    assert not judged("cross_entropy", "accurate", x).any()
    assert judged("cross_entropy", "stable", x, reduction="mean").shape == ()
    assert judged("cross_entropy", "stable", x, reduction="mean")
    assert not judged("cross_entropy", "stable", [[20.0, 0.0], [1.0, 2.0]], reduction="mean")


def test_equal_logits_are_worth_judging_although_uniform_is_right():
    x = np.full((2, 7), 3.0)
    for operation in ("softmax", "log_softmax", "logsumexp", "cross_entropy", "cross_entropy_grad"):
        assert not judged(operation, "stable", x).any()


def test_logits_nearer_to_each_other_than_the_limit_are_not():
    assert judged("softmax", "stable", [[0.0, 2.0**-22, 2.0**-23]]).all()
    assert not judged("softmax", "stable", [[0.0, 2.0**-10, 2.0**-11]]).any()


def test_a_dominant_logit_leaves_log_softmax_its_input_without_being_vacuous():
    assert not judged("log_softmax", "stable", [[0.0, -40.0]]).any()


def test_one_element_out_of_reach_is_enough():
    # the sum of 2^16 terms in half precision: limits above the probabilities themselves
    x = np.zeros((1, 4096))
    x[0, 0] = 6.0
    claims = {"format": "float16", "working_precision": "float16"}
    assert judged("softmax", "stable", x, **claims).all()
    assert not judged("softmax", "stable", x, **claims, summation="pairwise").any()


def test_special_rows_are_left_to_the_policy():
    x = [[np.nan, 0.0], [np.inf, 0.0], [-np.inf, -np.inf], [0.0, -np.inf]]
    for level in limits.LEVELS:
        for operation in ("softmax", "log_softmax"):
            assert not judged(operation, level, x).any()


def test_no_rows_and_no_classes_have_nothing_to_judge():
    assert judged("softmax", "stable", np.zeros((0, 3))).shape == (0,)
    assert not judged("softmax", "stable", np.zeros((2, 0))).any()
