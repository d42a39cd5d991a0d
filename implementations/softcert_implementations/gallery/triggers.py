"""Triggers as conditions: whether the sentence that says when a defect shows admits an input.

The sentences of the gallery say when a defect shows: "m > 1", "a logit > 88 (float32), 709 (float64)". What they state
of sizes, labels, logits and layouts is read from them here, so that a diagnosis never prints a trigger that its own
witness contradicts. What a sentence says beyond that is taken as met: an input is refused only where a condition that
was understood does not hold.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

_SLACK = 0.97  # thresholds in sentences are rounded: 88 stands for 88.72


@dataclass(frozen=True, eq=False, kw_only=True)
class Input:
    """What conditions are about.

    Attributes
    ----------
    x
        Logits (m, C), float64.
    labels
        Class indices (m,), or None for an operation without labels.
    format
        The name of the format.
    contiguous
        Whether the logits lie in memory as one C-contiguous block.
    """

    x: np.ndarray
    labels: np.ndarray | None = None
    format: str = "float32"
    contiguous: bool = True


Condition = Callable[[Input], bool]


def admits(trigger: str, given: Input) -> bool:
    """Whether a trigger admits an input, as far as its sentence is understood.

    Parameters
    ----------
    trigger
        The sentence, as in `softcert_implementations.gallery.model.Defect`.
    given
        The input.

    Examples
    --------
    >>> one = Input(x=np.array([[0.0, -7.625]]))
    >>> admits("m > 1", one), admits("a large common offset, |x| >= 1e5", one), admits("any input", one)
    (False, False, True)
    """
    if given.x.size == 0:  # what is said of logits, or of many rows, is said of none here
        return not understood(trigger)
    ways = _ways(trigger)
    return any(all(condition(given) for condition in conditions) for conditions in ways)


def understood(trigger: str) -> bool:
    """Whether a trigger states a condition that can be evaluated."""
    return all(bool(conditions) for conditions in _ways(trigger))


@lru_cache(maxsize=1024)
def _ways(trigger: str) -> tuple[tuple[Condition, ...], ...]:
    """The conditions of each alternative of a sentence, without its explanation."""
    head = re.split(r"[:;]", trigger, maxsplit=1)[0]
    head = re.sub(r" \((?!float|\d+\))[^)]*\)", "", head)
    return tuple(_conditions(part) for part in re.split(r",? or ", head))


def _conditions(text: str) -> tuple[Condition, ...]:
    found = []
    for pattern, make in _PATTERNS:
        if match := re.search(pattern, text):
            found.append(make(match))
            text = text[: match.start()] + text[match.end() :]
    return tuple(found)


_NUMBER = r"(?P<n>-?\d+(?:\.\d+)?(?:e\d+)?)"
_BY_FORMAT = r"(?P<by>(?: \(\w+\)(?:, -?[\d.e]+ \(\w+\))*)?)"
_SIZE = _NUMBER + _BY_FORMAT


def _threshold(match: re.Match[str], given: Input) -> float:
    """The number of a condition in a format: the one named for it, else that of float32, which 16 bits work in."""
    first = float(match["n"])
    named: dict[str, float] = {}
    if tail := match["by"]:
        for number, name in re.findall(r"(-?[\d.e]+) \((float\d+)\)", f"{match['n']}{tail}"):
            named[name] = float(number)
        if single := re.fullmatch(r" \((\d+)\)", tail):  # "88 (709)"
            named = {"float32": first, "float64": float(single[1])}
    return named.get(given.format, named.get("float32", first))


def _count(text: str, condition: Callable[[Input, int], bool]) -> tuple[str, Callable[[re.Match[str]], Condition]]:
    return text, lambda match: lambda given: condition(given, int(match[1]))


def _size(text: str, condition: Callable[[Input, float], bool]) -> tuple[str, Callable[[re.Match[str]], Condition]]:
    return text.replace("N", _SIZE, 1), lambda match: lambda given: condition(given, _threshold(match, given))


def _word(text: str, condition: Condition) -> tuple[str, Callable[[re.Match[str]], Condition]]:
    return text, lambda _: condition


def _below(given: Input) -> np.ndarray:
    """How far each logit lies below its row's maximum; NaN where that is no number."""
    with np.errstate(invalid="ignore"):
        below: np.ndarray = given.x.max(axis=1, keepdims=True) - given.x
        return below


def _label_below(given: Input) -> float:
    """How far the label's logit lies below the maximum, at most."""
    if given.labels is None:
        return np.inf
    inside = (given.labels >= 0) & (given.labels < given.x.shape[1])
    rows = np.flatnonzero(inside)
    return float(np.nanmax(_below(given)[rows, given.labels[rows]], initial=-np.inf))


def _label_over(given: Input, bound: float) -> bool:
    return given.labels is None or bool((given.labels > bound).any())


def _any_over(values: np.ndarray, bound: float) -> bool:
    with np.errstate(invalid="ignore"):
        return bool((values >= _SLACK * bound).any())


def _row_below(given: Input, bound: float) -> bool:
    """Whether a row lies below a (negative) bound altogether."""
    with np.errstate(invalid="ignore"):
        return bool((given.x.max(axis=1) <= _SLACK * bound).any())


def _spread(given: Input) -> np.ndarray:
    """The distance between the largest and the smallest logit of each row."""
    return np.asarray(np.nan_to_num(_below(given).max(axis=1), nan=np.inf))


def _different(labels: np.ndarray | None) -> bool:
    return labels is None or len(np.unique(labels)) > 1


_PATTERNS: tuple[tuple[str, Callable[[re.Match[str]], Condition]], ...] = (
    _count(r"\bm \* C > (\d+)", lambda g, n: g.x.size > n),
    _count(r"\bm = C > (\d+)", lambda g, n: g.x.shape[0] == g.x.shape[1] > n),
    _count(r"\bC > (\d+)", lambda g, n: g.x.shape[1] > n),
    _count(r"\bC >= (\d+)", lambda g, n: g.x.shape[1] >= n),
    _count(r"\bC < (\d+)", lambda g, n: g.x.shape[1] < n),
    _count(r"\bC = (\d+)$", lambda g, n: g.x.shape[1] == n),
    _count(r"\bC not a multiple of (\d+)", lambda g, n: g.x.shape[1] % n != 0),
    _count(r"class count that is not a multiple of (\d+)", lambda g, n: g.x.shape[1] % n != 0),
    _count(r"\bm > (\d+)", lambda g, n: g.x.shape[0] > n),
    _count(r"\bm != (\d+)", lambda g, n: g.x.shape[0] != n),
    _count(r"more than (\d+) rows", lambda g, n: g.x.shape[0] > n),
    _word(r"more rows than one", lambda g: g.x.shape[0] > 1),
    _word(r"\bm != C", lambda g: g.x.shape[0] != g.x.shape[1]),
    _word(r"\bm == C", lambda g: g.x.shape[0] == g.x.shape[1]),
    _word(r"a batch of one row", lambda g: g.x.shape[0] == 1),
    _word(r"an odd number of classes", lambda g: g.x.shape[1] % 2 == 1),
    _count(r"an odd number of rows above (\d+)", lambda g, n: g.x.shape[0] % 2 == 1 and g.x.shape[0] > n),
    _word(r"fewer classes than rows", lambda g: g.x.shape[1] < g.x.shape[0]),
    _count(r"\blabel > (\d+)", lambda g, n: _label_over(g, n)),
    _count(r"label above (\d+)", lambda g, n: _label_over(g, n)),
    _word(r"with different labels", lambda g: _different(g.labels)),
    _word(r"row with the label 0", lambda g: g.labels is None or bool((g.labels == 0).any())),
    _word(r"row with the label C - 1", lambda g: _label_over(g, g.x.shape[1] - 2)),
    _size(r"label's logit (?:more than (?:about )?|> )N below", lambda g, n: _label_below(g) >= _SLACK * n),
    _size(r"logits? (?:more than (?:about )?|> )?N below", lambda g, n: _any_over(_below(g), n)),
    _size(r"logit (?:above|beyond|>) N in absolute value", lambda g, n: _any_over(np.abs(g.x), n)),
    _size(r"logits beyond about N$", lambda g, n: _any_over(np.abs(g.x), n)),
    _size(r"\|x\| >= N", lambda g, n: _any_over(np.abs(g.x), n)),
    _size(r"a logit > N$", lambda g, n: _any_over(g.x, n)),
    _size(r"(?:every|all|with every) logits?(?: of a row)? (?:below|<) (?:about )?N$", _row_below),
    _size(r"row that spans more than N", lambda g, n: _any_over(_spread(g), n)),
    _size(r"maxima differ by more than N", lambda g, n: _any_over(np.ptp(g.x.max(axis=1, keepdims=True), axis=0), n)),
    _size(r"maximum and minimum differ by more than N", lambda g, n: _any_over(_spread(g), n)),
    _word(r"(?<!/)-inf\b", lambda g: bool(np.isneginf(g.x).any())),
    _word(r"a masked logit|masked \(-inf\)", lambda g: bool((_spread(g) > 20).any())),
    _word(r"\+inf", lambda g: bool(np.isposinf(g.x).any() or np.isnan(g.x).any())),
    _word(r"a NaN logit", lambda g: bool(np.isnan(g.x).any())),
    _word(r"any negative logit", lambda g: bool((g.x < 0).any())),
    _word(r"^equal logits", lambda g: any(len(np.unique(row)) < len(row) for row in g.x)),
    _word(r"largest logit occurs more than once", lambda g: bool(((_below(g) == 0).sum(axis=1) > 1).any())),
    _word(r"logit that is exactly 0", lambda g: bool((g.x == 0).any())),
    _word(r"logits are all 0", lambda g: bool((g.x == 0).all(axis=1).any())),
    _word(r"maximum is not 0", lambda g: bool((g.x.max(axis=1) != 0).any())),
    _word(r"any view that is not contiguous|transposed view|sliced view", lambda g: not g.contiguous),
)
"""Each pattern is taken out of the sentence where it is found: longer ones stand before their parts."""
