"""The claims that limits depend on: defaults, refusals, and the constants of arithmetic that follow."""

from __future__ import annotations

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
