"""From violations to findings: one for each property and cause, with a witness that a person understands.

`collect` shrinks each witness, which calls the subject. `collect_unshrunk` calls nothing: it shows the first witness
seen, for a run that was interrupted or that ends at its first finding.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from softcert.cases.call import build_call
from softcert.cases.case import Case
from softcert.cases.inputs import build
from softcert.engine import telling
from softcert.engine.judge import Judgement
from softcert.engine.session import Session
from softcert.engine.tallies import Violation
from softcert.findings import shrink_pairs
from softcert.findings.sentences import summary
from softcert.findings.several_calls import fails_alike
from softcert.findings.shrink import Witness, shrink
from softcert.properties import batches
from softcert.properties.check import BITS, Check
from softcert.properties.judged_call import JudgedCall
from softcert.properties.states import REPEATABLE
from softcert.properties.table import PROPERTIES
from softcert_oracle.errors import UsageError
from softcert_oracle.levels import Level
from softcert_oracle.limits import Limit

_SHRUNK = 8  # findings shrunk for one operation and format: further causes are counted, with their first witness
_REMEMBERED = 4096  # logits of a call whose judgement is stored for the violations after it
OF_SEVERAL_CALLS = {p.name for p in PROPERTIES.values() if p.family == "relations"} | {
    REPEATABLE,
    "gradient_differences",
}
_ORDER = ("completes", "finite", "special_values", "input_unchanged", "result_shape", "result_format", "accuracy")


@dataclass(frozen=True, eq=False, kw_only=True)
class FindingEvidence:
    """A finding with everything that it was made from.

    Attributes
    ----------
    id
        The same in every run: made of subject, operation, format, property and cause.
    operation, format, property_name, level, cause
        Where and how the subject is wrong; ``level`` is the lowest level that it breaks.
    witness
        The failing check, with the call that shows it and its output, where there is one.
    limit
        The limit that is exceeded; None where no limit is involved.
    summary
        One sentence.
    occurrences, regimes
        How often it was seen, and in which regimes, the most frequent first.
    candidates
        Failing cases that were stored, for the diagnosis.
    """

    id: str
    operation: str
    format: str
    property_name: str
    level: Level
    cause: str
    witness: Witness
    limit: Limit | None
    summary: str
    occurrences: int
    regimes: Mapping[str, int]
    candidates: tuple[Case, ...]

    @property
    def case(self) -> Case:
        """The recipe of the witness."""
        return self.witness.call.case

    @property
    def check(self) -> Check:
        """The check that fails on the witness."""
        return self.witness.check

    @property
    def output(self) -> JudgedCall | None:
        """The output that shows it, beside the exact result."""
        return self.witness.output

    @property
    def regime(self) -> str:
        """The regime in which it was seen most often."""
        return next(iter(self.regimes), self.case.regime)


def collect(session: Session, subject: str, level: Level) -> list[FindingEvidence]:
    """The findings of a session at the asked level, the most telling first, with shrunk witnesses.

    Parameters
    ----------
    session
        A session whose cases were run; it is called again, and records nothing.
    subject
        The subject's name, for the ids.
    level
        Violations of this level and below are findings.
    """
    violations = _violations(session, level)
    judged = _Judged(session)
    shrunk = [_shrunk(judged, v) if n < _SHRUNK else _called_again(judged, v) for n, v in enumerate(violations)]
    return [_finding(subject, session, *pair) for pair in zip(violations, shrunk, strict=True)]


def collect_unshrunk(session: Session, subject: str, level: Level) -> list[FindingEvidence]:
    """The findings of a session with the first witness of each. The subject is not called."""
    return [_finding(subject, session, v, _as_seen(session, v)) for v in _violations(session, level)]


def _violations(session: Session, level: Level) -> list[Violation]:
    tallies = session.tally.tallies
    violations = [v for v in tallies.violations.values() if v.level <= level]
    # NaN, infinity and zero are reported under `finite` only; the cells of `accuracy` fail all the same.
    not_finite = {v.cause for v in violations if v.property_name == "finite"}
    violations = [v for v in violations if not (v.property_name == "accuracy" and v.cause in not_finite)]
    return sorted(violations, key=_order)


def _order(violation: Violation) -> tuple[object, ...]:
    """The most telling first: by the witness, then by the property, then those seen most often."""
    seen = telling.order_of_findings(*violation.candidates[0])
    return *seen, _rank(violation.property_name), -violation.occurrences


def _rank(property_name: str) -> int:
    return _ORDER.index(property_name) if property_name in _ORDER else len(_ORDER)


def identity(subject: str, operation: str, format: str, property_name: str, cause: str) -> str:
    """An id that is the same in every run: readable parts, and a digest that keeps causes apart."""
    parts = (subject, operation, format, property_name)
    digest = hashlib.sha256("|".join((*parts, cause)).encode()).hexdigest()[:6]
    slug = re.sub(r"[^a-z0-9]+", "-", "-".join(parts).lower()).strip("-")
    return f"{slug[:80]}-{digest}"


def _finding(subject: str, session: Session, violation: Violation, witness: Witness) -> FindingEvidence:
    operation, format = session.operation, session.terms.format
    has_limit = witness.output is not None and violation.level != Level.FAITHFUL
    # Above "stable" a level has violations of its own: one cause at two levels is two findings.
    above = f"@{violation.level}" if violation.level > Level.STABLE else ""
    return FindingEvidence(
        id=identity(subject, operation, format, violation.property_name, f"{violation.cause}{above}"),
        operation=operation,
        format=format,
        property_name=violation.property_name,
        level=violation.level,
        cause=violation.cause,
        witness=witness,
        limit=witness.output.expected.limit(violation.level) if has_limit and witness.output is not None else None,
        summary=summary(witness.call, witness.check, witness.output),
        occurrences=violation.occurrences,
        regimes=dict(violation.regimes.most_common()),
        candidates=tuple(case for case, _ in violation.candidates),
    )


def _repeats(violation: Violation) -> bool:
    """Whether the witness can be called again by itself, and at a bearable cost."""
    return violation.property_name not in OF_SEVERAL_CALLS and violation.cause not in telling.COSTLY


def _as_seen(session: Session, violation: Violation) -> Witness:
    """The most telling case seen, with its output where that was stored."""
    case, check = violation.candidates[0]
    call = build_call(session.operation, build(case))
    got = session.tally.evidence.outputs.get(case)
    output = None
    if got is not None and _repeats(violation):
        expected = session.references.of(call, session.terms)
        output = JudgedCall(call=call, terms=session.terms, got=got, expected=expected)
    return Witness(call=call, check=check, output=output)


class _Judged:
    """Calls of one session, each made and judged once: violations that begin with the same case shrink alike.

    Parameters
    ----------
    session
        Makes the calls, and records nothing.
    """

    def __init__(self, session: Session) -> None:
        self.session = session
        self._judgements: dict[Case, Judgement | None] = {}

    def __call__(self, case: Case) -> Judgement | None:
        """The judgement of a case; None where it makes no call, or lies outside the contract's domain."""
        if case in self._judgements:
            return self._judgements[case]
        judgement = self._made(case)
        if case.size <= _REMEMBERED:
            self._judgements[case] = judgement
        return judgement

    def _made(self, case: Case) -> Judgement | None:
        try:
            inputs = self.session.admit(case)
            return None if isinstance(inputs, str) else self.session.judge(inputs)
        except UsageError:  # what is left of the recipe makes no call
            return None


def _called_again(judged: _Judged, violation: Violation) -> Witness:
    """The most telling case seen, called once more for its output."""
    session = judged.session
    seen = _as_seen(session, violation)
    if seen.output is not None or not _repeats(violation):
        return seen
    judgement = session.judge(seen.call.inputs)
    return Witness(call=seen.call, check=seen.check, output=judgement.output)


def _shrunk(judged: _Judged, violation: Violation) -> Witness:
    if violation.property_name == batches.PROPERTY and violation.cause == BITS:
        seen = _as_seen(judged.session, violation)
        return shrink_pairs.shrink(seen, lambda case: fails_alike(judged.session, case, violation))
    if not _repeats(violation):
        return _as_seen(judged.session, violation)
    first = _called_again(judged, violation)
    return shrink(first, lambda case: _fails_alike(judged(case), violation))


def _fails_alike(judgement: Judgement | None, violation: Violation) -> Witness | None:
    """The witness that a call is of the violation: same property and cause, no higher level; None if it is not."""
    check = None if judgement is None else _alike(judgement, violation)
    if judgement is None or check is None:
        return None
    return Witness(call=judgement.call, check=check, output=judgement.output)


def _alike(judgement: Judgement, violation: Violation) -> Check | None:
    checks: Iterable[Check] = (c for c in judgement.up_to(violation.level) if c.failed and c.level <= violation.level)
    return next((c for c in checks if c.property_name == violation.property_name and c.cause == violation.cause), None)
