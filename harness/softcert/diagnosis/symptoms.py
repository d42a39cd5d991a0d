"""Symptoms: defect families recognised from the failure pattern (exception, shape, layout, sizes), not from values.

Each has a similarity that compares with that of a model: its share of the failing probes, less where the same pattern
did not fail.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from softcert.cases.case import Layout
from softcert.diagnosis.candidates import CandidateDefect
from softcert.diagnosis.probes import Probe
from softcert.engine.repeatability import Repeatability
from softcert.findings.collect import FindingEvidence
from softcert.properties.hygiene import RETURNS
from softcert_implementations.gallery.defects import REMEDIES

_FORMS = frozenset({"completes", "result_format", "result_shape", "input_unchanged"})
_BY_PLACE = 0.6  # weight of what is known by where it fails alone: any model that gives the same values goes before
_MOSTLY = 0.75  # least share of the failing calls that "and only there" may be said of
_RIGHT_ELSEWHERE = 3  # calls of another kind that must have been right
_PLAIN_LAYOUTS = (Layout.C, Layout.READ_ONLY, Layout.OFFSET)


@dataclass(frozen=True, kw_only=True)
class Symptom:
    """A failure pattern.

    Attributes
    ----------
    family, behaves
        The family of defects, and its behaviour in words.
    accounts_for
        Which failing probes it accounts for.
    applies_to
        Which probes are of its kind, failing or not.
    weight
        Below 1 for a weaker explanation.
    exclusive
        Whether it explains only where nothing else fails: then the subject must be right elsewhere.
    """

    family: str
    behaves: str
    accounts_for: Callable[[Probe], bool]
    applies_to: Callable[[Probe], bool]
    weight: float = 1.0
    exclusive: bool = False

    def explains(self, property_name: str, witness: Probe) -> bool:
        """Whether a finding of a property is of the pattern: its form fails, or its values do, as the pattern says."""
        form = self in _FORM
        if form != (property_name in _FORMS):
            return False
        return self.accounts_for(witness) and self.applies_to(witness)

    def similarity(self, probes: list[Probe]) -> float:
        """Failing probes that it accounts for, among those that fail or should."""
        if not any(p.failing and self.applies_to(p) for p in probes):
            return 0.0
        either = [p for p in probes if p.failing or self.applies_to(p)]
        share = sum(p.failing and self.accounts_for(p) for p in either) / len(either)
        if self.exclusive and (
            share < _MOSTLY or sum(not (p.failing or self.applies_to(p)) for p in probes) < _RIGHT_ELSEWHERE
        ):
            return 0.0
        return self.weight * share


def candidates(
    operation: str,
    probes: list[Probe],
    findings: Sequence[FindingEvidence],
    repeatability: Repeatability | None,
) -> Iterator[tuple[float, CandidateDefect]]:
    """Every symptom with its similarity to the subject.

    Parameters
    ----------
    operation
        The operation that fails.
    probes
        Its failing and passing calls.
    findings
        Its findings: their causes tell the form of a result.
    repeatability
        Whether failing calls fail again, where that was looked at.
    """
    for symptom in (*_FORM, *_PLACES):
        yield symptom.similarity(probes), _candidate(operation, symptom.family, symptom.behaves, symptom.explains)
    if family := _form(findings):
        yield 1.1, _candidate(operation, *family, lambda name, witness: name == "result_format")
    if any((f.property_name, f.cause) == ("repeatable", "overwritten") for f in findings):
        alone = all(f.property_name == "repeatable" for f in findings)
        text = "a result is overwritten by the call after it"
        repeated = _candidate(operation, "state between calls", text, lambda name, witness: name == "repeatable")
        yield (1.0 if alone else _BY_PLACE), repeated
    if repeatability is not None and repeatability.repeated:
        differing = repeatability.differing / repeatability.repeated
        for kind, (family_name, text) in _KINDS.items():
            # A function of the input gives the same each time, so no model that is one explains what differs.
            similarity = min(1.0, 2 * differing) * repeatability.share(kind)
            yield similarity, _candidate(operation, family_name, text, lambda name, witness: name not in _FORMS)


_KINDS = {
    "random": ("random result", "equal calls give different results, each time"),
    "state": ("state between calls", "the result depends on the call before"),
    "race": ("race", "equal calls give different results now and then"),
}


def _candidate(
    operation: str, family: str, behaves: str, accounts_for: Callable[[str, Probe], bool]
) -> CandidateDefect:
    return CandidateDefect(
        name=behaves,
        family=family,
        operation=operation,
        fresh=lambda: lambda *arguments: None,
        behaves=behaves,
        remedy=REMEDIES[family],
        accounts_for=accounts_for,
    )


def _form(findings: Sequence[FindingEvidence]) -> tuple[str, str] | None:
    """The family of a result that is no array, or an array of another format."""
    causes = [f.cause for f in findings if f.property_name == "result_format"]
    if not causes or any(f.property_name not in ("result_format", "finite", "accuracy") for f in findings):
        return None
    if causes[0].startswith(RETURNS):
        return "wrong result format", causes[0]
    return "wrong result form", "returns something else than an array"


def _fails(name: str) -> Callable[[Probe], bool]:
    return lambda p: name in p.failed_properties


def _one(p: Probe) -> bool:
    return p.case.rows_count == 1 or p.case.classes == 1


_FORM = (
    Symptom(
        family="valid input refused",
        behaves="raises an exception for valid input",
        accounts_for=lambda p: "completes" in p.failed_properties and "input_unchanged" not in p.failed_properties,
        applies_to=_fails("completes"),
    ),
    Symptom(
        family="in-place overwrite",
        behaves="writes into its input, and fails where that is read-only",
        accounts_for=lambda p: bool(p.failed_properties & {"input_unchanged", "completes"}),
        applies_to=_fails("input_unchanged"),
    ),
    Symptom(
        family="squeezed dimension",
        behaves="loses a dimension of length 1",
        accounts_for=lambda p: "result_shape" in p.failed_properties and _one(p),
        applies_to=_fails("result_shape"),
    ),
    Symptom(
        family="wrong result form",
        behaves="returns another shape",
        accounts_for=_fails("result_shape"),
        applies_to=_fails("result_shape"),
        weight=0.9,
    ),
)


def _value(p: Probe) -> bool:
    return not p.failed_properties & _FORMS


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


def _only(family: str, where: str, applies_to: Callable[[Probe], bool], weight: float = _BY_PLACE) -> Symptom:
    """The symptom of values that are wrong in one place and right elsewhere."""
    return Symptom(
        family=family,
        behaves=f"goes wrong {where}, and only there",
        accounts_for=lambda p: _value(p) and applies_to(p),
        applies_to=applies_to,
        weight=weight,
        exclusive=True,
    )


_CAPACITIES = (31, 63, 127, 255, 511, 1023, 2047, 4095, 8191)
_INDEX_LIMITS = (32767, 65535)
_WIDTHS = (2, 4, 8, 16, 32, 64)
_PLACES = (
    _only("strides", "in views that are not contiguous", _unusual, 0.8),
    _only("memory beyond the view", "in slices of wider rows", lambda p: p.case.layout == Layout.ROW_STRIDE, 0.8),
    Symptom(
        family="NaN hidden",
        behaves="gives a number where the input holds NaN",
        accounts_for=_number_for_nan,
        applies_to=_number_for_nan,
        weight=0.8,
    ),
    *(_only("capacity exceeded", f"above {n} classes", _classes_over(n)) for n in _CAPACITIES),
    *(_only("index overflow", f"above {n} classes", _classes_over(n)) for n in _INDEX_LIMITS),
    *(_only("vector tail", f"where the number of classes is no multiple of {n}", _left_over(n)) for n in _WIDTHS),
    _only("capacity exceeded", "above 100 rows", lambda p: p.case.rows_count > 100),
)
