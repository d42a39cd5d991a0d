"""Failure patterns that name a family without looking at values."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.harness.building import call_of, exact_of, rows_case

from softcert.cases.call import build_call
from softcert.cases.case import Case
from softcert.cases.inputs import build
from softcert.diagnosis.probes import Probe
from softcert.diagnosis.symptoms import candidates


def probe(case, factor=1.0, failed=()):
    call = build_call("softmax", build(case))
    exact = exact_of(call)
    return Probe(
        call=call,
        exact=exact,
        limit=np.full(exact.shape, 1e-6),
        got=None if failed else factor * exact,
        failed_properties=frozenset(failed),
    )


def case(rows=2, classes=3, **fields):
    return Case.of("ordinary", rows, classes, "float32", **fields)


def named(probes, findings=()):
    return {c.family: score for score, c in candidates("softmax", probes, findings, None) if score > 0}


def test_a_capacity_is_named_where_it_is_passed_and_nowhere_else():
    wrong_above_63 = [probe(case(1, n), 2.0 if n > 63 else 1.0) for n in (5, 17, 40, 63, 64, 90, 200)]
    assert named(wrong_above_63)["capacity exceeded"] == pytest.approx(0.6)
    everywhere = [replace(p, got=2 * p.exact) for p in wrong_above_63]
    assert "capacity exceeded" not in named(everywhere)


def test_slices_of_wider_rows_are_memory_beyond_the_view():
    probes = [probe(case(seed=k, layout="row stride"), 2.0) for k in range(3)]
    probes += [probe(case(seed=k)) for k in range(4)] + [probe(case(layout="Fortran"))]
    assert named(probes)["memory beyond the view"] == pytest.approx(0.8)
    assert named(probes).get("strides", 0) < 0.8


def test_a_number_in_the_place_of_nan_is_a_hidden_nan():
    from softcert.expected.special_values import Acceptance

    call = call_of("softmax", [[np.nan, 0.0]])
    accepted = Acceptance(applies=np.ones((1, 2), bool), accepted=(np.full((1, 2), np.nan),), row_names=("any NaN",))
    hidden = Probe(
        call=call, exact=np.full((1, 2), np.nan), limit=np.zeros((1, 2)), got=np.zeros((1, 2)), accepted=accepted
    )
    assert hidden.failing
    assert named([hidden])["NaN hidden"] == pytest.approx(0.8)


def test_an_exception_is_named_as_one_unless_it_is_the_input_that_is_written_to():
    assert named([probe(case(), failed=["completes"])])["valid input refused"] == 1
    overwritten = [
        probe(case(), failed=["input_unchanged"]),
        probe(case(seed=1, layout="read-only"), failed=["completes"]),
    ]
    assert named(overwritten)["in-place overwrite"] == 1


def test_a_result_of_another_format_is_named_by_its_cause():
    class Finding:
        property_name, cause = "result_format", "returns float64"

    assert named([], [Finding()])["wrong result format"] == pytest.approx(1.1)


def test_rows_written_out_are_probes_like_others():
    assert not probe(rows_case([[0.0, 1.0]], [0])).failing
