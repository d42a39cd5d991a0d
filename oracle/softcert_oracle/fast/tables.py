"""Constants of the kernels, computed at import from integers alone: no libm, no decimal literals.

Fixed point with `BITS` fractional bits; each constant is cut into float64 pieces by Python's own division of
integers, which rounds correctly. Errors of the fixed-point values are below 2^-280, so every piece is the nearest.
"""

from __future__ import annotations

from math import isqrt

import numpy as np

BITS = 320
_ONE = 1 << BITS


def pieces(value: int, count: int) -> list[float]:
    """Fixed-point value as ``count`` float64 numbers, each the nearest to what the former leave."""
    result = []
    for _ in range(count):
        piece = value / _ONE  # correctly rounded
        result.append(piece)
        numerator, denominator = piece.as_integer_ratio()
        value -= numerator * _ONE // denominator
    return result


def _log(numerator: int, denominator: int) -> int:
    """log(numerator / denominator) in fixed point, by 2 atanh(z), for a ratio in [1, 2]."""
    top, bottom = numerator - denominator, numerator + denominator
    power = (2 * _ONE * top) // bottom
    total, i = 0, 1
    while power:
        total += power // i
        power = power * top * top // (bottom * bottom)
        i += 2
    return total


LOG2 = _log(2, 1)

# --- exponential: e^d = 2^n * 2^(j / INTERVALS) * e^r, |r| about log 2 / (2 INTERVALS) = 2^-10.5

LOG2_INTERVALS = 9  # 512 pairs are 8 KiB: the table stays in the first-level cache
INTERVALS = 1 << LOG2_INTERVALS


def _powers() -> np.ndarray:
    root = 2 * _ONE
    for _ in range(LOG2_INTERVALS):
        root = isqrt(root << BITS)
    table = np.empty(2 * INTERVALS)
    value = _ONE
    for j in range(INTERVALS):
        table[2 * j : 2 * j + 2] = pieces(value, 2)
        value = value * root >> BITS
    return table


POWERS = _powers()
"""2^(j / INTERVALS) as double-double, high and low parts side by side (one cache line holds both)."""

_STEP = LOG2 // INTERVALS
STEP_QUANTUM = 2.0**-62
STEP_1 = float(round(_STEP / _ONE / STEP_QUANTUM)) * STEP_QUANTUM
"""log 2 / INTERVALS, cut to a multiple of 2^-62: then d - k * STEP_1 is exact in one fused multiply-add."""
STEP_2, STEP_3 = pieces(_STEP - int(STEP_1 / STEP_QUANTUM) * (_ONE >> 62), 2)
"""The rest of it: below 2^-62, and to 2^-168 in all."""
STEPS_PER_UNIT = INTERVALS * _ONE / LOG2

SIXTH, SIXTH_LOW = pieces(_ONE // 6, 2)
TWENTY_FOURTH, TWENTY_FOURTH_LOW = pieces(_ONE // 24, 2)

# --- logarithm: log s = e log 2 - log c + 2 atanh(N / (2 + N)), N = c f - 1, s = 2^e f

LOG2_HIGH, LOG2_LOW = pieces(LOG2, 2)
CELLS = 128


def _centres() -> tuple[np.ndarray, np.ndarray]:
    """For each cell of f in [1, 2): c close to 1 / f in 10 bits, and -log c as double-double."""
    centres, logs = np.ones(CELLS), np.zeros(2 * CELLS)
    for i in range(2, CELLS):  # the first two cells, f < 1 + 2^-6, keep c = 1: relative accuracy next to log 1
        c = round(1024 * 2 * CELLS / (2 * CELLS + 2 * i + 1))
        centres[i] = c / 1024
        logs[2 * i : 2 * i + 2] = pieces(_log(1024, c), 2)
    return centres, logs


CENTRES, MINUS_LOG_CENTRES = _centres()
THIRD, THIRD_LOW = pieces(_ONE // 3, 2)
FIFTH, FIFTH_LOW = pieces(_ONE // 5, 2)
SEVENTH, SEVENTH_LOW = pieces(_ONE // 7, 2)
