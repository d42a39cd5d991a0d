"""What is accepted on rows with infinities and NaN, by the table and by the contract's policy."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.harness import subjects

from softcert import Implementation, certify
from softcert.cases.call import build_call
from softcert.cases.case import Case
from softcert.cases.inputs import build, explicit
from softcert.expected.reference import ReferenceCache
from softcert.expected.special_values import Acceptance, Slack, of_a_mean
from softcert.properties import accuracy
from softcert.properties.judged_call import JudgedCall
from softcert_implementations.contract import Contract
from softcert_oracle.numbers import formats

INF, NAN = np.inf, np.nan


def holds(operation, row, got, label=0, policy="limit or nan", rows=None, reduction="mean"):
    """Whether an output is accepted on one row (or on ``rows``)."""
    terms = Contract({"special_values": policy, "reduction": reduction}).terms(operation, "float32")
    x = np.array(rows if rows is not None else [row], dtype=float)
    inputs = build(explicit(Case.of("special", *x.shape, "float32"), x, np.full(len(x), label)))
    call = build_call(operation, inputs)
    expected = ReferenceCache().of(call, terms)
    output = np.array(got, dtype=float).reshape(expected.exact.shape)
    return not any(c.failed for c in accuracy.check(JudgedCall(call=call, terms=terms, got=output, expected=expected)))


@pytest.mark.parametrize(
    ("operation", "row", "got", "ok"),
    [
        ("softmax", [INF, 0, 1], [1, 0, 0], True),
        ("softmax", [INF, 0, 1], [NAN, NAN, NAN], True),
        ("softmax", [INF, 0, 1], [0.5, 0.5, 0], False),
        ("softmax", [INF, INF, 1], [NAN, NAN, 0], True),
        ("softmax", [INF, INF, 1], [0.5, 0.5, 0], False),
        ("softmax", [-INF, 0, 0], [0, 0.5, 0.5], True),
        ("softmax", [-INF, 0, 0], [1e-30, 0.5, 0.5], False),
        ("softmax", [-INF, 0, 0], [NAN, 0.5, 0.5], False),
        ("softmax", [-INF, -INF], [NAN, NAN], True),
        ("softmax", [-INF, -INF], [0.5, 0.5], False),
        ("softmax", [-INF, -INF], [0, 0], False),
        ("softmax", [NAN, 0], [NAN, NAN], True),
        ("softmax", [NAN, 0], [NAN, 1], False),
        ("softmax", [3], [1], True),
        ("softmax", [3], [0.999], False),
        ("log_softmax", [INF, 0], [0, -INF], True),
        ("log_softmax", [INF, 0], [NAN, -INF], True),
        ("log_softmax", [-INF, 2], [-INF, 0], True),
        ("log_softmax", [-INF, 2], [-1e30, 0], False),
        ("logsumexp", [INF, 0], [INF], True),
        ("logsumexp", [INF, 0], [NAN], False),
        ("logsumexp", [INF, INF], [INF], True),
        ("logsumexp", [-INF, -INF], [-INF], True),
        ("logsumexp", [-INF, -INF], [NAN], False),
        ("logsumexp", [NAN, 0], [NAN], True),
        ("logsumexp", [NAN, 0], [0], False),
        ("cross_entropy", [INF, 0], 0, True),
        ("cross_entropy", [INF, 0], NAN, True),
        ("cross_entropy", [INF, 0], INF, False),
        ("cross_entropy", [0, INF], INF, True),
        ("cross_entropy", [0, INF], 0, False),
        ("cross_entropy", [-INF, 0], INF, True),
        ("cross_entropy", [-INF, 0], 100, False),
        ("cross_entropy", [-INF, -INF], NAN, True),
        ("cross_entropy", [-INF, -INF], INF, False),
        ("cross_entropy_grad", [-INF, 0], [-1, 1], True),
        ("cross_entropy_grad", [-INF, 0], [NAN, 1], False),
        ("cross_entropy_grad", [0, -INF], [0, 0], True),
        ("cross_entropy_grad", [0, -INF, 0], [-0.5, 0, 0.5], True),
    ],
)
def test_the_table(operation, row, got, ok):
    assert holds(operation, row, got) is ok


@pytest.mark.parametrize(("policy", "limit", "nan"), [("limit", True, False), ("nan", False, True)])
def test_a_contract_can_name_the_policy(policy, limit, nan):
    assert holds("softmax", [INF, 0], [1, 0], policy=policy) is limit
    assert holds("softmax", [INF, 0], [NAN, NAN], policy=policy) is nan
    assert holds("cross_entropy", [0, INF], INF, policy=policy) is limit
    assert holds("cross_entropy", [0, INF], NAN, policy=policy) is nan


def test_a_policy_can_be_named_for_one_row_of_the_table():
    assert not holds("softmax", [INF, 0], [NAN, NAN], policy={"one +inf": "limit"})
    assert holds("softmax", [INF, INF], [NAN, NAN], policy={"one +inf": "limit"})


def test_one_special_row_makes_a_mean_special():
    rows = [[0.0, 0.0], [-INF, 0.0]]
    assert holds("cross_entropy", None, INF, rows=rows)
    assert not holds("cross_entropy", None, np.log(2) / 2, rows=rows)
    assert not holds("cross_entropy", None, NAN, rows=rows)


def test_the_largest_finite_numbers_may_overflow_where_the_truth_does():
    top = float(np.finfo(np.float32).max)
    assert holds("log_softmax", [top, -top], [0, -INF])
    assert holds("softmax", [top, -top], [1, 0])
    assert not holds("log_softmax", [top / 4, -top / 4], [0, -INF])


def test_an_implementation_that_guards_nothing_is_told_by_its_rows():
    def unguarded(x):
        top = x.max(axis=-1)
        return top + np.log(np.exp(x - top[:, None]).sum(axis=-1))

    found = certify(
        Implementation("mine", {"logsumexp": unguarded}, ("float32",)), effort="quick", isolation="none"
    ).findings
    causes = {f.cause for f in found if f.property == "special_values"}
    assert "all -inf: nan" in causes
    assert "one +inf: nan" in causes
    assert subjects.logsumexp(np.array([[-INF, -INF]])) == -INF


@pytest.mark.parametrize(
    ("third", "ok"),
    [
        (float(np.float32(1) / np.float32(3)), True),
        (float(np.nextafter(np.float32(1) / np.float32(3), np.float32(1))), True),  # 1/3 is rounded, then multiplied
        (0.3334, False),
        (1.0, False),
        (0.0, False),
    ],
)
def test_a_gradient_of_a_mean_may_round_the_number_of_rows(third, ok):
    # One row of three holds +inf and its label lies elsewhere: the limit is -1/3 and 1/3, which no format holds.
    half = float(np.float32(0.5) / np.float32(3))
    got = [[-half, half], [-third, third], [-half, half]]
    assert holds("cross_entropy_grad", None, got, rows=[[0, 0], [0, INF], [0, 0]]) is ok


def accepted(operation, rows, label=0, **claims):
    """What is accepted on some rows."""
    terms = Contract(claims).terms(operation, "float32")
    x = np.array(rows, dtype=float)
    call = build_call(operation, build(explicit(Case.of("special", *x.shape, "float32"), x, np.full(len(x), label))))
    expected = ReferenceCache().of(call, terms)
    return expected.acceptance(expected.exact.to_float(), terms)


@pytest.mark.parametrize(
    ("operation", "rows", "names"),
    [
        ("softmax", [[0, 1], [INF, 0], [INF, INF]], ("", "one +inf", "several +inf")),
        ("softmax", [[-INF, 0], [-INF, -INF], [NAN, INF]], ("some -inf", "all -inf", "any NaN")),
        ("softmax", [[3], [-INF]], ("one class", "all -inf")),
        ("softmax", [[3], [4]], ("one class", "one class")),
        ("cross_entropy_grad", [[-INF, 0], [0, -INF]], ("label on -inf", "some -inf")),
        ("logsumexp", [[0, 1], [0, -INF]], ("", "some -inf")),
    ],
)
def test_each_row_has_the_name_of_its_row_in_the_table(operation, rows, names):
    assert accepted(operation, rows).row_names == names


def test_losses_by_row_come_out_each_in_its_own_way():
    rows = [[0, 0], [INF, 0], [0, INF], [-INF, 0], [NAN, 0], [INF, INF]]
    one = accepted("cross_entropy", rows, reduction="none")
    assert one.applies.tolist() == [False, True, True, True, True, True]
    assert np.array_equal(one.accepted[0][1:], [0, INF, INF, NAN, INF], equal_nan=True)
    assert np.array_equal(one.accepted[1][1:], [NAN, NAN, INF, NAN, NAN], equal_nan=True)


def test_a_row_that_is_nan_makes_a_mean_nan_and_nothing_else():
    one = accepted("cross_entropy", [[INF, 0], [NAN, 0]])
    assert [float(v) for v in one.accepted] == [pytest.approx(NAN, nan_ok=True)]


@pytest.mark.parametrize(("loss", "overflows"), [(20000.0, False), (40000.0, True)])
def test_a_mean_whose_sum_overflows_may_be_infinite(loss, overflows):
    one = accepted("cross_entropy", [[-loss, 0.0], [-loss, 0.0]], sum_format="float16")
    assert (bool(one.applies), one.row_names) == (overflows, ("batch sum overflows",) if overflows else ("", ""))
    assert bool(one.holds(np.array(INF))) is overflows
    total = accepted("cross_entropy", [[-loss, 0.0]], sum_format="float16", reduction="sum")
    assert not total.applies.any(), "one row alone does not overflow"


@pytest.mark.parametrize("flushed", [False, True])
def test_the_slack_of_a_mean_is_twice_the_rounding_of_its_parts(flushed):
    terms = Contract({"flush_subnormals": flushed}).terms("cross_entropy_grad", "float32")
    slack = of_a_mean(terms)
    used = (terms.saved_format, terms.working_precision, terms.result_format, "float64")
    info = [formats.lookup(name) for name in used]
    assert slack.relative == 2 * sum(f.unit_roundoff for f in info)
    assert slack.absolute == sum(f.smallest_normal if flushed else f.smallest_subnormal / 2 for f in info)
    assert of_a_mean(replace(terms, reduction="sum")) is None


def test_slack_is_for_finite_values_that_are_not_zero():
    slack = Slack(relative=0.25, absolute=0.5)
    values = np.array([1.0, 1.0, 1.0, 0.0, INF, -2.0])
    one = Acceptance(applies=np.ones(6, bool), accepted=(values,), row_names=(), slack=slack)
    assert one.holds(np.array([1.75, 1.76, 0.25, 0.1, 1e308, -3.0])).tolist() == [True, False, True, False, False, True]
    exact = replace(one, slack=None)
    assert exact.holds(np.array([1.0, 1.5, NAN, -0.0, INF, -2.0])).tolist() == [True, False, False, True, True, True]


@pytest.mark.parametrize(
    ("operation", "applies", "values"),
    [
        ("softmax", [[True, False, False]], [0]),
        ("log_softmax", [[True, False, False]], [-INF]),
        ("cross_entropy_grad", [[True, False, False]], [0]),
    ],
)
def test_a_class_of_minus_infinity_has_one_value_and_the_others_are_ordinary(operation, applies, values):
    one = accepted(operation, [[-INF, 0, 1]], label=1)
    assert one.applies.tolist() == applies
    assert [v[0, 0] for v in one.accepted] == values * 2
    assert not accepted("cross_entropy_grad", [[-INF, 0, 1]]).applies.any(), "the label's own gradient is -1"


def test_a_loss_whose_label_lies_on_minus_infinity_is_infinite():
    one = accepted("cross_entropy", [[-INF, 0]])
    assert (bool(one.applies), [float(v) for v in one.accepted]) == (True, [INF])


def test_only_gradients_of_a_mean_have_slack():
    assert accepted("cross_entropy_grad", [[INF, 0], [0, 0]]).slack is not None
    assert accepted("cross_entropy_grad", [[INF, 0], [0, 0]], reduction="sum").slack is None
    assert accepted("softmax", [[INF, 0]]).slack is None
