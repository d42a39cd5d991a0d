"""Diagnosis: which known defect a failing subject behaves like.

The models of the gallery are run on the very cases that the subject was judged on, failing and passing. A model is
like the subject when it goes wrong on the same cases, in the same elements, in the same way, and is right where the
subject is right. What nothing resembles is called unknown, plainly.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from softcert import invalid_labels, options
from softcert.building import Inputs, build
from softcert.certification import Result
from softcert.derived_models import derived_models
from softcert.ledger import Ledger
from softcert.options import OptionTruth
from softcert.protocol import Array, to_numpy
from softcert.recipes import Case
from softcert.trial import expected_shape
from softcert.truths import Truth
from softcert_implementations import numpy_shifted
from softcert_implementations.contract import Terms
from softcert_implementations.gallery import DEFECTS, Defect
from softcert_oracle import formats, operations
from softcert_reports.records import Diagnosis

PROBES = 90  # cases held against each model: all failing ones up to half, the rest passing
_DERIVED = 0.97  # weight of a model that was made for another operation
ALIKE = 0.3  # below this likeness nothing is named
_NEAR = 0.02  # two wrong values are the same mistake when they differ by this share of their errors
_MOSTLY = 0.75  # a clip has a second end, and limits hide a part of it: not every wrong value lies on the plateau
_SAME_PLATEAU = 0.9  # credit where both give one number wherever they are wrong: another clip, the same mistake
_SAME_KIND = 0.35  # least credit for a wrong value of the same kind and direction; more as its size comes near


@dataclass(frozen=True, eq=False)
class Probe:
    """A case with its exact results and limits as float64, and what the subject gave (None: no output)."""

    case: Case
    truth: np.ndarray
    limit: np.ndarray
    got: np.ndarray | None
    flags: frozenset[str]
    largest: float = float("inf")  # of the result's format: beyond it an infinity is right

    def wrong(self, got: np.ndarray) -> np.ndarray:
        """Which elements of an output are wrong."""
        with np.errstate(invalid="ignore", over="ignore"):
            near = np.abs(got - self.truth) <= self.limit
            same = (got == self.truth) | np.isnan(self.truth)
            same |= np.isinf(got) & (np.sign(got) == np.sign(self.truth)) & (np.abs(self.truth) >= self.largest)
        return np.asarray(~(near | same))


def diagnose(result: Result) -> None:
    """Attach a diagnosis to each finding of a result, by operation and format."""
    for (operation, format), ledger in result.ledgers.items():
        found = [f for f in result.found if (f.operation, f.format) == (operation, format)]
        if not found:
            continue
        terms = result.terms[operation, format]
        best = {
            given: rank(operation, format, _probes(operation, terms, ledger, given))
            for given in {_with_options(operation, f.case) for f in found}
        }
        for finding in found:
            ranked = best[_with_options(operation, finding.case)]
            known = ranked and finding.property != invalid_labels.PROPERTY  # such a call has no truth to resemble
            result.diagnoses[finding.id] = ranked[0][1] if known else UNKNOWN


def _with_options(operation: str, case: Case) -> bool:
    """Whether a case has options: what goes wrong there is held against what went wrong there, and nothing else."""
    return any(name in operations.lookup(operation).options for name, _ in case.options)


UNKNOWN = Diagnosis(
    "", "No model in the gallery of known defects behaves like this.", "", "none",
    "Start from the witness: it is the smallest input found that shows the difference.", "",
)  # fmt: skip


def rank(operation: str, format: str, probes: list[Probe]) -> list[tuple[float, Diagnosis]]:
    """The models that behave like the subject, the most alike first; empty where none does."""
    scored: list[tuple[float, Defect]] = []
    telling = [p for p in probes if _failing(p)]
    if not telling:
        return []
    sample = _spread(telling, 10)
    for defect in _candidates(operation, format):
        # A model of another operation comes second: what it stands for is one step away.
        weight = 1.0 if defect in DEFECTS else _DERIVED
        if likeness(defect, sample) >= ALIKE / 2:
            scored.append((weight * likeness(defect, probes), defect))
    scored.sort(key=lambda s: (-s[0], s[1].name))
    return [(score, _as_record(defect, score)) for score, defect in scored if score >= ALIKE]


def _as_record(defect: Defect, score: float) -> Diagnosis:
    return Diagnosis(
        defect.name,
        f"Behaves like: {defect.behaves.rstrip('.')}. Trigger: {defect.trigger.rstrip('.')}.",
        defect.family,
        f"agrees with the model on {score:.0%} of the telling cases", defect.remedy, defect.reference,
    )  # fmt: skip


def _candidates(operation: str, format: str) -> Iterable[Defect]:
    fitting = [d for d in DEFECTS if d.operation == operation and d.arrays == "numpy"]
    return sorted([*fitting, *derived_models(operation)], key=lambda d: format not in d.formats)


def _failing(probe: Probe) -> bool:
    return bool(probe.flags) or (probe.got is not None and bool(probe.wrong(probe.got).any()))


def _probes(operation: str, terms: Terms, ledger: Ledger, given: bool = False) -> list[Probe]:
    """Cases that were run, with options (``given``) or without, failing and passing."""
    cases = [c for c in dict.fromkeys([*ledger.outputs, *ledger.flags]) if _with_options(operation, c) == given]
    cases = [c for c in cases if not invalid_labels.present(operation, build(c)).any()]  # they have no truth
    probes = [_probe(operation, terms, ledger, c) for c in cases]
    failing = [p for p in probes if _failing(p)]
    passing = [p for p in probes if not _failing(p)]
    return _spread(failing, PROBES // 2) + _spread(passing, PROBES - min(len(failing), PROBES // 2))


def _spread(items: list[Probe], count: int) -> list[Probe]:
    """So many items, evenly from the whole list: every axis of the battery keeps its share."""
    if len(items) <= count:
        return items
    return [items[int(k)] for k in np.linspace(0, len(items) - 1, count)]


def _probe(operation: str, terms: Terms, ledger: Ledger, case: Case) -> Probe:
    inputs = build(case)
    truth: Truth | OptionTruth
    if options.optioned(operation, case):
        truth = OptionTruth(operation, inputs, terms)
    else:
        truth = Truth(operation, inputs, terms)
    # Where even the wider limit is broken, what is merely unstable would hide what is wrong.
    level = "sound" if ledger.failed("sound") else "stable"
    exact, limit = truth.reference.to_float(), truth.limit(level).numbers.to_float()
    largest = formats.lookup(terms.result_format).largest
    return Probe(case, exact, limit, ledger.outputs.get(case), ledger.flags.get(case, frozenset()), largest)


def likeness(defect: Defect, probes: list[Probe]) -> float:
    """Between 0 and 1: how far a model shares the subject's mistakes, and makes no others, where it takes the call."""
    function = defect.fresh()
    counted = 0
    both: list[tuple[Probe, np.ndarray | None, frozenset[str]]] = []
    for probe in probes:
        if not _takes(defect, probe.case):
            continue
        got, flags = _perform(defect.operation, function, probe)
        theirs = _failing(probe)
        ours = bool(flags) or (got is not None and bool(probe.wrong(got).any()))
        counted += theirs or ours
        if theirs and ours:
            both.append((probe, got, flags))
    credit = _SAME_PLATEAU if _plateau(both) else _SAME_KIND
    shared = sum(_similarity(p, g, f, credit) for p, g, f in both if not _explains_nothing(defect, p, g, f))
    return shared / counted if counted else 0.0


def _plateau(both: list[tuple[Probe, np.ndarray | None, frozenset[str]]]) -> bool:
    """Whether subject and model each give one number, not the same, wherever they are wrong: a clip, a floor."""
    pairs = [(p.got[p.wrong(p.got)], g[p.wrong(g)]) for p, g, _ in both if p.got is not None and g is not None]
    return len(pairs) > 2 and all(_one_number(np.concatenate(side)) for side in zip(*pairs, strict=True))


def _one_number(values: np.ndarray) -> bool:
    finite = values[np.isfinite(values)]
    if finite.size < 3:
        return False
    middle = np.median(finite)
    return bool(np.mean(np.abs(finite - middle) <= _NEAR * abs(middle)) > _MOSTLY)


def _explains_nothing(defect: Defect, probe: Probe, got: np.ndarray | None, flags: frozenset[str]) -> bool:
    """Whether the textbook algorithm goes wrong there in the very same way: then it is not the model's defect."""
    plain = numpy_shifted.IMPLEMENTATION.ops.get(defect.operation)
    if flags or got is None or plain is None or options.optioned(defect.operation, probe.case):
        return False
    textbook, _ = _perform(defect.operation, plain, probe)
    return textbook is not None and np.array_equal(textbook, got, equal_nan=True)


def _takes(defect: Defect, case: Case) -> bool:
    """Whether a model takes the options of a case: a model of an option takes that one."""
    given = {name for name, _ in case.options if name in operations.lookup(defect.operation).options}
    return given <= {defect.option}


def _similarity(probe: Probe, got: np.ndarray | None, flags: frozenset[str], credit: float) -> float:
    if probe.flags or flags:
        return 1.0 if probe.flags == flags else 0.0
    if got is None or probe.got is None:
        return 0.0
    either = probe.wrong(got) | probe.wrong(probe.got)
    a, b, t = got[either], probe.got[either], probe.truth[either]
    with np.errstate(invalid="ignore", over="ignore"):
        equal = (a == b) | (np.isnan(a) & np.isnan(b))
        near = np.abs(a - b) <= _NEAR * np.maximum(np.abs(a - t), np.abs(b - t))
        kind = (np.isfinite(a) == np.isfinite(b)) & (np.isnan(a) == np.isnan(b)) & (np.sign(a - t) == np.sign(b - t))
        small, large = np.minimum(np.abs(a - t), np.abs(b - t)), np.maximum(np.abs(a - t), np.abs(b - t))
        sized = np.where(np.isfinite(large) & (large > 0), small / large, 0.0)
    alike = np.maximum(credit, 0.9 * np.where(np.isnan(sized), 0.0, sized))
    return float(np.mean(np.where(equal | near, 1.0, np.where(kind, alike, 0.0))))


def _own(array: Array) -> np.ndarray:
    """A private copy of an array as it travels, in its own layout."""
    return to_numpy(replace(array, data=bytearray(array.data)))


def _call(
    operation: str, probe: Probe, inputs: Inputs
) -> tuple[list[np.ndarray], dict[str, Any], tuple[int, ...]]:  # fmt: skip
    """Arguments and options for a model, and the shape that its result should have."""
    if options.optioned(operation, probe.case):
        prepared = options.prepare(operation, probe.case)
        request = prepared.request
        keywords = {**request.options, **{k: _own(a) for k, a in request.keywords.items()}}
        return [_own(a) for a in request.arrays], keywords, probe.truth.shape
    arguments = [inputs.x, inputs.labels] if operation.startswith("cross_entropy") else [inputs.x]
    m, C = inputs.exact.shape
    return arguments, {}, expected_shape(operation, m, C, "mean")


def _perform(operation: str, function: object, probe: Probe) -> tuple[np.ndarray | None, frozenset[str]]:
    """Run a model on a case, here and now: the models are ours."""
    inputs = build(probe.case)
    before = inputs.buffer.copy()
    arguments, keywords, shape = _call(operation, probe, inputs)
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            raw = np.asarray(function(*arguments, **keywords))  # type: ignore[operator]
        except Exception:  # noqa: BLE001 (whatever a model raises is what it does)
            return None, frozenset({"completes"})
    flags = set()
    if not np.array_equal(before, inputs.buffer):
        flags.add("input_unchanged")
    if raw.shape != shape:
        return None, frozenset({*flags, "result_shape"})
    if raw.dtype != inputs.x.dtype and raw.shape:
        flags.add("result_format")
    with np.errstate(invalid="ignore"):
        return raw.astype(np.float64), frozenset(flags)
