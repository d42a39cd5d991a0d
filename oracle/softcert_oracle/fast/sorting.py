"""The stable order of a row by its logits; compiled.

Logits of most rows lie evenly enough to be dealt out to as many buckets as there are classes, which leaves each near
its place: then insertion puts them in order. Rows that are not so (a few logits far from the rest) are sorted by the
bytes of their keys.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from softcert_oracle.fast.error_free import bits_of
from softcert_oracle.fast.jit import embedded

DIGITS = 256
"""Values of a byte."""

_FEW = 48
_MOVES = 6
"""For each class: insertion that needs more gives up."""
_ALL_BUT_SIGN = (1 << 63) - 1
_INFINITY = np.inf


@embedded
def sort_by_logit(x: Any, places: Any, keys: Any, spare: Any) -> None:
    """``places`` becomes the stable order of x, ascending: by insertion for few, else by buckets or bytes."""
    n = x.size
    for j in range(n):
        bits = bits_of(x[j] + 0.0)  # -0 counts as 0
        keys[j] = bits ^ ((bits >> 63) & _ALL_BUT_SIGN)
        places[j] = j
    if n <= _FEW:
        _by_insertion(n, n * n, keys, places)
        return
    if _by_buckets(x, places, keys, spare):
        return
    _by_bytes(n, places, keys, spare)


@embedded
def _by_bytes(n: int, places: Any, keys: Any, spare: Any) -> None:
    """Sort places and keys by the bytes of the keys in which any two differ, the lowest first."""
    differing = np.int64(0)
    for j in range(n):
        differing |= keys[j] ^ keys[0]
    spare_keys, spare_places, starts = spare[0], spare[1], spare[2]
    for byte in range(8):
        if (differing >> (8 * byte)) & 255 == 0:
            continue
        bias = 128 if byte == 7 else 0
        for digit in range(DIGITS):
            starts[digit] = 0
        for j in range(n):
            starts[(((keys[j] >> (8 * byte)) & 255) + bias) & 255] += 1
        total = 0
        for digit in range(DIGITS):
            count = starts[digit]
            starts[digit] = total
            total += count
        for j in range(n):
            digit = (((keys[j] >> (8 * byte)) & 255) + bias) & 255
            spare_keys[starts[digit]], spare_places[starts[digit]] = keys[j], places[j]
            starts[digit] += 1
        for j in range(n):
            keys[j], places[j] = spare_keys[j], spare_places[j]


@embedded
def _by_insertion(n: int, most: int, keys: Any, places: Any) -> bool:
    """Sort keys, and places with them; False, and whatever order, after more than ``most`` moves."""
    moves = 0
    for j in range(1, n):
        key, place, i = keys[j], places[j], j
        while i > 0 and keys[i - 1] > key:
            keys[i], places[i] = keys[i - 1], places[i - 1]
            i -= 1
        keys[i], places[i] = key, place
        moves += j - i
        if moves > most:
            return False
    return True


@embedded
def _by_buckets(x: Any, places: Any, keys: Any, spare: Any) -> bool:
    """Sort places by x; False, with keys and places as they were, where logits lie too unevenly."""
    n = x.size
    low, high = _INFINITY, -_INFINITY
    for j in range(n):
        v = x[j]
        high = max(high, v)
        low = min(low, v if v != -_INFINITY else _INFINITY)
    scale = (n - 1) / (high - low) if high > low else _INFINITY
    if not scale < _INFINITY:
        return False
    sorted_keys, bucket, starts = spare[0], spare[1], spare[2]
    for b in range(n + 2):
        starts[b] = 0
    for j in range(n):
        v = x[j]
        b = 0 if v == -_INFINITY else 1 + min(int((v - low) * scale), n - 1)
        bucket[j] = b
        starts[b + 1] += 1
    for b in range(1, n + 2):
        starts[b] += starts[b - 1]
    for j in range(n):
        place = starts[bucket[j]]
        starts[bucket[j]] = place + 1
        sorted_keys[place], places[place] = keys[j], j
    if _by_insertion(n, _MOVES * n, sorted_keys, places):
        return True
    for j in range(n):
        places[j] = j
    return False
