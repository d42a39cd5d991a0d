"""From violations to findings: one for each property and cause, with a shrunk witness that a person understands."""

from __future__ import annotations

import builtins
import hashlib
import re
from dataclasses import dataclass

from softcert.cases.case import Case
from softcert.cases.inputs import Inputs, build
from softcert.engine.session import Session
from softcert.engine.tally import Violation
from softcert.findings import sentences
from softcert.findings.shrink import shrink
from softcert.properties.check import Check
from softcert.properties.table import LEVELS, PROPERTIES
from softcert.properties.trial import Trial
from softcert_implementations.implementation import Implementation
from softcert_oracle.errors import UsageError
from softcert_oracle.limits import Limit

_PER_PAIR = 8  # findings shrunk for one operation and format: causes beyond that are counted, with their first witness
_CALLED_AGAIN = {p.name for p in PROPERTIES.values() if p.family == "relations"} | {
    "repeatable",
    "gradient_differences",
}
_COSTLY = ("hang", "memory")  # each look at such a case costs the whole limit: the smallest one seen will do
_RANK = ("completes", "finite", "special_values", "input_unchanged", "result_shape", "result_format", "accuracy")


@dataclass(frozen=True, eq=False)
class Found:
    """A finding with its witness at hand: what `softcert.results.document` writes down and `softcert.diagnosis.diagnose` looks at."""

    id: str
    operation: str
    format: str
    property: str
    level: str
    cause: str
    case: Case
    check: Check
    inputs: Inputs
    trial: Trial | None
    limit: Limit | None
    summary: str
    occurrences: int
    regimes: dict[str, int]
    others: tuple[Case, ...] = ()  # further failing cases, for the diagnosis

    @builtins.property
    def regime(self) -> str:
        """The regime in which it was seen first."""
        return next(iter(self.regimes), self.case.regime)


def gather(session: Session, implementation: Implementation, level: str, small: bool = True) -> list[Found]:
    """The findings of a session at the asked level, the most telling first."""
    asked = LEVELS[: LEVELS.index(level) + 1]
    violations = [v for v in session.ledger.violations.values() if v.level in asked]
    # NaN, infinity and zero are told once, as what they are; their cells of `accuracy` fail all the same.
    told = {v.cause for v in violations if v.property == "finite"}
    violations = [v for v in violations if not (v.property == "accuracy" and v.cause in told)]
    violations.sort(key=lambda v: (_rank(v.property), -v.occurrences))
    return [_found(session, implementation, v, small and number < _PER_PAIR) for number, v in enumerate(violations)]


def _rank(property: str) -> int:
    return _RANK.index(property) if property in _RANK else len(_RANK)


def identity(subject: str, operation: str, format: str, property: str, cause: str) -> str:
    """An id that is the same in every run: readable parts, and a digest that keeps causes apart."""
    digest = hashlib.sha256(f"{subject}|{operation}|{format}|{property}|{cause}".encode()).hexdigest()[:6]
    slug = re.sub(r"[^a-z0-9]+", "-", f"{subject}-{operation}-{format}-{property}".lower()).strip("-")
    return f"{slug[:80]}-{digest}"


def _found(session: Session, implementation: Implementation, violation: Violation, small: bool) -> Found:
    case, check = violation.candidates[0]
    if small and violation.property not in _CALLED_AGAIN and violation.cause not in _COSTLY:
        case, check = shrink(case, check, lambda c: _same(session, violation, c))
    again = violation.property not in _CALLED_AGAIN and violation.cause not in _COSTLY
    trial = session.judge(case, record=False)[0] if again else None
    inputs = build(case)
    limit = _limit(trial, violation.level)
    return Found(
        identity(implementation.name, session.operation, session.terms.format, violation.property, violation.cause),
        session.operation, session.terms.format, violation.property, violation.level, violation.cause, case, check,
        inputs, trial, limit, sentences.summary(session.operation, violation, check, inputs, trial),
        violation.occurrences, dict(violation.regimes.most_common()),
        tuple(c for c, _ in violation.candidates),
    )  # fmt: skip


def _limit(trial: Trial | None, level: str) -> Limit | None:
    if trial is None or level == "faithful":
        return None
    return trial.truth.limit(level)


def _same(session: Session, violation: Violation, case: Case) -> Check | None:
    """The check that fails on a smaller case as the violation does: same property and cause, no higher level."""
    if session.outside(case):
        return None
    try:
        _, checks = session.judge(case, record=False)
    except UsageError:  # what is left of the recipe makes no call
        return None
    for check in checks:
        alike = check.property == violation.property and check.cause == violation.cause
        if check.failed and alike and LEVELS.index(check.level) <= LEVELS.index(violation.level):
            return check
    return None
