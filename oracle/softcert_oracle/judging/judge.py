"""Judging a block: the compiled kernel first, the specification for what it leaves open."""

from __future__ import annotations

import numpy as np

from softcert_oracle.judging.block import Block
from softcert_oracle.judging.constants import constants
from softcert_oracle.judging.layout import Raw, empty
from softcert_oracle.judging.row_state import ROW_STATE
from softcert_oracle.limits import sums


def growths(block: Block) -> tuple[np.ndarray, np.ndarray]:
    """What summation does to each row and case: (M, 3) and (N,), see `softcert_oracle.judging.kernel`."""
    p, classes = block.parameters, block.x.shape[1]
    own = np.empty((len(block.x), 3))
    own[:, 0] = sums.growth(classes, p)
    own[:, 1] = sums.growth(max(classes - 1, 1), p)
    own[:, 2] = sums.depth(classes, p.summation) + 3
    division = p.arithmetic.division if p.reduction == "mean" else 0.0
    counts, places = np.unique(np.diff(block.starts), return_inverse=True)
    grown = np.array([np.expm1(sums.batch_growth(int(m), p) + division) for m in counts.tolist()])
    return own, grown[places] if len(counts) else np.empty(0)


def by_kernel(block: Block) -> Raw:
    """The raw arrays as far as the kernel decides them; rows with status `DEFERRED` are left to the specification."""
    from softcert_oracle.judging.kernel import judge

    out = empty(block.results, block.cases)
    labels = block.labels if block.labels is not None else np.zeros(len(block.x), np.int64)
    got = block.got.reshape(block.results, -1)
    own, grown = growths(block)
    contract, states = constants(block.operation, block.parameters), np.zeros(1, ROW_STATE)
    judge(contract, block.x, block.starts, labels, got, own, grown, states, (out.rows, out.histogram))
    return out
