"""Assertions for test-suites: results of softmax and its relatives against exact truth and a derived limit.

Nothing of softcert is loaded before the first call.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    from softcert_implementations.contract import Contract

__all__ = ["assert_within_limit", "expected"]


def assert_within_limit(
    got: Any,
    op: str,
    x: Any,
    labels: Any = None,
    *,
    contract: Contract | Mapping[str, Any] | str | Path | None = None,
    level: str = "stable",
    **options: Any,
) -> None:
    """Assert that every number of a result is within its derived limit of the exact value.

    A drop-in for ``assert_allclose(got, reference(x))`` that needs neither a reference nor a tolerance.

    Parameters
    ----------
    got
        The result: an array of any library, or a number. Its format is that of ``x``, unless the contract states
        another ``result_format``.
    op
        The operation: "softmax", "log_softmax", "logsumexp", "cross_entropy", "cross_entropy_grad" or another name of
        ``softcert list operations``.
    x
        Logits of shape (..., C), in any array library and format; of the linear operations the features X.
    labels
        Class indices of shape (...), for losses and their gradients.
    contract
        What the implementation claims, where it deviates from the defaults: a mapping such as
        ``{"summation": "pairwise"}``, a `softcert.Contract`, or the path of a TOML file.
    level
        "sound", "stable", "accurate" or "faithful".
    **options
        Options of the call, named as in torch.nn.functional.cross_entropy: ``reduction``, ``axis``, ``weight``,
        ``ignore_index``, ``label_smoothing``, ``targets``, ``temperature``, ``mask``, ... The gradient is that of the
        loss with the same ``reduction``, "mean" unless given. Further arguments of an operation (``upstream``, ``W``,
        ``b``) are given by their names too.

    Raises
    ------
    AssertionError
        For a number beyond its limit, with the worst one in decimal and hexadecimal, the exact value, the error in ulp
        and in limits, and cause and remedy where the gallery of defects knows them. Also for another shape or format,
        and for inputs on which the limit would let zeros or a constant pass.
    UsageError
        A ValueError: for arguments that are not in the tables or do not fit together.

    Examples
    --------
    >>> import numpy as np
    >>> x = np.array([[1.0, 2.0, 3.0]], np.float32)
    >>> e = np.exp(x - x.max(-1, keepdims=True))
    >>> assert_within_limit(e / e.sum(-1, keepdims=True), "softmax", x)
    >>> assert_within_limit(np.float32(2.4076059), "cross_entropy", x, np.array([0]))
    """
    __tracebackhide__ = True  # pytest shows the line of the test
    from softcert.assertions.check import check

    check(got, op, x, labels, contract=contract, level=level, options=options)


def expected(op: str, x: Any, labels: Any = None, *, format: str | None = None, **options: Any) -> Any:
    """The exact result of an operation, each number rounded once to a format.

    Parameters
    ----------
    op, x, labels, **options
        As for `assert_within_limit`.
    format
        The format of the result; that of ``x`` unless given.

    Returns
    -------
    array
        In the array library of ``x``, on the processor; NumPy for lists and numbers. Rounding is to nearest, ties to
        even. Several arrays as a tuple for the gradients of a linear layer.

    Raises
    ------
    UsageError
        A ValueError: for arguments that are not in the tables or do not fit together.

    Examples
    --------
    >>> import numpy as np
    >>> expected("softmax", np.array([0.0, 0.0, 0.0], np.float32)).tolist()
    [0.3333333432674408, 0.3333333432674408, 0.3333333432674408]
    """
    from softcert.assertions.rounded import rounded

    return rounded(op, x, labels, format, options)
