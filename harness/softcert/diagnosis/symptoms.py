"""Circumstances: families that are known by how, when or in what form a subject fails, whatever its values are.

Each answers with its share of the failing probes, less where the same circumstance did no harm: a likeness that is
comparable with that of a model.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from softcert.diagnosis.probes import Probe
from softcert.diagnosis.similarity import Suspect
from softcert.engine.repeatability import Steadiness
from softcert.findings.collect import Found
from softcert_implementations.gallery.defects import REMEDIES

_FORMS = frozenset({"completes", "result_format", "result_shape", "input_unchanged"})
_BY_PLACE = 0.6  # weight of what is known by where it fails alone: any model that gives the same values goes before
_MOSTLY = 0.75  # least share of the failing calls that "and only there" may be said of
_RIGHT_ELSEWHERE = 3  # calls of another kind that must have been right
_PLAIN_LAYOUTS = ("C", "read-only", "offset")


@dataclass(frozen=True)
class Circumstance:
    """``harmed`` says which failing probes it accounts for, ``met`` which probes are of its kind at all.

    ``only`` for a kind that explains by being the only one to fail: then the subject must be right elsewhere.
    """

    family: str
    behaves: str
    harmed: Callable[[Probe], bool]
    met: Callable[[Probe], bool]
    weight: float = 1.0
    only: bool = False

    def likeness(self, probes: list[Probe]) -> float:
        """Failing probes that it accounts for, among those that fail or should."""
        if not any(p.failing and self.met(p) for p in probes):
            return 0.0
        either = [p for p in probes if p.failing or self.met(p)]
        share = sum(p.failing and self.harmed(p) for p in either) / len(either)
        if self.only and (share < _MOSTLY or sum(not (p.failing or self.met(p)) for p in probes) < _RIGHT_ELSEWHERE):
            return 0.0
        return self.weight * share


def suspects(
    operation: str, probes: list[Probe], found: Iterable[Found], steadiness: Steadiness | None
) -> Iterator[tuple[float, Suspect]]:
    """Every circumstance with its likeness to the subject."""
    listed = list(found)
    for circumstance in (*_FORM, *_PLACES):
        yield circumstance.likeness(probes), _suspect(operation, circumstance.family, circumstance.behaves)
    if family := _form(listed):
        yield 1.1, _suspect(operation, *family)
    if any((f.property, f.cause) == ("repeatable", "overwritten") for f in listed):
        alone = all(f.property == "repeatable" for f in listed)
        text = "a result is overwritten by the call after it"
        yield (1.0 if alone else _BY_PLACE), _suspect(operation, "state between calls", text)
    if steadiness is not None and steadiness.repeated:
        unsteady = 1 - steadiness.steady / steadiness.repeated
        for kind, (family_, text) in _KINDS.items():
            # A function of the input gives the same each time: no model that is one can explain what does not.
            yield min(1.0, 2 * unsteady) * steadiness.share(kind), _suspect(operation, family_, text)


_KINDS = {
    "random": ("random result", "equal calls give different results, each time"),
    "state": ("state between calls", "the result depends on the call before"),
    "race": ("race", "equal calls give different results now and then"),
}


def _suspect(operation: str, family: str, behaves: str) -> Suspect:
    return Suspect(behaves, family, operation, lambda: lambda *arguments: None, behaves, remedy=REMEDIES[family])


def _form(found: list[Found]) -> tuple[str, str] | None:
    """The family of a result that is no array, or an array of another format."""
    causes = [f.cause for f in found if f.property == "result_format"]
    if not causes or any(f.property not in ("result_format", "finite", "accuracy") for f in found):
        return None
    if causes[0].startswith("returns "):
        return "wrong result format", causes[0]
    return "wrong result form", "returns something else than an array"


def _flagged(name: str) -> Callable[[Probe], bool]:
    return lambda p: name in p.flags


def _one(p: Probe) -> bool:
    return p.case.rows_count == 1 or p.case.classes == 1


_FORM = (
    Circumstance(
        "valid input refused", "raises an exception for valid input",
        lambda p: "completes" in p.flags and "input_unchanged" not in p.flags, _flagged("completes"),
    ),
    Circumstance(
        "in-place overwrite", "writes into its input, and fails where that is read-only",
        lambda p: bool(p.flags & {"input_unchanged", "completes"}), _flagged("input_unchanged"),
    ),
    Circumstance(
        "squeezed dimension", "loses a dimension of length 1",
        lambda p: "result_shape" in p.flags and _one(p), _flagged("result_shape"),
    ),
    Circumstance("wrong result form", "returns another shape", _flagged("result_shape"), _flagged("result_shape"), 0.9),
)  # fmt: skip


def _value(p: Probe) -> bool:
    return not p.flags & _FORMS


def _unusual(p: Probe) -> bool:
    return p.case.layout not in _PLAIN_LAYOUTS


def _classes_over(n: int) -> Callable[[Probe], bool]:
    return lambda p: p.case.classes > n


def _left_over(width: int) -> Callable[[Probe], bool]:
    return lambda p: p.case.classes % width != 0


def _with_nan(p: Probe) -> bool:
    return p.accepted is not None and "any NaN" in p.accepted.row_names


def _number_for_nan(p: Probe) -> bool:
    return _with_nan(p) and p.got is not None and bool(np.isfinite(p.got[p.wrong_there]).all())


def _place(family: str, behaves: str, met: Callable[[Probe], bool], weight: float = _BY_PLACE) -> Circumstance:
    return Circumstance(family, behaves, lambda p: _value(p) and met(p), met, weight, only=True)


_PLACES = (
    _place("strides", "goes wrong in views that are not contiguous, and only there", _unusual, 0.8),
    _place("memory beyond the view", "goes wrong in slices of wider rows, and only there",
           lambda p: p.case.layout == "row stride", 0.8),
    Circumstance("NaN hidden", "gives a number where the input holds NaN", _number_for_nan, _number_for_nan, 0.8),
    *(_place("capacity exceeded", f"goes wrong above {n} classes, and only there", _classes_over(n))
      for n in (31, 63, 127, 255, 511, 1023, 2047, 4095, 8191)),
    *(_place("index overflow", f"goes wrong above {n} classes, and only there", _classes_over(n))
      for n in (32767, 65535)),
    *(_place("vector tail", f"goes wrong where the number of classes is no multiple of {n}, and only there",
             _left_over(n)) for n in (2, 4, 8, 16, 32, 64)),
    _place("capacity exceeded", "goes wrong above 100 rows, and only there", lambda p: p.case.rows_count > 100),
)  # fmt: skip
