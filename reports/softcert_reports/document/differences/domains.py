"""Whether a run speaks of less than it did: sizes, regimes, numbers of cases, and what was left out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from softcert_reports.document.records import Domain, LeftOut

FACTOR = 1.5
"""Numbers of cases and largest logits that shrink by less are within what another seed draws."""


def narrowed(before: Domain, after: Domain) -> Iterator[tuple[str, str, str]]:
    """What a domain has lost, with the old and the new value.

    Examples
    --------
    >>> where = {"subject": "mine", "operation": "softmax", "format": "float32"}
    >>> list(narrowed(Domain(**where, classes=(1, 64)), Domain(**where, classes=(1, 8))))
    [('classes', '1 to 64', '1 to 8')]
    """
    for name in ("classes", "rows"):
        was, now = getattr(before, name), getattr(after, name)
        if was and (not now or now[0] > was[0] or now[-1] < was[-1]):
            yield name, _span(was), _span(now)
    largest = before.largest_abs_logit or 0.0, after.largest_abs_logit or 0.0
    if largest[0] > FACTOR * largest[1]:
        yield "largest logit", f"{largest[0]:.6g}", f"{largest[1]:.6g}"
    if gone := [name for name in before.regimes if not after.regimes.get(name)]:
        yield "regimes", f"with {', '.join(gone)}", "without"
    cases = sum(before.regimes.values()), sum(after.regimes.values())
    if cases[0] > FACTOR * cases[1]:
        yield "cases", str(cases[0]), str(cases[1])
    for name, title in (("left_out", "cases left out"), ("not_run", "calls not made")):
        counts = _total(getattr(before, name)), _total(getattr(after, name))
        if counts[1] > FACTOR * counts[0]:
            yield title, str(counts[0]), str(counts[1])


def _span(values: tuple[int, ...]) -> str:
    return f"{values[0]} to {values[-1]}" if values else "none"


def _total(entries: Iterable[LeftOut]) -> int:
    return sum(entry.count for entry in entries)
