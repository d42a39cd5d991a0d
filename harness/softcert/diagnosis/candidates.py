"""Candidates: the models of known defects that may explain a subject, those of the gallery and the mechanisms."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

from softcert.cases.call import Call
from softcert.cases.case import Case, Layout
from softcert_implementations.gallery import DEFECTS, Defect, mechanisms, triggers
from softcert_implementations.gallery.defects import REMEDIES
from softcert_implementations.gallery.mechanisms.textbook_parts import Parts
from softcert_oracle import operations

_MECHANISM = 0.97  # a model that was seen in real code comes before a mechanism that explains as much
_OTHER_BASE = 0.9  # prefer a defect in the standard algorithm over one in a non-standard base algorithm
_LAST_RESORT = 0.93  # another function altogether: only where nothing else fits
_NARROW = frozenset({"float16", "bfloat16", "float8_e4m3fn", "float8_e5m2"})
_KNOWN_IN_PUBLIC = Counter(d.family for d in DEFECTS if "#" in d.reference)  # models with a public reference


@dataclass(frozen=True, eq=False, kw_only=True)
class CandidateDefect:
    """A model that may explain a subject.

    Attributes
    ----------
    name, family, operation, behaves, trigger, remedy, reference
        What is said of it, as in the gallery.
    fresh
        Makes its function.
    option
        The option that it models, or None.
    weight
        Below 1 for an explanation that is a step further away.
    kind
        Shared by candidates that differ in a constant only.
    near
        Candidates of the same kind with constants around its own.
    reads_only
        Whether it leaves its arguments alone, and needs no copies of them.
    fitted
        Whether its constant stands in no table.
    accounts_for
        For what is known by a failure pattern and has no model: whether a finding's property and its witness are of
        the pattern.
    formats
        The formats that a model of the gallery is right about; of a mechanism, none: it works in a wide format.
    parts, base
        What a mechanism changes of the textbook algorithm, and in which algorithm; None for a model of the gallery.
    """

    name: str
    family: str
    operation: str
    fresh: Callable[[], Callable[..., Any]]
    behaves: str
    trigger: str = ""
    remedy: str = ""
    reference: str = ""
    option: str | None = None
    weight: float = 1.0
    kind: str = ""
    near: Callable[[], Iterable[CandidateDefect]] = tuple
    reads_only: bool = False
    fitted: bool = False
    accounts_for: Callable[[str, Any], bool] | None = None
    formats: tuple[str, ...] = ()
    parts: Callable[[], Parts] | None = None
    base: str = ""

    def admits(self, call: Call) -> bool:
        """Whether a call is one on which the defect shows, as far as its trigger can be evaluated."""
        if self.formats and call.case.format in _NARROW and call.case.format not in self.formats:
            return False  # computed in a format that it does not model, it shows that format's rounding
        inputs = call.inputs
        labels = inputs.indices if operations.lookup(self.operation).takes_labels else None
        layout = call.case.layout
        given = triggers.Input(
            x=inputs.exact,
            labels=labels,
            format=call.case.format,
            contiguous=layout in (Layout.C, Layout.READ_ONLY, Layout.OFFSET),
        )
        return triggers.admits(self.trigger, given)

    def takes(self, case: Case) -> bool:
        """Whether it takes the options of a case: a model of an option takes that one."""
        if not case.options:
            return True
        given = {name for name, _ in case.options if name in operations.lookup(self.operation).options}
        return given <= {self.option}


Scored = tuple[float, CandidateDefect]
"""A candidate behind its similarity times its weight."""


def order(scored: Scored) -> tuple[float, bool, bool, int, str]:
    """The most similar first; of equals those met in public, constants of the table, and the family met most often."""
    score, candidate = scored
    in_public = "#" in candidate.reference
    return -round(score, 2), not in_public, candidate.fitted, -_KNOWN_IN_PUBLIC[candidate.family], candidate.name


@cache  # the gallery is a registry: its candidates are the same in every run
def by_weight(operation: str) -> tuple[tuple[CandidateDefect, ...], ...]:
    """Every model of an operation, those of equal weight together: the gallery first, then the mechanisms.

    Parameters
    ----------
    operation
        The operation's name.

    Returns
    -------
    tuple[tuple[CandidateDefect, ...], ...]
        The groups, those of the largest weight first; within a group the order of the tables.
    """
    groups: dict[float, list[CandidateDefect]] = {}
    of_gallery = [_of_gallery(d) for d in DEFECTS if d.operation == operation and d.arrays == "numpy"]
    for candidate in (*of_gallery, *map(_of_mechanism, mechanisms.models(operation))):
        groups.setdefault(candidate.weight, []).append(candidate)
    return tuple(tuple(groups[weight]) for weight in sorted(groups, reverse=True))


def of_families(operation: str, families: Collection[str]) -> list[CandidateDefect]:
    """The models of an operation that belong to some families, those of the largest weight first."""
    if not families:
        return []
    return [candidate for group in by_weight(operation) for candidate in group if candidate.family in families]


def _of_mechanism(m: mechanisms.Model, fitted: bool = False) -> CandidateDefect:
    family = m.mechanism.family
    weight = (_MECHANISM if m.plain else _OTHER_BASE) * (_LAST_RESORT if family == "wrong function" else 1.0)
    return CandidateDefect(
        name=m.name,
        family=family,
        operation=m.operation,
        fresh=m.fresh,
        behaves=m.behaves,
        remedy=REMEDIES[family],
        weight=weight,
        kind=f"{m.mechanism.behaves} {m.base}",
        near=lambda: (_of_mechanism(near, fitted=True) for near in m.near()),
        reads_only=True,
        fitted=fitted,
        parts=lambda: m.mechanism.change(m.constant),
        base=m.base,
    )


def _of_gallery(d: Defect) -> CandidateDefect:
    return CandidateDefect(
        name=d.name,
        family=d.family,
        operation=d.operation,
        fresh=d.fresh,
        behaves=d.behaves,
        trigger=d.trigger,
        remedy=d.remedy,
        reference=d.reference,
        option=d.option,
        formats=d.formats,
    )
