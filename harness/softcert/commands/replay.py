"""``softcert replay``: one counterexample again, called and judged anew."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from softcert.cases.call import build_call
from softcert.cases.case import Case
from softcert.cases.inputs import build
from softcert.commands.trust import NOTHING, Trust
from softcert.engine.caller import Caller
from softcert.engine.judge import Judgement, judge
from softcert.engine.session import Session
from softcert.engine.tally import RunTally
from softcert.executors import describe, open_executor
from softcert.executors.process import LoadError
from softcert.expected.reference import ReferenceCache
from softcert.findings import sentences, several_calls
from softcert.properties.check import Check
from softcert_implementations.implementation import Implementation
from softcert_oracle import operations
from softcert_oracle.errors import UsageError, unknown
from softcert_oracle.levels import Level
from softcert_reports import document as doc
from softcert_reports.formatting.sanitise import one_line


@dataclass(frozen=True, eq=False)
class Replay:
    """The outcome of one case: what was judged, and in words."""

    judgement: Judgement
    of_state: tuple[Check, ...] = ()

    @property
    def checks(self) -> tuple[Check, ...]:
        """The checks of the call, and those of the calls that the state of its case asks for."""
        return (*self.judgement.checks, *self.of_state)

    def fails(self, level: Level) -> bool:
        """Whether a property fails that the level asks for."""
        return any(c.failed and c.level <= level for c in self.checks)

    @property
    def text(self) -> str:
        """The call, the result, the exact result, and each property that fails."""
        call, output = self.judgement.call, self.judgement.output
        lines = [f"{call.operation}, {call.case.format}: {sentences.input_text(call.inputs, ())}"]
        if output is not None:
            lines.append(f"  got   {sentences.row_text(output.got.ravel())}")
            lines.append(f"  exact {sentences.row_text(output.expected.exact.to_float().ravel())}")
        failed = [c for c in self.checks if c.failed]
        lines += [f"  {c.property_name} ({c.level}): {one_line(sentences.summary(call, c, output))}" for c in failed]
        if not failed:
            lines.append(f"  every property holds ({len(self.checks)} checks)")
        return "\n".join(lines)


def resolve_recorded(
    subject: doc.Subject, spec: str | None = None, isolation: str = "process", trust: Trust = NOTHING
) -> Implementation:
    """The subject of a results document, with what was recorded of it: formats, array library, contract.

    A plain function that was certified as an operation of another name (``--op``) lacks its operations when it is
    described again, and is taken as the first of them then: a gradient that its framework derived comes after the
    loss.

    Raises
    ------
    UsageError
        Where the subject has moved, cannot be loaded, never had a SPEC, or may not be run because a document names it.
    """
    trust.require(subject, spec)
    where = spec or subject.spec
    how: dict[str, Any] = {
        "isolation": isolation,
        "dtypes": subject.formats,
        "arrays": subject.arrays or None,
        "contract": subject.contract_deviations or None,
    }
    try:
        try:
            found = describe(where, **how)
        except UsageError:
            if not subject.operations:
                raise
        else:
            if set(subject.operations) <= set(found.ops):
                return found
        return describe(where, op=subject.operations[0], **how)
    except LoadError as error:
        raise UsageError(f"{where} could not be loaded again: {error.fault.kind}: {error.fault.message}") from None


def replay(implementation: Implementation, operation: str, case: Case, isolation: str) -> Replay:
    """Call an implementation on one case and judge the reply.

    Raises
    ------
    UsageError
        Where the implementation does not have the operation in the format of the case.
    """
    name = operations.lookup(operation).name
    if not implementation.supports(name, case.format):
        raise UsageError(f"{implementation.name!r} has no {name} in {case.format}.")
    terms = implementation.contract.terms(name, case.format)
    call = build_call(name, build(case))
    with open_executor(implementation, isolation) as executor:
        session = Session(
            caller=Caller(executor),
            operation=name,
            terms=terms,
            references=ReferenceCache(),
            partners={name: terms},
            tally=RunTally(name, case.format),
        )
        judgement = judge(call, terms, session.caller(call), session.references)
        return Replay(judgement, tuple(several_calls.checks(session, judgement)))


def replay_case(implementation: Implementation, operation: str, case: Mapping[str, Any], isolation: str) -> str:
    """The outcome of a recorded case in words: each failing property, or that every property holds."""
    return replay(implementation, operation, Case.from_json(case), isolation).text


def replay_finding(
    document: doc.Document, finding: str, spec: str | None = None, isolation: str = "process", trust: Trust = NOTHING
) -> tuple[Replay, Level]:
    """Run the witness of a recorded finding again.

    Parameters
    ----------
    document
        The results document that holds it.
    finding
        Its id.
    spec
        The subject, in place of the one that is recorded.
    isolation
        "process" or "none".
    trust
        What the document may name.

    Returns
    -------
    The outcome, and the level that the finding breaks.

    Raises
    ------
    UsageError
        For an unknown id, a finding without a witness, and a subject that may not be run.
    """
    known = {f.id: f for f in document.findings}
    if finding not in known:
        raise unknown("finding", finding, known)
    record = known[finding]
    if record.witness is None:
        raise UsageError(f"finding={finding!r} has no witness to replay.")
    subject = next((s for s in document.subjects if s.name == record.subject), None)
    if subject is None:
        raise UsageError(f"finding={finding!r} belongs to {record.subject!r}, which the document does not have.")
    case = Case.from_json(record.witness.case)
    outcome = replay(resolve_recorded(subject, spec, isolation, trust), record.operation, case, isolation)
    return outcome, Level(record.level)
