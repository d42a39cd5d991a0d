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
    call = build_call(operation, build(rows_case(rows, labels or [0] * len(rows), options=options)))
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
