"""The rows of one batch in another: the same within the limits, and bit for bit where the contract promises it.

A row's bits may depend on how its own classes lie in memory: where they have a stride of their own, only a contract
that names the layout promises its bits, and otherwise a difference is an observation.
"""

from __future__ import annotations

import numpy as np

from softcert.cases.case import Layout
from softcert.properties.check import BITS, INFINITE, Check
from softcert.properties.judged_call import JudgedCall, same_bits
from softcert.properties.relations import compare
from softcert_oracle.levels import Level

PROPERTY = "batch_independence"

OTHER_LAYOUT = "a row has other bits where its classes do not lie side by side in memory"
"""What is observed beside the promise of bits."""

_SIDE_BY_SIDE = (
    Layout.C,
    Layout.ROW_STRIDE,
    Layout.REVERSED_ROWS,
    Layout.EVERY_OTHER_ROW,
    Layout.OFFSET,
    Layout.READ_ONLY,
)
"""Layouts in which a row is one piece of memory."""


def part_of_batch(first: JudgedCall, second: JudgedCall, part: np.ndarray) -> Check | None:
    """Hold rows of a batch against the same rows in another one.

    Parameters
    ----------
    first, second
        The two batches with their outputs.
    part
        The rows of the first one that make up the second, int64 (k,).

    Returns
    -------
    The check; None for one loss of the whole batch, which has no rows.
    """
    invariant = first.terms.batch_invariant
    if first.got.ndim == 0 or (first.operation == "cross_entropy" and not invariant):
        return None
    divided = first.operation == "cross_entropy_grad" and first.terms.reduction == "mean"
    share = first.case.rows_count / len(part) if divided else 1.0

    def slack() -> np.ndarray:
        return np.asarray(first.limits(Level.SOUND)[part] + second.limits(Level.SOUND) / share)

    outcome = compare(PROPERTY, first.got[part], second.got / share, slack, Level.SOUND)
    if outcome.failed or not invariant:
        return outcome
    return _bits(first, second, part, divided) or outcome


def _bits(first: JudgedCall, second: JudgedCall, part: np.ndarray, divided: bool) -> Check | None:
    """The check that fails where a row has other bits, or tells of them; None where they are the same."""
    a, b = first.got[part], second.got
    if divided:  # by the number of rows, which only a power of two leaves exact
        m, k = first.case.rows_count, len(part)
        if m != k and (m & (m - 1) or k & (k - 1)):
            return None
        smallest = 2.0**first.result_format.emin
        exact = (np.abs(a) > smallest) & (np.abs(b) > smallest)  # a subnormal number may have been rounded up to it
        a, b = np.where(exact, a * m, 0.0), np.where(exact, b * k, 0.0)
    different = ~same_bits(a, b)
    if not different.any():
        return None
    count = int(different.sum())
    at = np.argwhere(different)[0]
    index = (int(part[at[0]]), *(int(k) for k in at[1:]))
    if not _promised(first, second):
        return Check(property_name=PROPERTY, level=Level.SOUND, checked=a.size, message=OTHER_LAYOUT)
    one, other = float(first.got[part][tuple(at)]), float(second.got[tuple(at)])
    message = (
        f"{_place(first, index[0])} gives {one.hex()}, {_place(second, int(at[0]))} {other.hex()}; "
        "the contract: batch_invariant"
    )
    return Check(
        property_name=PROPERTY,
        level=Level.SOUND,
        checked=a.size,
        violated=count,
        index=index,
        cause=BITS,
        ratio=INFINITE,
        message=message,
    )


def _promised(first: JudgedCall, second: JudgedCall) -> bool:
    named = first.terms.layouts or ()
    return all(call.case.layout in (*_SIDE_BY_SIDE, *named) for call in (first, second))


def _place(call: JudgedCall, row: int) -> str:
    layout = "" if call.case.layout == Layout.C else f", laid out as {str(call.case.layout)!r}"
    return f"row {row} of {call.case.rows_count}{layout}"
