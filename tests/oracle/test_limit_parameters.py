"""The claims that limits depend on: defaults, refusals, and the constants of arithmetic that follow."""

from __future__ import annotations

import numpy as np
import pytest

from softcert_oracle.errors import UsageError
from softcert_oracle.limits import LimitParameters


@pytest.mark.parametrize(
    ("claims", "said"),
    [
        ({"format": "flaot32"}, "float32"),
        ({"algorithm": "shiftdivide"}, "shift-divide"),
        ({"summation": 0}, "depth"),
        ({"summation": "tree"}, "pairwise"),
        ({"exp_ulp": 0.0}, "exp_ulp"),
        ({"reduction": "average"}, "mean"),
    ],
)
def test_what_no_limit_can_be_derived_from_is_a_usage_error(claims, said):
    with pytest.raises(UsageError, match=said):
        LimitParameters(**{"format": "float32", **claims})


def test_formats_that_are_not_named_follow_from_that_of_the_logits():
    half = LimitParameters(format="bfloat16")
    assert (half.working_precision, half.sum_format, half.saved_format, half.result_format) == (
        "float32",
        "float32",
        "float32",
        "bfloat16",
    )
    assert LimitParameters(format="float64").working_precision == "float64"
    narrow = LimitParameters(format="float32", working_precision="float16")
    assert (narrow.sum_format, narrow.saved_format, narrow.result_format) == ("float16", "float16", "float32")


def test_the_constants_of_arithmetic_are_logarithms_of_relative_errors():
    a = LimitParameters(format="float32", exp_ulp=2.0, log_ulp=1.0, div_ulp=1.5).arithmetic
    u = 2.0**-24
    assert (a.u, a.rounding, a.log) == (u, np.log1p(u), 2 * u)
    assert a.exp == -np.log1p(-4 * u)
    assert a.division == -np.log1p(-3 * u)
    assert LimitParameters(format="float32").arithmetic.division == np.log1p(u)
    assert a.half.to_float() == 2.0**-150
    flushing = LimitParameters(format="float32", flush_subnormals=True).arithmetic
    assert flushing.omega.to_float() == flushing.flushed.to_float() == 2.0**-126
    assert flushing.half.to_float() == a.half.to_float()
    assert a.flushed is None
    narrow = LimitParameters(format="float16", flush_subnormals=True).arithmetic
    assert (narrow.omega.to_float(), narrow.flushed.to_float()) == (2.0**-126, 2.0**-14)


def test_narrower_formats_are_seen_and_equal_or_wider_ones_are_not():
    plain = LimitParameters(format="float32").arithmetic
    assert (plain.narrow_result, plain.narrow_input, plain.kept_log, plain.saved) == (False, False, 0.0, None)
    half = LimitParameters(format="float16", sum_format="float16", saved_format="bfloat16").arithmetic
    assert half.narrow_result
    assert half.kept_log == 2.0**-11
    assert half.saved is not None
    assert half.saved.name == "bfloat16"
    assert LimitParameters(format="float32", working_precision="bfloat16").arithmetic.narrow_input
    wide = LimitParameters(format="float16", working_precision="bfloat16").arithmetic
    assert wide.narrow_result  # float16 has more bits and a smaller range
