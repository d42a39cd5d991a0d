"""Inputs that look like another one to whoever does not read all of it: what a cache with too small a key confuses.

A key may be the shape, the ends and corners, some elements, or a sum over all, over rows or over columns. Each
alteration leaves the corners and the ends of every row as they are, and all of these sums but for rounding; four of
one kind lie at places that are drawn, so that a key of a few elements misses one of them.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from softcert.cases.case import Layout
from softcert.cases.inputs import Inputs, generator

_OF_A_KIND = 4
_STEP = 1.0  # exact beside dyadic logits, so that sums stay the same bit for bit

Altered = tuple[np.ndarray, np.ndarray]
"""Logits as float64 (m, C), and labels (m,)."""


def alterations(inputs: Inputs) -> Iterator[Altered]:
    """The inputs that lie close to another one.

    Parameters
    ----------
    inputs
        At least four classes; with fewer, or without rows, there is no inner element and no alteration.

    Yields
    ------
    Logits (m, C) and labels (m,): two logits of a row exchanged, two of different rows exchanged, four moved so that
    the sums of rows and columns stay, all inner logits in reverse order, and last the labels of inner rows moved on.
    """
    x, labels = inputs.exact, inputs.labels.copy()
    m, C = x.shape
    if m == 0 or C < 4:
        return
    rng = generator(inputs.case, "altered")
    columns = np.arange(1, C - 1)
    rows = np.arange(1, m - 1) if m > 2 else np.arange(m)
    for _ in range(_OF_A_KIND):
        yield _exchanged(x, rng, (rng.choice(rows),) * 2, columns), labels
    if len(rows) > 1:
        for _ in range(_OF_A_KIND // 2):
            yield _exchanged(x, rng, tuple(rng.choice(rows, 2, replace=False)), columns), labels
            yield _moved(x, rng.choice(rows, 2, replace=False), rng.choice(columns, 2, replace=False)), labels
    reverse = x.copy()
    inner = np.ix_(rows, columns)
    reverse[inner] = x[inner][::-1, ::-1]
    yield reverse, labels
    if inputs.case.layout == Layout.C and len(rows) > 0:
        others = labels.copy()
        others[rows] = (labels[rows] + 1) % C
        yield x, others


def _exchanged(x: np.ndarray, rng: np.random.Generator, rows: tuple[int, ...], columns: np.ndarray) -> np.ndarray:
    """Two logits that differ, one of each row, change places."""
    y = x.copy()
    for _ in range(16):  # ties are drawn again
        i, j = rng.choice(columns, 2, replace=False)
        if x[rows[0], i] != x[rows[1], j]:
            break
    y[rows[0], i], y[rows[1], j] = x[rows[1], j], x[rows[0], i]
    return y


def _moved(x: np.ndarray, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """The corners of a rectangle move up and down by one: the sums of its rows and columns stay."""
    y = x.copy()
    y[np.ix_(rows, columns)] += np.array([[_STEP, -_STEP], [-_STEP, _STEP]])
    return y
