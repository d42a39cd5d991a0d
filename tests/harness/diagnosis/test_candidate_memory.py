"""A model of a defect runs on the largest batches of the battery, so its memory may not grow as their square."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest

from softcert.diagnosis.candidates import by_weight
from softcert_oracle import operations

_NOTABLE = 1 << 24  # bytes: what is smaller does no harm, and is measured badly


def peak(candidate, operation, shape):
    """The largest number of bytes that a call of a candidate holds, those of its result included."""
    x = np.random.default_rng(0).normal(size=shape).astype(np.float32)
    arguments = [x, np.zeros(len(x), np.int64)] if operations.lookup(operation).takes_labels else [x]
    function = candidate.fresh()
    tracemalloc.start()
    try:
        function(*arguments)
    except Exception:  # noqa: BLE001 (some models raise; how much they hold before is measured all the same)
        pass
    finally:
        held = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    return held


@pytest.mark.slow(reason="every model of an operation, on batches of thousands of rows")
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("operation", operations.CORE)
def test_no_model_holds_a_table_of_all_pairs(operation):
    plain = [c for group in by_weight(operation) for c in group if c.option is None]
    for candidate in plain:
        held = peak(candidate, operation, (8192, 2))
        assert held < _NOTABLE or held < 8 * peak(candidate, operation, (2048, 2)), candidate.name
