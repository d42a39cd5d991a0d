"""JSON data changed in one place, in every way that a forger or an accident may change them."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from typing import Any

from hypothesis import strategies as st

Path = tuple[int | str, ...]

WORDS = (
    "", "certified", "not certified", "inconclusive", "pass", "fail", "expected fail", "vacuous", "not run",
    "sound", "stable", "accurate", "faithful", "none", "process", "complete", "interrupted", "right", "wrong",
    "softmax", "logsumexp", "float32", "float64", "accuracy", "sound_accuracy", "finite", "*", "inf", "nan", "-inf",
    "0x0.0p+0", "0x1.0p+0", "-0x1.0p+0", "sha256:" + "0" * 64, "../../etc", "\n::error::x", "\u202e", "\x00", "x" * 300,
)  # fmt: skip
"""Texts that mean something to a reader of documents, and some that should mean nothing."""

VALUES = st.one_of(
    st.sampled_from(WORDS),
    st.sampled_from([0, 1, -1, 2, 3, 49, 51, 10**30, True, False, None, 0.0, 1.5, float("nan"), float("inf")]),
    st.sampled_from([[], {}, [[]], [0], {"softmax": {}}, {"float": "nan"}, "wrong-accuracy"]),
)


def paths(data: Any, at: Path = ()) -> Iterator[Path]:
    """The way to every value in JSON data, the whole left out."""
    items = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, item in items:
        yield (*at, key)
        yield from paths(item, (*at, key))


def _parent(data: Any, path: Path) -> Any:
    for key in path[:-1]:
        data = data[key]
    return data


@st.composite
def mutated(draw: st.DrawFn, data: Any, changes: int = 1) -> Any:
    """The data with up to so many changes: a value replaced, moved, taken out, put in twice, or counted otherwise."""
    changed = copy.deepcopy(data)
    for _ in range(draw(st.integers(1, changes))):
        path = draw(st.sampled_from(list(paths(changed)) or [()]))
        if not path:
            break
        draw(st.sampled_from(_CHANGES))(draw, changed, path)
    return changed


def _replace(draw: st.DrawFn, data: Any, path: Path) -> None:
    _parent(data, path)[path[-1]] = copy.deepcopy(draw(VALUES))


def _remove(draw: st.DrawFn, data: Any, path: Path) -> None:
    del _parent(data, path)[path[-1]]


def _repeat(draw: st.DrawFn, data: Any, path: Path) -> None:
    parent = _parent(data, path)
    if isinstance(parent, list):
        parent.append(copy.deepcopy(parent[path[-1]]))  # type: ignore[index]
    else:
        parent[draw(st.sampled_from(WORDS))] = copy.deepcopy(parent[path[-1]])


def _move(draw: st.DrawFn, data: Any, path: Path) -> None:
    other = draw(st.sampled_from(list(paths(data))))
    _parent(data, path)[path[-1]] = copy.deepcopy(_parent(data, other)[other[-1]])


def _count(draw: st.DrawFn, data: Any, path: Path) -> None:
    parent = _parent(data, path)
    if isinstance(parent[path[-1]], int):  # type: ignore[index]
        parent[path[-1]] += draw(st.integers(-3, 3))  # type: ignore[index]


_CHANGES: list[Callable[[st.DrawFn, Any, Path], None]] = [_replace, _replace, _remove, _repeat, _move, _count]


def same(one: Any, other: Any) -> bool:
    """Whether two values are the same JSON: 0, 0.0 and False are three."""
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)
