"""What a contract leaves of an operation in a format: the share of the default domain, and limits in factors.

A contract may excuse a subject: from cases, by a narrower domain, and from exactness, by wider limits. Both are derived
here from contract and battery, before anything runs, so that they can stand beside the verdict.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np

from softcert.cases import domain
from softcert.cases.call import build_call
from softcert.cases.case import Case
from softcert.cases.effort import Effort
from softcert.cases.inputs import Inputs
from softcert.expected.case_cache import CaseCache
from softcert.expected.degenerate import unrefuted
from softcert.expected.reference import ReferenceCache
from softcert_implementations.contract import ResolvedContract
from softcert_oracle import operations
from softcert_oracle.levels import Level
from softcert_oracle.limits import LEVELS

REFERENCE_CLASSES = (10, 1000, 131072)
"""The numbers of classes of the rows on which limits are compared: logits in equal steps, over a range of 16."""

_SPAN = 16.0
_ENOUGH = 1.005  # a factor below is a rounding of the limit's own evaluation


@dataclass(frozen=True, kw_only=True)
class ContractEffect:
    """What a contract leaves of one unit.

    Attributes
    ----------
    admitted, cases
        How many cases of the default contract's battery lie in the domain, and how many there are.
    factors
        By level, the largest limit under the contract divided by that under the default one; only where it is wider.
    unrefuted
        Degenerate outputs that no admitted case tells from the truth at the asked level.
    """

    admitted: int
    cases: int
    factors: Mapping[Level, float] = field(default_factory=dict)
    unrefuted: tuple[str, ...] = ()

    @property
    def excuses(self) -> bool:
        """Whether the contract leaves less than the default one does."""
        return self.admitted < self.cases or bool(self.factors) or bool(self.unrefuted)


def contract_effect(
    operation: str,
    terms: ResolvedContract,
    effort: Effort,
    level: Level,
    seed: int,
    references: ReferenceCache | None = None,
) -> ContractEffect:
    """What a contract leaves of an operation in the format of its terms.

    Parameters
    ----------
    operation, terms
        The operation, and the contract for it in one format.
    effort, level, seed
        Of the run: the battery is the one that the subject gets.
    references
        Where exact results come from; a cache of its own without it.
    """
    references = ReferenceCache() if references is None else references
    default = _default(terms)
    made = references.cases
    every = made.battery(operation, terms.format, effort, default, seed)
    if _excuses_nothing(operation, terms, default):
        return ContractEffect(admitted=len(every), cases=len(every))
    own = made.battery(operation, terms.format, effort, terms, seed)
    return ContractEffect(
        admitted=sum(1 for case in every if domain.admits(case, terms, made.inputs)),
        cases=len(every),
        factors=_factors(operation, terms, default, references),
        unrefuted=unrefuted(operation, _admitted(own, terms, made), terms, references, level),
    )


def _excuses_nothing(operation: str, terms: ResolvedContract, default: ResolvedContract) -> bool:
    """Whether domain and limits are those of the default contract, whose battery refutes every degenerate output.

    That it does so for each operation that takes logits alone, in each format and at each level, is known from the
    tests; what takes more arguments is looked at.
    """
    alone = operations.lookup(operation).takes_logits_alone
    return alone and not domain.restricts(terms) and terms.limit_parameters == default.limit_parameters


def _default(terms: ResolvedContract) -> ResolvedContract:
    """The default contract. The reduction is no excuse: it says which loss is meant."""
    return ResolvedContract(operation=terms.operation, format=terms.format, reduction=terms.reduction)


def _admitted(cases: Iterable[Case], terms: ResolvedContract, made: CaseCache) -> Iterator[Inputs]:
    """The inputs inside the domain, the small ones first."""
    for case in sorted(cases, key=lambda c: c.size):
        if domain.admits(case, terms, made.inputs):
            yield made.inputs(case)


def _factors(
    operation: str, terms: ResolvedContract, default: ResolvedContract, references: ReferenceCache
) -> dict[Level, float]:
    """By level, how many times wider the limits are on the reference rows; only where they are."""
    if terms.limit_parameters == default.limit_parameters:
        return {}
    found = dict.fromkeys(LEVELS, 0.0)
    for case in _reference_rows(operation, terms.format):
        call = build_call(operation, references.cases.inputs(case))
        own, usual = references.of(call, terms), references.of(call, default)
        for level in LEVELS:
            ours, theirs = own.limit(level).numbers, usual.limit(level).numbers
            with np.errstate(all="ignore"):
                ratio = np.where(theirs.significand == 0, ours.significand != 0, ours.ratio(theirs))
            found[level] = max(found[level], float(np.max(np.nan_to_num(ratio, nan=1.0, posinf=np.inf))))
    return {level: factor for level, factor in found.items() if factor > _ENOUGH}


def _reference_rows(operation: str, format: str) -> Iterator[Case]:
    """One row for each number of classes; of operations beside the core ones only the first, which is exact fast."""
    entry = operations.lookup(operation)
    options: tuple[tuple[str, object], ...] = ()
    if entry.takes_vectors:
        options = (("upstream", ("random", "C")),)
    elif entry.takes_features:
        options = (("features", (3, "C")),)
    for classes in REFERENCE_CLASSES if operation in operations.CORE else REFERENCE_CLASSES[:1]:
        step = _SPAN / (classes - 1)
        yield Case.of("ladder", 1, classes, format, (("step", step),), labels="at 3", options=options)
