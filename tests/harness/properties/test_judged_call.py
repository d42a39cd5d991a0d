"""An output beside its reference: formats, errors in ulp, limits, bits."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from tests.harness.building import REFERENCES, call_of, exact_of, judged, terms

from softcert.properties.judged_call import JudgedCall, same_bits
from softcert_oracle.levels import Level
from softcert_oracle.numbers.enclosure import Decision

CALL = call_of("softmax", [[0.0, 0.0]])


def test_errors_are_counted_in_ulp_of_the_result_format():
    off = exact_of(CALL) + np.array([[0.0, 2.0**-23]])
    assert judged(CALL, off).ulps.tolist() == [[0.0, 2.0]]
    assert judged(CALL, off, result_format="float64").ulps[0, 1] == 2.0**30


def test_a_limit_is_exceeded_or_not_by_level():
    output = judged(CALL, [[0.5, 0.5001]])
    assert output.exceeds(Level.STABLE).tolist() == [[Decision.NO, Decision.YES]]
    assert np.all(output.limits(Level.SOUND) >= output.limits(Level.STABLE))


def test_bits_are_compared_with_signs_of_zero_and_without_kinds_of_nan():
    a, b = np.array([0.0, 0.0, np.nan, 1.0]), np.array([0.0, -0.0, -np.nan, 1.0])
    assert same_bits(a, b).tolist() == [True, False, True, True]


def test_a_nan_is_no_number_bit_for_bit():
    assert not same_bits(np.array([np.nan, 1.0]), np.array([1.0, np.nan])).any()


def test_bounds_of_the_reference_decide_what_its_enclosure_leaves_open():
    exact = REFERENCES.of(CALL, terms())
    wide = replace(exact.exact, radius=np.full((1, 2), 2.0**-10))
    asked = []

    class Wide:
        def __getattr__(self, name):
            return getattr(exact, name)

        exact = wide

        def refine(self, positions, bits):
            asked.append(positions.tolist())
            return exact.refine(positions, bits)

    output = JudgedCall(call=CALL, terms=terms(), got=np.array([[0.5, 0.5001]]), expected=Wide())
    assert output.exceeds(Level.STABLE).tolist() == [[Decision.NO, Decision.YES]]
    assert asked


def test_an_output_has_the_case_and_the_operation_of_its_call():
    output = judged(CALL, [[0.5, 0.5]], result_format="float16")
    assert (output.operation, output.case, output.inputs) == ("softmax", CALL.case, CALL.inputs)
    assert output.result_format.name == "float16"
