"""Witnesses that a person understands: a failing case made smaller while it still fails the same way.

First the recipe (fewer rows, fewer classes, plain layout), then the explicit values (fewer classes, zeros, round
numbers near the threshold). Greedy and deterministic; the number of calls is bounded.

A smaller witness must stay telling: where the error is many times the limit, a witness at 1.1 times the limit would
read as rounding. So a step is taken only if error/limit stays at least 16, or a quarter of what it was where that is
less; below twice the limit it may not fall at all. A quarter leaves room for fewer rows and rounder numbers, which
change errors by small factors.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from softcert.cases.call import Call
from softcert.cases.case import Case
from softcert.cases.inputs import Inputs, explicit, round_to
from softcert.engine import telling
from softcert.properties.check import Check
from softcert.properties.judged_call import JudgedCall
from softcert_oracle.numbers import formats


@dataclass(frozen=True, eq=False)
class Witness:
    """A call that shows a violation: the check that fails, and the output, where there is one."""

    call: Call
    check: Check
    output: JudgedCall | None = None

    @property
    def case(self) -> Case:
        """The recipe."""
        return self.call.case

    @property
    def inputs(self) -> Inputs:
        """The inputs of the call."""
        return self.call.inputs


Fails = Callable[[Case], Witness | None]
"""Judges a case; gives the witness if it fails in the same way as the first one, or None."""

CALLS = 160
_KEPT = 0.25  # share of error/limit that a smaller witness keeps
_NEVER_BELOW = 2.0  # times the limit
_THRESHOLD = 2e-4  # relative: how near to the threshold the largest logit of a witness is moved
_EXPLICIT = 64  # up to so many classes a witness is written out


class _Budget:
    def __init__(self, fails: Fails, least: float) -> None:
        self.fails, self.left, self.least = fails, CALLS, least

    def __call__(self, case: Case) -> Witness | None:
        if self.left <= 0:
            return None
        self.left -= 1
        found = self.fails(case)
        return None if found is None or found.check.ratio < self.least else found


def least_ratio(ratio: float) -> float:
    """The smallest error/limit that a smaller witness may have, given that of the first one.

    Examples
    --------
    >>> [least_ratio(r) for r in (float("inf"), 1000.0, 20.0, 3.0, 1.5)]
    [16.0, 16.0, 5.0, 2.0, 1.5]
    """
    return min(telling.PLAIN_RATIO, max(ratio * _KEPT, min(ratio, _NEVER_BELOW)))


def shrink(first: Witness, fails: Fails) -> Witness:
    """The smallest witness found that fails in the same way as the first one.

    Parameters
    ----------
    first
        A failing call.
    fails
        Judges a smaller case. It is asked at most `CALLS` times.
    """
    attempt = _Budget(fails, least_ratio(first.check.ratio))
    best = first
    for stage in (_recipe, _rows, _classes, _values):
        best = stage(best, attempt)
    return best


def _first(best: Witness, candidates: Iterable[Case], attempt: _Budget) -> Witness | None:
    """The first candidate that fails alike; None where none does, or no call is left."""
    for candidate in candidates:
        if attempt.left <= 0:  # candidates are not free either: a batch is written out for each
            return None
        if candidate != best.case and (smaller := attempt(candidate)) is not None:
            return smaller
    return None


def _recipe(best: Witness, attempt: _Budget) -> Witness:
    case = best.case
    for change in ({"state": "once"}, {"kind": "arrays"}, {"layout": "C"}, {"label_dtype": "int64"}):
        best = _first(best, [best.case.with_(**change)], attempt) or best
    for name, _ in case.options:
        fewer = tuple(o for o in best.case.options if o[0] != name)
        best = _first(best, [best.case.with_(options=fewer)], attempt) or best
    if case.rows is not None:
        return best
    for rows in (1, 2):
        if best.case.rows_count > rows:
            best = _first(best, [best.case.with_(rows_count=rows)], attempt) or best
    low, high = 0, best.case.classes
    while high - low > max(1, high // 64):
        # Bisection on the number of classes: what fails with many and passes with few has a threshold between.
        middle = (low + high) // 2
        found = _first(best, [best.case.with_(classes=middle)], attempt) if middle else None
        if found:
            best, high = found, middle
        else:
            low = middle
    return best


def _written(best: Witness) -> tuple[np.ndarray, np.ndarray] | None:
    """Logits and labels of a witness small enough to be written out; None for an empty or a larger one."""
    m, C = best.inputs.exact.shape
    if m * C == 0 or m * C > 4 * _EXPLICIT:
        return None
    return _arrays(best)


def _arrays(best: Witness) -> tuple[np.ndarray, np.ndarray]:
    return best.inputs.exact, best.inputs.indices


def _rows(best: Witness, attempt: _Budget) -> Witness:
    written = _written(best)
    if written is None:
        return best
    x, labels = written
    best = _first(best, [explicit(best.case, x, labels)], attempt) or best
    m = len(x)
    if m == 1:
        return best
    first = best.check.index[0] if best.check.index else 0
    order = [first, *[k for k in range(m) if k != first]]
    singles = (explicit(best.case, x[[k]], labels[[k]]) for k in order[:4])
    found = _first(best, singles, attempt)
    if found:
        return found
    for k in range(m - 1, -1, -1):
        x, labels = _arrays(best)
        if len(x) > 1 and k < len(x):
            keep = np.arange(len(x)) != k
            best = _first(best, [explicit(best.case, x[keep], labels[keep])], attempt) or best
    return best


def _subset(best: Witness, keep: list[int]) -> Case:
    x, labels = _arrays(best)
    position = {c: k for k, c in enumerate(keep)}
    moved = np.array([position.get(int(v), 0) for v in labels])
    return explicit(best.case, x[:, keep], moved)


def _classes(best: Witness, attempt: _Budget) -> Witness:
    if best.case.rows is None:
        return best
    x, labels = _arrays(best)
    C = x.shape[1]
    column = best.check.index[1] if len(best.check.index) > 1 else int(labels[0])
    top, bottom = (int(np.argmax(np.nan_to_num(f * x[0], nan=-1, posinf=1e308, neginf=-1e308))) for f in (1, -1))
    telling = dict.fromkeys((column, int(labels[0]), top, bottom))
    subsets: list[list[int]] = [[c] for c in telling]
    subsets += [sorted({a, b}) for a in telling for b in telling if a < b]
    subsets += [sorted({column, top, bottom, int(labels[0])})]
    found = _first(best, (_subset(best, s) for s in subsets if len(s) < C), attempt)
    best = found or best
    chunk = best.case.classes // 2
    while chunk >= 1 and best.case.classes > 1:
        start = 0
        while start < best.case.classes and best.case.classes > 1:
            keep = [c for c in range(best.case.classes) if not start <= c < start + chunk]
            found = _first(best, [_subset(best, keep)], attempt) if keep else None
            if found:
                best = found
            else:
                start += chunk
        chunk //= 2
    return best


def _values(best: Witness, attempt: _Budget) -> Witness:
    if best.case.rows is None:
        return best
    for index in np.ndindex(*_arrays(best)[0].shape):
        value = float(_arrays(best)[0][index])
        if attempt.left <= 0 or not math.isfinite(value):
            continue
        written = _all_written(best)
        best = _first(best, (_replaced(written, index, v) for v in _simpler(value)), attempt) or best
    x, _ = _arrays(best)
    finite = np.where(np.isfinite(x), np.abs(x), 0.0)
    index = tuple(int(k) for k in np.unravel_index(int(np.argmax(finite)), x.shape))
    return _threshold(best, index, attempt)


def _simpler(value: float) -> Iterator[float]:
    """Rounder numbers near a value, the roundest first."""
    yield 0.0
    if abs(value) < 1e15:
        for digits in (0, 1, 2):
            scale = 10.0**digits
            for rounded in (math.trunc(value * scale), math.copysign(math.ceil(abs(value) * scale), value)):
                yield rounded / scale
    for digits in (1, 2, 3):
        yield float(f"{value:.{digits}g}")


def _all_written(best: Witness) -> Case:
    """The recipe with its labels written out as well."""
    case = best.case
    return case if case.label_values is not None and not case.parameters else explicit(case, *_arrays(best))


def _replaced(case: Case, index: tuple[int, ...], value: float) -> Case:
    """A case that is written out, with another logit at one place; the others' texts stay."""
    assert case.rows is not None
    k, c = index
    row = case.rows[k]
    text = round_to(value, formats.lookup(case.format)).hex()
    return case.with_(rows=(*case.rows[:k], (*row[:c], text, *row[c + 1 :]), *case.rows[k + 1 :]))


def _threshold(best: Witness, index: tuple[int, ...], attempt: _Budget) -> Witness:
    """Move the largest logit towards 0 until it only just fails, and end on a short decimal."""
    bad, good = float(_arrays(best)[0][index]), 0.0
    if not math.isfinite(bad) or bad == 0:
        return best
    for _ in range(24):
        if abs(bad - good) <= _THRESHOLD / 4 * abs(bad):
            break
        middle = (bad + good) / 2
        found = _first(best, [_replaced(_all_written(best), index, middle)], attempt)
        if found:
            best, bad = found, middle
        else:
            good = middle
    for digits in range(4):
        scale = 10.0**digits
        shorter = math.copysign(math.ceil(abs(bad) * scale) / scale, bad)
        if abs(shorter - bad) <= _THRESHOLD * abs(bad):
            return _first(best, [_replaced(_all_written(best), index, shorter)], attempt) or best
    return best
