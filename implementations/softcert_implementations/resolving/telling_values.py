"""What the operations give on the arrays of a trial call, in float64 by their definitions.

The numbers only choose between ways to call a function that differ by far more than any rounding; they judge nothing.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

_RELATIVE, _ABSOLUTE = 2.0**-3 + 2.0**-6, 2.0**-6
"""What the narrowest format may be off by: the unit roundoff of float8_e5m2 is 2^-3. Other readings of the trial arrays
differ by a factor of 1.5 and more."""


def agrees(got: NDArray[np.generic], operation: str, x: Sequence[Sequence[float]]) -> bool:
    """Whether a result is that of the operation over the last axis, as far as a narrow format could tell.

    Parameters
    ----------
    got
        A result of any shape and format.
    operation
        The operation's name.
    x
        Logits of shape (m, C), so small that nothing overflows.

    Returns
    -------
    bool
        False for an operation that trials do not tell, and for a result of another shape.

    Examples
    --------
    >>> agrees(np.array([[0.5, 0.5]]), "softmax", [[0.0, 0.0]])
    True
    >>> agrees(np.array([[0.25, 0.25], [0.25, 0.25]]), "softmax", [[0.0, 0.0], [0.0, 0.0]])
    False
    """
    exact = _exact(operation, np.array(x, np.float64))
    if exact is None or got.shape != exact.shape:
        return False
    return bool(np.allclose(got.astype(np.float64), exact, rtol=_RELATIVE, atol=_ABSOLUTE))


def _exact(operation: str, x: NDArray[np.float64]) -> NDArray[np.float64] | None:
    total = np.log(np.exp(x).sum(axis=-1))
    log_p = x - total[:, None]
    values = {"softmax": np.exp(log_p), "log_softmax": log_p, "logsumexp": total}
    return values.get(operation)
