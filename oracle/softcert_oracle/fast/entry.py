"""The compiled entry of the fast path as Python calls it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from softcert_oracle.native.code import Code

TILE = 4096
"""Classes in a tile: their fixed-point sums must fit in 53 bits (`softcert_oracle.fast.passes.sum_of_tile`)."""

SCAN, SUM, RESULTS = 0, 1, 2
"""The phases of a row."""

_HERE = Path(__file__).parent

CODE = Code(
    name="enclose",
    folder=_HERE,
    builder="softcert_oracle.fast.entries",
    symbols=("softcert_enclose",),
    sources=(_HERE,),
)


def work(phases: Any, x: Any, rows: Any, tiles: Any, scratch: Any, out: Any) -> int:
    """The kernel `softcert_oracle.fast.kernels.work`."""
    want_p, p, complement, logs, y, plain = out
    places, seconds, sums = scratch
    sizes = (*x.shape, len(places), int(want_p), len(p[0]), complement[0].shape[1], logs[0].shape[1])
    arrays = (x, places, seconds, sums, *p, *complement, *logs, *y, *plain)
    arguments = np.array([*phases, *rows, *tiles, *sizes, *(address(a) for a in arrays)], np.int64)
    return CODE.functions["softcert_enclose"](address(arguments))


def address(array: np.ndarray) -> int:
    """Where an array's numbers lie."""
    place: int = array.ctypes.data
    return place
