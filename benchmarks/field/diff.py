"""What changed between two documents of the field, for example by a new version of a library."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from benchmarks.field import view

Document = Mapping[str, Any]


def lines(old: Document, new: Document) -> Iterator[tuple[bool, str]]:
    """Each change, and whether it is for the worse.

    Worse is a lower level, a new finding, or a unit that is no longer run. Times are not compared.
    """
    for key, was, now in _pairs(old, new, lambda d: {x["key"]: x for x in d["libraries"]}):
        for name in sorted({*was.get("versions", {}), *now.get("versions", {})}):
            before, after = was.get("versions", {}).get(name), now.get("versions", {}).get(name)
            if before != after:
                yield False, f"{key}: {name} {before or 'absent'} -> {after or 'absent'}"
    for place, was, now in _pairs(old, new, _units):
        yield from _of_unit("/".join(place), was, now)


def _of_unit(place: str, was: Document, now: Document) -> Iterator[tuple[bool, str]]:
    if not was or not now:
        yield not now, f"{place}: {'no longer run' if not now else 'now run'}"
        return
    if was["level"] != now["level"]:
        yield view.rank(now) < view.rank(was), f"{place}: {was['level'] or 'none'} -> {now['level'] or 'none'}"
    if was["worst_ulp"] != now["worst_ulp"]:
        errors = f"{view.number(was['worst_ulp'])} -> {view.number(now['worst_ulp'])}"
        yield False, f"{place}: largest error {errors} ulp"
    before, after = ({f["id"]: f for f in unit["findings"]} for unit in (was, now))
    for name in sorted(before.keys() ^ after.keys()):
        found = name in after
        yield found, f"{place}: {'new' if found else 'gone'}: {(after if found else before)[name]['summary']}"


def _units(document: Document) -> dict[tuple[str, ...], Document]:
    return {(r["library"], r["operation"], r["format"]): r for r in view.measured(document)}


def _pairs(old: Document, new: Document, index: Any) -> Iterator[tuple[Any, Any, Any]]:
    before, after = index(old), index(new)
    for key in sorted(before.keys() | after.keys()):
        yield key, before.get(key, {}), after.get(key, {})
