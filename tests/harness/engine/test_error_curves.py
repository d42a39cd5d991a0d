"""One point an output, a histogram of its elements, and how many results are the nearest number."""

from __future__ import annotations

import numpy as np
from tests.harness.building import call_of, exact_of, judgement_of

from softcert.engine.error_curves import ErrorCurves
from softcert_oracle.levels import Level

CALL = call_of("softmax", [[0.0, 1.0, -30.0], [2.0, 2.0, 2.0]])


def curves_of(got):
    curves, judgement = ErrorCurves(), judgement_of(CALL, got)
    curves.record(judgement, judgement.values())
    return curves


def test_a_correctly_rounded_output_has_its_elements_counted_and_none_off():
    curves = curves_of(exact_of(CALL).astype(np.float32))
    assert (curves.rounded, curves.not_nearest) == (6, 0)
    (point,) = curves.points
    assert (point.classes, point.rows, point.magnitude, point.regime) == (3, 2, 30.0, "ordinary")
    assert point.ulp <= 0.5001 < point.limit_ulp
    assert curves.histogram.sum() == 6
    assert Level.STABLE in curves.limits


def test_a_faithful_output_may_miss_the_nearest_number():
    third = np.float32(1 / 3)
    got = exact_of(CALL).astype(np.float32)
    got[1] = np.nextafter(third, np.float32(0)) if float(third) > 1 / 3 else np.nextafter(third, np.float32(1))
    curves = curves_of(got)
    assert (curves.rounded, curves.not_nearest) == (6, 3)


def test_an_output_that_is_not_faithful_is_not_counted_as_rounded():
    curves = curves_of(exact_of(CALL) * (1 + 2**-21))
    assert curves.rounded == 0
    assert len(curves.points) == 1
