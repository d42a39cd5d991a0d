"""The compiled kernels of judging as Python calls them."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from softcert_oracle.fast.entry import TILE, address
from softcert_oracle.judging.compiled.constants import CONTRACT
from softcert_oracle.judging.compiled.row_state import ROW_STATE
from softcert_oracle.judging.layout import RESULT, Raw
from softcert_oracle.native.code import Code

_HERE = Path(__file__).parent

CODE = Code(
    name="judging",
    folder=_HERE,
    builder="softcert_oracle.judging.compiled.entries",
    symbols=("softcert_judge", "softcert_by_case"),
    sources=(_HERE.parents[1] / "fast", _HERE, _HERE / "growth", _HERE.parent / "layout.py"),
)

_TALLIES = 6 * 2048
"""Counts and masses of losses at three levels, for each of `growth.of_batches.EXPONENTS`."""

_DIGITS = 256
"""Room of a sort: a bucket for each class and two more, or for each value of a byte."""


def judge(
    *,
    contract: np.ndarray,
    x: np.ndarray,
    starts: np.ndarray,
    labels: np.ndarray | None,
    got: np.ndarray,
    claim: np.ndarray,
    batches: np.ndarray,
    reduced: bool,
    out: Raw,
) -> int:
    """The kernel `softcert_oracle.judging.compiled.kernel.judge`; all arrays in C order."""
    m, classes = x.shape
    results = len(out.rows)
    spare, tiles = max(classes + 2, _DIGITS), -(-classes // TILE)
    room = 10 * classes + 3 * spare + 2 * tiles + ROW_STATE.itemsize // 8
    scratch = np.empty(room + (_TALLIES if reduced else 0))
    scratch[room:] = 0.0
    arrays = (contract, x, starts, got, claim, batches, out.rows, out.histogram, scratch)
    sizes = (m, classes, len(starts) - 1, results, got.size // max(results, 1), spare, tiles)
    places = [address(a) for a in arrays]
    arguments = np.array([*sizes, *places, 0 if labels is None else address(labels), len(batches)], np.int64)
    return CODE.functions["softcert_judge"](address(arguments))


def by_case(rows: np.ndarray, starts: np.ndarray) -> np.ndarray:
    """The kernel `softcert_oracle.judging.compiled.tally.by_case`: `RESULT` (R,) to (N,)."""
    out = np.empty(len(starts) - 1, RESULT)
    arguments = np.array([len(rows), len(out), address(rows), address(starts), address(out)], np.int64)
    CODE.functions["softcert_by_case"](address(arguments))
    return out


assert CONTRACT.itemsize % 8 == RESULT.itemsize % 8 == ROW_STATE.itemsize % 8 == 0
