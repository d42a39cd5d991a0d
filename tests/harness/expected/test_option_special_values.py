"""What a contract accepts on special values where options decide: ignored rows, soft targets, lost factors."""

from __future__ import annotations

import numpy as np
import pytest
from tests.harness.building import rows_case, terms

from softcert.cases.call import build_call
from softcert.cases.inputs import build
from softcert.expected.option_reference import OptionReference

INF, NAN = np.inf, np.nan


def acceptance(operation, rows, options, got, labels=None, **claims):
    call = build_call(operation, build(rows_case(rows, [0] * len(rows) if labels is None else labels, options=options)))
    contract = terms(operation, **claims)
    reference = OptionReference(call, contract)
    output = np.asarray(got, dtype=float)
    accepted = reference.acceptance(output, contract)
    return accepted, bool(np.all(~accepted.applies | accepted.holds(output)))


@pytest.mark.parametrize(
    ("policy", "nan", "zero"), [(None, True, False), ("limit", False, True), ("limit or nan", True, True)]
)
def test_a_mean_over_no_row_is_nan_unless_the_contract_names_its_limit(policy, nan, zero):
    claims = {} if policy is None else {"special_values": {"all rows ignored": policy}}
    for got, ok in ((NAN, nan), (0.0, zero)):
        accepted, holds = acceptance("cross_entropy", [[0.0, 1.0]], (("ignore_index", (-1, "all")),), got, **claims)
        assert holds is ok
        assert accepted.row_names == ("all rows ignored",)


@pytest.mark.parametrize(("policy", "ok"), [("limit", False), ("limit or nan", True)])
def test_a_soft_target_of_zero_on_minus_infinity(policy, ok):
    options = (("targets", ("zero on -inf", "C")),)
    rows = [[0.0, -INF, 1.0]]
    claims = {"special_values": {"soft target 0 on -inf": policy}}
    assert acceptance("cross_entropy", rows, options, NAN, **claims)[1] is (
        ok or not acceptance("cross_entropy", rows, options, NAN, **claims)[0].applies.any()
    )
    accepted, _ = acceptance("cross_entropy", rows, options, NAN, **claims)
    assert bool(accepted.applies.any()) is ok


def test_a_masked_class_is_exactly_minus_infinity():
    options = (("mask", ("without the largest", "C")),)
    accepted, holds = acceptance("log_softmax", [[0.0, 5.0, 1.0]], options, [[-1.3, -INF, -0.3]], [0])
    assert accepted.applies.tolist() == [[False, True, False]]
    assert holds
    assert not acceptance("log_softmax", [[0.0, 5.0, 1.0]], options, [[-1.3, -1e30, -0.3]], [0])[1]


def test_a_gradient_may_be_zero_or_nan_where_its_factor_is_no_number():
    options = (("upstream", ("zero", "C")),)
    rows = [[NAN, 0.0], [1.0, 2.0]]
    for got in ([[NAN, NAN], [0, 0]], [[0, 0], [0, 0]]):
        assert acceptance("softmax_vjp", rows, options, got)[1]
    assert not acceptance("softmax_vjp", rows, options, [[1, 1], [0, 0]])[1]


@pytest.mark.parametrize("ignored", ["all", "none"])
def test_a_sum_over_no_row_is_zero_and_nothing_special(ignored):
    options = (("ignore_index", (-1, ignored)), ("reduction", "sum"))
    accepted, _ = acceptance("cross_entropy", [[0.0, 1.0]], options, NAN)
    assert not accepted.applies.any()
    assert accepted.row_names == (("all rows ignored",) if ignored == "all" else ("",))


def test_a_mean_over_no_row_is_nothing_between_its_limits():
    options = (("ignore_index", (-1, "all")),)
    for policy in ("limit", "limit or nan", "nan"):
        claims = {"special_values": {"all rows ignored": policy}}
        assert not acceptance("cross_entropy", [[0.0, 1.0]], options, 0.5, **claims)[1]


@pytest.mark.parametrize(("weight", "special"), [("all zero", True), ("ones", False)])
def test_a_mean_by_weights_that_are_all_zero_is_a_mean_over_no_row(weight, special):
    options = (("weight", (weight, "C")), ("ignore_index", (-1, "first")))
    accepted, _ = acceptance("cross_entropy", [[0.0, 1.0], [1.0, 0.0]], options, NAN)
    assert bool(accepted.applies) is special
    assert accepted.row_names == (("all rows ignored" if special else ""),)


@pytest.mark.parametrize(("got", "ok"), [([[0, 0]], True), ([[NAN, NAN]], True), ([[1, -1]], False)])
def test_the_gradient_of_a_mean_over_no_row_is_zero_or_nan(got, ok):
    accepted, holds = acceptance("cross_entropy_grad", [[0.0, 1.0]], (("ignore_index", (-1, "all")),), got)
    assert accepted.applies.all()
    assert holds is ok


def test_the_gradient_of_a_row_that_counts_is_an_ordinary_number():
    options = (("ignore_index", (-1, "first")),)
    accepted, _ = acceptance("cross_entropy_grad", [[0.0, 1.0], [NAN, 0.0]], options, [[0, 0], [NAN, NAN]])
    assert accepted.applies.tolist() == [[False, False], [True, True]]
    assert accepted.row_names == ("", "any NaN")


def test_rows_are_named_by_the_table_in_the_shape_of_the_result():
    rows = [[1.0, 2.0], [INF, 0.0], [INF, INF], [-INF, -INF], [NAN, 0.0]]
    names = ("", "one +inf", "several +inf", "all -inf", "any NaN")
    warm = (("temperature", 2.0),)
    assert acceptance("softmax", rows, warm, np.zeros((5, 2)))[0].row_names == names
    assert acceptance("logsumexp", rows, warm, np.zeros(5))[0].row_names == names
    assert acceptance("cross_entropy", rows, warm, 0.0)[0].row_names == ("one +inf",)
    assert acceptance("cross_entropy", rows[:1], warm, 0.0)[0].row_names == ("",)
    first_axis = (*warm, ("axis", (0, (5,))))
    assert acceptance("softmax", rows, first_axis, np.zeros((2, 5)))[0].row_names == ("one +inf", "one +inf")
    assert acceptance("softmax", np.zeros((0, 2)), warm, np.zeros((0, 2)))[0].row_names == ()


SOFT = {"special_values": {"soft target 0 on -inf": "limit or nan"}}


@pytest.mark.parametrize(
    ("got", "applies"), [([NAN, NAN], [True, False]), ([0.5, 0.5], [False, False]), ([NAN, 0.5], [True, False])]
)
def test_a_nan_is_accepted_only_in_rows_with_a_target_of_zero_on_minus_infinity(got, applies):
    rows = [[0.0, -INF, 1.0], [0.0, 2.0, 1.0]]
    options = (("targets", ("zero on -inf", "C")), ("reduction", "none"))
    accepted, _ = acceptance("cross_entropy", rows, options, got, **SOFT)
    assert accepted.applies.tolist() == applies
    assert accepted.row_names == ("soft target 0 on -inf", "")
    assert np.array_equal(np.isnan(accepted.accepted[1]), applies)


@pytest.mark.parametrize("claims", [{}, {"special_values": {"soft target 0 on -inf": "limit"}}])
def test_without_a_policy_a_target_of_zero_on_minus_infinity_adds_nothing(claims):
    options = (("targets", ("zero on -inf", "C")),)
    accepted, _ = acceptance("cross_entropy", [[0.0, -INF, 1.0]], options, NAN, **claims)
    assert not accepted.applies.any()
    assert accepted.row_names == ("",)


def test_a_smoothed_target_is_never_zero():
    options = (("targets", ("zero on -inf", "C")), ("label_smoothing", 0.1))
    accepted, _ = acceptance("cross_entropy", [[0.0, -INF, 1.0]], options, NAN, **SOFT)
    assert "soft target 0 on -inf" not in accepted.row_names
    assert np.all(np.isinf(accepted.accepted))


def test_a_linear_layer_is_held_to_its_exact_numbers():
    options = (("features", (2, "C")),)
    accepted, _ = acceptance("linear_cross_entropy", [[0.0, 1.0]], options, 0.0)
    assert (accepted.applies.tolist(), accepted.row_names) == (False, ("",))
    got = np.zeros(2 + 4 + 2)
    accepted, _ = acceptance("linear_cross_entropy_grad", [[0.0, 1.0]], options, got)
    assert accepted.applies.shape == accepted.accepted[0].shape == accepted.accepted[1].shape == (8,)
    assert not accepted.applies.any()
