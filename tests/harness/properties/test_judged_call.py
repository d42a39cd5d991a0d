"""An output beside its reference: formats, errors in ulp, limits, bits."""

from __future__ import annotations

import numpy as np
from tests.harness.building import call_of, exact_of, judged

from softcert.properties.judged_call import same_bits
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
