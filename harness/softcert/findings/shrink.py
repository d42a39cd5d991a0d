"""Witnesses that a person understands: a failing case made smaller while it still fails the same way.

First the recipe (fewer rows, fewer classes, plain layout), then the explicit values (fewer classes, zeros, round
numbers near the threshold). Greedy and deterministic; the number of calls is bounded.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

import numpy as np

from softcert.cases.case import Case
from softcert.cases.inputs import build, explicit
from softcert.properties.check import Check
from softcert_oracle.numbers import formats

Fails = Callable[[Case], Check | None]
"""Judges a case; gives the check that fails in the same way as the witness, or None."""

CALLS = 160
_THRESHOLD = 2e-4  # relative: how near to the threshold the largest logit of a witness is moved
_EXPLICIT = 64  # up to so many classes a witness is written out


class _Budget:
    def __init__(self, fails: Fails) -> None:
        self.fails, self.left = fails, CALLS

    def __call__(self, case: Case) -> Check | None:
        if self.left <= 0:
            return None
        self.left -= 1
        return self.fails(case)


def shrink(case: Case, check: Check, fails: Fails) -> tuple[Case, Check]:
    """The smallest case found that fails in the same way, and its check."""
    attempt = _Budget(fails)
    best = (case, check)
    for stage in (_recipe, _rows, _classes, _values):
        best = stage(best, attempt)
    return best


Best = tuple[Case, Check]


def _try(best: Best, candidates: Iterator[Case], attempt: _Budget) -> Best | None:
    for candidate in candidates:
        if candidate != best[0] and (check := attempt(candidate)) is not None:
            return candidate, check
    return None


def _recipe(best: Best, attempt: _Budget) -> Best:
    case = best[0]
    for change in ({"state": "once"}, {"layout": "C"}, {"label_dtype": "int64"}):
        best = _try(best, iter([best[0].with_(**change)]), attempt) or best
    for name, _ in case.options:
        fewer = tuple(o for o in best[0].options if o[0] != name)
        best = _try(best, iter([best[0].with_(options=fewer)]), attempt) or best
    if case.rows is not None:
        return best
    for rows in (1, 2):
        if best[0].rows_count > rows:
            best = _try(best, iter([best[0].with_(rows_count=rows)]), attempt) or best
    low, high = 0, best[0].classes
    while high - low > max(1, high // 64):
        # Bisection on the number of classes: what fails with many and passes with few has a threshold between.
        middle = (low + high) // 2
        found = _try(best, iter([best[0].with_(classes=middle)]), attempt) if middle else None
        if found:
            best, high = found, middle
        else:
            low = middle
    return best


def _written(best: Best) -> tuple[np.ndarray, np.ndarray] | None:
    inputs = build(best[0])
    m, C = inputs.exact.shape
    if m * C == 0 or m * C > 4 * _EXPLICIT:
        return None
    return inputs.exact, inputs.labels.astype(np.int64)


def _rows(best: Best, attempt: _Budget) -> Best:
    written = _written(best)
    if written is None:
        return best
    x, labels = written
    best = _try(best, iter([explicit(best[0], x, labels)]), attempt) or best
    m = len(x)
    if m == 1:
        return best
    first = best[1].index[0] if best[1].index else 0
    order = [first, *[k for k in range(m) if k != first]]
    singles = (explicit(best[0], x[[k]], labels[[k]]) for k in order[:4])
    found = _try(best, singles, attempt)
    if found:
        return found
    for k in range(m - 1, -1, -1):
        x, labels = _arrays(best[0])
        if len(x) > 1 and k < len(x):
            keep = np.arange(len(x)) != k
            best = _try(best, iter([explicit(best[0], x[keep], labels[keep])]), attempt) or best
    return best


def _arrays(case: Case) -> tuple[np.ndarray, np.ndarray]:
    inputs = build(case)
    return inputs.exact, inputs.labels.astype(np.int64)


def _subset(case: Case, keep: list[int]) -> Case:
    x, labels = _arrays(case)
    position = {c: k for k, c in enumerate(keep)}
    moved = np.array([position.get(int(v), 0) for v in labels])
    return explicit(case, x[:, keep], moved)


def _classes(best: Best, attempt: _Budget) -> Best:
    if best[0].rows is None:
        return best
    x, labels = _arrays(best[0])
    C = x.shape[1]
    column = best[1].index[1] if len(best[1].index) > 1 else int(labels[0])
    top, bottom = (int(np.argmax(np.nan_to_num(f * x[0], nan=-1, posinf=1e308, neginf=-1e308))) for f in (1, -1))
    telling = dict.fromkeys((column, int(labels[0]), top, bottom))
    subsets: list[list[int]] = [[c] for c in telling]
    subsets += [sorted({a, b}) for a in telling for b in telling if a < b]
    subsets += [sorted({column, top, bottom, int(labels[0])})]
    found = _try(best, (_subset(best[0], s) for s in subsets if len(s) < C), attempt)
    best = found or best
    chunk = best[0].classes // 2
    while chunk >= 1 and best[0].classes > 1:
        start = 0
        while start < best[0].classes and best[0].classes > 1:
            keep = [c for c in range(best[0].classes) if not start <= c < start + chunk]
            found = _try(best, iter([_subset(best[0], keep)]), attempt) if keep else None
            if found:
                best = found
            else:
                start += chunk
        chunk //= 2
    return best


def _values(best: Best, attempt: _Budget) -> Best:
    if best[0].rows is None:
        return best
    for index in np.ndindex(*_arrays(best[0])[0].shape):
        x, labels = _arrays(best[0])
        value = float(x[index])
        if not math.isfinite(value):
            continue
        best = _try(best, (_replaced(best[0], x, labels, index, v) for v in _simpler(value)), attempt) or best
    x, labels = _arrays(best[0])
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


def _replaced(case: Case, x: np.ndarray, labels: np.ndarray, index: tuple[int, ...], value: float) -> Case:
    changed = x.copy()
    changed[index] = _in_format(value, case.format)
    return explicit(case, changed, labels)


def _in_format(value: float, format: str) -> float:
    with np.errstate(over="ignore"):
        rounded = float(np.float64(np.array(value).astype(formats.lookup(format).dtype)))
    return rounded if math.isfinite(rounded) else value


def _threshold(best: Best, index: tuple[int, ...], attempt: _Budget) -> Best:
    """Move the largest logit towards 0 until it only just fails, and end on a short decimal."""
    x, labels = _arrays(best[0])
    bad, good = float(x[index]), 0.0
    if not math.isfinite(bad) or bad == 0:
        return best
    for _ in range(24):
        if abs(bad - good) <= _THRESHOLD / 4 * abs(bad):
            break
        middle = (bad + good) / 2
        found = _try(best, iter([_replaced(best[0], x, labels, index, middle)]), attempt)
        if found:
            best, bad = found, middle
        else:
            good = middle
    for digits in range(4):
        scale = 10.0**digits
        shorter = math.copysign(math.ceil(abs(bad) * scale) / scale, bad)
        if abs(shorter - bad) <= _THRESHOLD * abs(bad):
            return _try(best, iter([_replaced(best[0], x, labels, index, shorter)]), attempt) or best
    return best
