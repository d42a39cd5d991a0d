"""The scripts of docs/published.md on few rows: published bounds hold by norm, and sums of 16 bits stall."""

from __future__ import annotations

import numpy as np
import pytest
from benchmarks.published import log_sum_exp, sixteen_bit_sums, ten_logits

from softcert_oracle.numbers import formats
from softcert_oracle.reference import truth


@pytest.mark.parametrize("name", ten_logits.FORMATS)
@pytest.mark.parametrize("algorithm", ten_logits.ALGORITHMS, ids=lambda a: a.name)
def test_published_bounds_hold_by_norm(name, algorithm) -> None:
    fmt = formats.lookup(name)
    x = ten_logits.vectors(2000, 1, fmt.dtype)
    found = truth.rows(x.astype(np.float64))
    exact = ten_logits.Exact(
        x=x.astype(np.float64), y=found.logsumexp.to_float(), g=found.softmax.to_float(), u=fmt.unit_roundoff
    )
    by_norm, by_element = ten_logits.errors(x, algorithm, exact)
    assert (by_norm <= algorithm.bound(exact)).all()
    assert (by_norm <= by_element).all()
    assert by_norm.max() > 0.1 * fmt.unit_roundoff


@pytest.mark.parametrize("n", [2, 64, 1024])
def test_errors_of_log_sum_exp_stay_within_the_proven_bound_and_ours(n) -> None:
    x = log_sum_exp.rows_of(n, 100, 3)
    found = truth.rows(x.astype(np.float64))
    y = found.logsumexp.to_float()
    plain, shifted = (np.abs(f(x).astype(np.float64) - y) for f in (ten_logits.plain_lse, ten_logits.shifted_lse))
    assert (plain <= log_sum_exp.proven(y, n)).all()
    assert (shifted <= log_sum_exp.ours(found)).all()


def test_loops_of_16_bits_stall_and_trees_do_not() -> None:
    """A loop of equal terms ends at 2^p: 2048 in float16, 256 in bfloat16; 65536 and more are infinite in float16."""
    sums = sixteen_bit_sums.row_sums(4096, 0, "equal")
    assert sums["float16", "loop"] == 4096 / 2048
    assert sums["bfloat16", "loop"] == 4096 / 256
    assert sums["float16", "tree"] == sums["bfloat16", "tree"] == sums["float32", "loop"] == 1
    assert sixteen_bit_sums.row_sums(131072, 0, "equal")["float16", "tree"] == 0
