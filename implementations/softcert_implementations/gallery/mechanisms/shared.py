"""Constants and pieces that several tables of mechanisms share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from softcert_implementations.gallery import textbook
from softcert_implementations.gallery.mechanisms.textbook_parts import sum_rows
from softcert_implementations.gallery.textbook import Array

WIDTHS = (2, 3, 4, 5, 6, 7, 8, 10, 12, 16, 20, 24, 32, 48, 64, 100, 128, 256, 512, 1024)


def top_of(columns: Callable[[int], slice]) -> Callable[[Array], Array]:
    """The maximum of some columns; of the whole row where that leaves none."""

    def top(w: Array) -> Array:
        chosen = w[:, columns(w.shape[1])]
        return textbook.row_max(chosen if chosen.shape[1] else w)

    return top


def sum_of(columns: Callable[[int], Any]) -> Callable[[Array], Array]:
    """The sum over some columns; over all where that leaves none."""

    def total(e: Array) -> Array:
        chosen = e[:, columns(e.shape[1])]
        return sum_rows(chosen if chosen.shape[1] else e)

    return total


def cut_to(bits: int) -> Callable[[Array], Array]:
    """A number with its last bits cut off: float32 keeps 24, tf32 11, bfloat16 8."""

    def cut(v: Array) -> Array:
        w = np.ascontiguousarray(v)
        mask = {4: (np.uint32, 24), 8: (np.uint64, 53)}[w.dtype.itemsize]
        lost = max(mask[1] - bits, 0)
        return (w.view(mask[0]) >> mask[0](lost) << mask[0](lost)).view(w.dtype)

    return cut
