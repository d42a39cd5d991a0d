"""From result rows to cases: the compiled form and the readable one say the same."""

from __future__ import annotations

import numpy as np
import pytest
from tests.oracle.judging import samples

pytest.importorskip("numba")

from softcert_oracle.judging import cases, judge_block
from softcert_oracle.judging.compiled import entry


@pytest.mark.parametrize("operation", ["softmax", "log_softmax", "logsumexp", "cross_entropy_grad"])
def test_both_forms_agree_bit_for_bit(operation: str) -> None:
    """On every regime, with rows that are not judged, and cases of one row and of several."""
    rng = np.random.default_rng(5)
    for regime in samples.REGIMES:
        block = samples.drawn(rng, fmt="float32", operation=operation, regime=regime, classes=5)
        with np.errstate(all="ignore"):
            rows = judge_block(block).raw.rows
        assert entry.by_case(rows, block.starts).tobytes() == cases.by_case(rows, block.starts).tobytes()
