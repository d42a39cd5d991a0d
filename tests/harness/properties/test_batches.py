"""The rows of one batch in another: bits where they are promised."""

from __future__ import annotations

import numpy as np
import pytest
from tests.harness.building import exact_of, judged, rows_case

from softcert.cases.call import build_call
from softcert.cases.inputs import build
from softcert.properties import batches, states

ROWS = [[0.0, 1.0, 2.5], [3.0, -1.0, 0.5], [1.0, 1.0, -4.0], [0.0, 0.25, 0.5]]


def output(rows, operation="softmax", up=False, layout="C", **claims):
    """A batch with its exact result, rounded; ``up``: the first number is one ulp larger."""
    labels = [0] * len(rows)
    call = build_call(operation, build(rows_case(rows, labels, layout=layout)))
    got = exact_of(call, **claims).astype(np.float32)
    if up:
        got.flat[0] = np.nextafter(got.flat[0], np.float32(2))
    return judged(call, got, **claims)


def compared(first, second, part):
    return batches.part_of_batch(first, second, np.array(part))


def test_another_bit_fails_only_under_the_promise():
    for claim in (False, True):
        first, second = output(ROWS, batch_invariant=claim), output(ROWS[:1], up=True, batch_invariant=claim)
        check = compared(first, second, [0])
        assert check.failed == claim
    assert (check.cause, check.index) == ("bits", (0, 0))
    assert "row 0 of 4" in check.message


def test_the_same_bits_pass():
    assert not compared(output(ROWS, batch_invariant=True), output(ROWS[2:], batch_invariant=True), [2, 3]).failed


@pytest.mark.parametrize(("named", "fails"), [(None, False), (["C", "Fortran"], True)])
def test_strided_classes_belong_to_the_promise_only_where_they_are_named(named, fails):
    claims = {"batch_invariant": True} | ({"layouts": named} if named else {})
    check = compared(output(ROWS, **claims), output(ROWS, up=True, layout="Fortran", **claims), range(4))
    assert check.failed == fails
    assert (states.observation(check) is None) == fails


def test_a_gradient_is_compared_between_powers_of_two_alone():
    def check(rows, count):
        first = output(rows, "cross_entropy_grad", batch_invariant=True)
        return compared(first, output(rows[:count], "cross_entropy_grad", up=True, batch_invariant=True), range(count))

    assert check(ROWS, 2).failed
    assert not check(ROWS, 3).failed


def test_what_a_division_makes_subnormal_has_no_bits_to_promise():
    rows = [[9.7, 0.0], [1.0, 2.0]]
    first, second = (output(each, "cross_entropy_grad", batch_invariant=True) for each in (rows, rows[:1]))
    smallest = 2.0**first.result_format.emin
    below = smallest * (1 + 2.0**-10)  # of one row; of two it is rounded up, as a subnormal number is
    first.got[0], second.got[0] = (-smallest, smallest), (-2 * below, 2 * below)
    assert batches._bits(first, second, np.array([0]), divided=True) is None
    first.got[0] *= 1 + 2.0**-20
    assert batches._bits(first, second, np.array([0]), divided=True).failed


def test_the_gradient_of_a_row_with_an_infinity_may_be_rounded_by_another_count():
    rows = [[np.inf, 1.0, 2.5], [3.0, -1.0, 0.5], [1.0, 1.0, -4.0]]
    labels = [1, 0, 0]

    def batch(count):
        call = build_call("cross_entropy_grad", build(rows_case(rows[:count], labels[:count])))
        return judged(call, exact_of(call).astype(np.float32))

    assert batch(3).got[0, 1] != -1 / 3  # rounded
    assert not compared(batch(3), batch(1), [0]).failed


def test_a_mean_has_no_rows():
    first = output(ROWS, "cross_entropy", batch_invariant=True)
    assert compared(first, first, range(4)) is None
