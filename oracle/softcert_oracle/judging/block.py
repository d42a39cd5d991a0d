"""What is judged at once: cases of one operation, contract and class count, stacked by rows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from softcert_oracle.limit_parameters import LimitParameters


@dataclass(frozen=True, eq=False, kw_only=True)
class Block:
    """Cases stacked by rows: M rows, N cases, C classes.

    Parameters
    ----------
    operation
        One of the five core operations, by its name.
    parameters
        The contract that limits depend on, its reduction and formats included.
    x
        Exact logits, float64 of shape (M, C), in C order.
    starts
        int64 (N + 1,): case k has the rows ``starts[k]:starts[k + 1]``; the first is 0 and the last M.
    got
        The results, exactly, as float64: (M, C) for softmax, log_softmax and cross_entropy_grad; (M,) for logsumexp and
        for cross_entropy that is not reduced; (N,) for "mean" and "sum".
    labels
        int64 (M,) for cross_entropy and its gradient, else None.
    """

    operation: str
    parameters: LimitParameters
    x: NDArray[np.float64]
    starts: NDArray[np.int64]
    got: NDArray[np.float64]
    labels: NDArray[np.int64] | None = None

    @property
    def cases(self) -> int:
        """N."""
        return len(self.starts) - 1

    @property
    def reduced(self) -> bool:
        """Whether a case has one result: the mean or sum of its losses."""
        return self.operation == "cross_entropy" and self.parameters.reduction != "none"

    @property
    def results(self) -> int:
        """R: result rows, M of them or N."""
        return self.cases if self.reduced else len(self.x)
