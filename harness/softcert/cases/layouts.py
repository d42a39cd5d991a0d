"""How the logits lie in memory: views with every kind of strides, in a buffer whose other bytes are poisoned."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from softcert.cases.case import Layout
from softcert_oracle.errors import unknown

GUARD = 64  # poisoned elements before and after every view: a whole vector register of the narrowest format

Cut = Callable[[int, int], tuple[tuple[int, int], tuple[slice, slice], bool]]

_ALL = slice(None)

# Each layout: (m, C) -> (shape of the base array, slices that cut the view out of it, transposed or not).
_CUTS: Mapping[str, Cut] = {
    Layout.C: lambda m, C: ((m, C), (_ALL, _ALL), False),
    Layout.FORTRAN: lambda m, C: ((C, m), (_ALL, _ALL), True),
    Layout.ROW_STRIDE: lambda m, C: ((m, C + 5), (_ALL, slice(2, C + 2)), False),
    Layout.COLUMN_STRIDE: lambda m, C: ((m, 2 * C + 1), (_ALL, slice(1, 2 * C + 1, 2)), False),
    Layout.REVERSED_COLUMNS: lambda m, C: ((m, C), (_ALL, slice(None, None, -1)), False),
    Layout.REVERSED_ROWS: lambda m, C: ((m, C), (slice(None, None, -1), _ALL), False),
    Layout.EVERY_OTHER_ROW: lambda m, C: ((2 * m + 1, C), (slice(1, 2 * m + 1, 2), _ALL), False),
    Layout.TRANSPOSED_SLICE: lambda m, C: ((C + 3, m + 2), (slice(1, C + 1), slice(1, m + 1)), True),
    Layout.OFFSET: lambda m, C: ((m, C), (_ALL, _ALL), False),
    Layout.READ_ONLY: lambda m, C: ((m, C), (_ALL, _ALL), False),
}
LAYOUTS = tuple(_CUTS)
"""Every way in which the logits may lie in memory."""


def lay_out(values: np.ndarray, layout: str, poison: np.ndarray, extra: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """A view with the given values in the given layout, and the poisoned buffer (uint8) that it lies in.

    Parameters
    ----------
    values
        (m, C), in the type that the view has.
    layout
        One of `LAYOUTS`.
    poison
        Numbers (n,) that fill the memory around the view, again and again.
    extra
        How many poisoned elements precede and follow the view beyond the usual ones.

    Raises
    ------
    UsageError
        For an unknown layout.
    """
    if layout not in _CUTS:
        raise unknown("layout", layout, LAYOUTS)
    m, C = values.shape
    (rows, columns), cut, transposed = _CUTS[layout](m, C)
    guard = GUARD + extra + (3 if layout == Layout.OFFSET else 0)  # three elements off every alignment
    inside = rows * columns
    whole = _filled(2 * guard + inside, poison.astype(values.dtype))
    base = whole[guard : guard + inside].reshape(rows, columns)
    view = base[cut].T if transposed else base[cut]
    view[...] = values
    if layout == Layout.READ_ONLY:
        view.flags.writeable = False
    return view, whole.view(np.uint8)


def _filled(size: int, filling: np.ndarray) -> np.ndarray:
    """``size`` elements that hold the filling again and again."""
    turns = -(-size // len(filling))
    whole = np.empty((turns, len(filling)), filling.dtype)
    whole[...] = filling
    return whole.reshape(-1)[:size]
