"""Probes: the cases on which a failing subject is compared with models of defects, with exact results and limits."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import TypeVar

import numpy as np

from softcert.cases import invalid_labels
from softcert.cases.case import Case
from softcert.cases.inputs import Inputs, build
from softcert.cases.option_call import optioned
from softcert.engine.tally import Ledger
from softcert.expected.option_reference import OptionTruth
from softcert.expected.reference import LIBRARY, Truth
from softcert.expected.special_values import Acceptance
from softcert.findings.collect import Found
from softcert.properties.trial import Trial
from softcert_implementations.contract import Terms
from softcert_oracle import operations
from softcert_oracle.numbers import formats

Item = TypeVar("Item")
_LARGE = 12  # large probes that the subject got right
_ROW_BY_ROW = 70  # rows of a batch that a model goes through one by one
PROBES = 90  # cases held against each model: all failing ones up to half, the rest passing


@dataclass(frozen=True, eq=False)
class Probe:
    """A case with its exact results and limits as float64, and what the subject gave (None: no output)."""

    case: Case
    truth: np.ndarray
    limit: np.ndarray
    got: np.ndarray | None
    flags: frozenset[str]
    reduction: str = "mean"  # of the subject's loss
    largest: float = float("inf")  # of the result's format: beyond it an infinity is right
    inputs: Inputs | None = None
    accepted: Acceptance | None = None  # on special rows
    wrong_there: np.ndarray = field(init=False)
    failing: bool = field(init=False)

    def __post_init__(self) -> None:
        there = np.zeros(self.truth.shape, bool) if self.got is None else self.wrong(self.got)
        object.__setattr__(self, "wrong_there", there)
        object.__setattr__(self, "failing", bool(self.flags) or bool(there.any()))

    def wrong(self, got: np.ndarray) -> np.ndarray:
        """Which elements of an output are wrong."""
        with np.errstate(invalid="ignore", over="ignore"):
            near = np.abs(got - self.truth) <= self.limit
            same = (got == self.truth) | np.isnan(self.truth)
            same |= np.isinf(got) & (np.sign(got) == np.sign(self.truth)) & (np.abs(self.truth) >= self.largest)
        if self.accepted is None:
            return np.asarray(~(near | same))
        return np.asarray(~np.where(self.accepted.applies, self.accepted.holds(got), near | same))


def with_options(operation: str, case: Case) -> bool:
    """Whether a case has options: what goes wrong there is held against what went wrong there, and nothing else."""
    return any(name in operations.lookup(operation).options for name, _ in case.options)


def gather(
    operation: str, terms: Terms, ledger: Ledger, found: Iterable[Found] = (), given: bool = False
) -> list[Probe]:
    """Cases that were run, with options (``given``) or without, failing and passing, and the witnesses of findings."""
    outputs = dict(ledger.outputs)
    if not ledger.wrong and not ledger.flags:  # nothing in the battery: what was drawn is all there is
        outputs |= {f.case: f.trial.got for f in found if f.trial is not None}
    cases = [c for c in dict.fromkeys([*outputs, *ledger.flags]) if with_options(operation, c) == given]
    known = ledger.wrong | ledger.flags.keys() or set(outputs)
    chosen = spread([c for c in cases if c in known], PROBES) + spread([c for c in cases if c not in known], PROBES)
    chosen = [c for c in chosen if not invalid_labels.present(operation, build(c)).any()]  # they have no truth
    chosen = [c for c in chosen if _feasible(operation, terms, c)]
    probes = [_probe(operation, terms, ledger, c, outputs.get(c)) for c in chosen]
    failing = [p for p in probes if p.failing]
    passing = [p for p in probes if not p.failing]
    kept = spread(failing, PROBES // 2)
    return kept + spread(passing, PROBES - len(kept)) + _large_right(operation, terms, ledger, given)


def _large_right(operation: str, terms: Terms, ledger: Ledger, given: bool) -> list[Probe]:
    """Large inputs that the subject got right, one of each number of classes: what it gave is near enough the truth."""
    right = [c for c in ledger.large_right if with_options(operation, c) == given and _feasible(operation, terms, c)]
    cases = {c.classes: c for c in sorted(right, key=repr)}
    chosen = [cases[C] for C in sorted(cases)]
    probes = [_probe(operation, terms, ledger, c, None) for c in spread(chosen, _LARGE)]
    return [replace(p, got=p.truth) for p in probes]


def _feasible(operation: str, terms: Terms, case: Case) -> bool:
    """Whether models can be run on a case: through losses that are not reduced they go row by row."""
    return operation != "cross_entropy" or terms.reduction != "none" or case.rows_count <= _ROW_BY_ROW


def spread(items: list[Item], count: int) -> list[Item]:
    """So many items, evenly from the whole list: every axis of the battery keeps its share."""
    if len(items) <= count:
        return items
    return [items[int(k)] for k in np.linspace(0, len(items) - 1, count)]


def _probe(operation: str, terms: Terms, ledger: Ledger, case: Case, got: np.ndarray | None) -> Probe:
    inputs = build(case)
    truth: Truth | OptionTruth
    if optioned(operation, case):
        truth = OptionTruth(operation, inputs, terms)
    else:
        truth = LIBRARY.truth(operation, inputs, terms)
    # Where even the wider limit is broken, what is merely unstable would hide what is wrong.
    level = "sound" if ledger.failed("sound") else "stable"
    exact, limit = truth.reference.to_float(), truth.limit(level).numbers.to_float()
    largest = formats.lookup(terms.result_format).largest
    accepted = Trial(operation, inputs, terms, exact if got is None else got, truth).accepted
    return Probe(
        case, exact, limit, got, ledger.flags.get(case, frozenset()), terms.reduction, largest, inputs, accepted
    )
