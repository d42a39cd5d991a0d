"""The third witness in numbers: an operation at one row of up to five logits, special rows included."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import mpmath

from softcert_oracle.errors import UsageError, unknown
from softcert_oracle.symbolic.definitions import CLASSES
from softcert_oracle.symbolic.expressions import LABELLED, OPERATIONS, evaluate_finite, exact
from softcert_oracle.symbolic.special_rows import at_special_row


def evaluate(operation: str, row: Sequence[Any], label: int | None = None, digits: int = 30) -> list[Any]:
    """An operation at one row of up to five logits, by the differentiated definitions.

    Parameters
    ----------
    operation
        A core operation or "jacobian".
    row
        Logits, taken exactly (int, float, Fraction, mpf, NumPy scalar). Infinities and NaN give the limits that
        `softcert_oracle.symbolic.limits` proves, NaN where there is none.
    label
        The true class, counted from 0, for cross_entropy and its gradient.
    digits
        How many decimal digits are right, relative.

    Returns
    -------
    list of mpf
        One number for logsumexp and cross_entropy, C for the others, C * C for the Jacobian by rows.

    Raises
    ------
    UsageError
        For an unknown operation, no or more than five logits, a label out of range, or no digits.

    Examples
    --------
    >>> [round(float(p), 6) for p in evaluate("softmax", [0, 1])]
    [0.268941, 0.731059]
    """
    if operation not in OPERATIONS:
        raise unknown("operation", operation, OPERATIONS)
    if not 1 <= len(row) <= CLASSES[-1]:
        raise UsageError(f"row has {len(row)} classes: the derivation covers 1 to {CLASSES[-1]}.")
    if operation in LABELLED and (label is None or not 0 <= label < len(row)):
        raise UsageError(f"label={label!r}: {operation} needs a label from 0 to {len(row) - 1}.")
    if digits < 1:
        raise UsageError(f"digits={digits!r}: at least one digit must be asked for.")
    if all(mpmath.isfinite(exact(v)) for v in row):
        return evaluate_finite(operation, row, label, digits)
    return at_special_row(operation, [exact(v) for v in row], label, digits)
