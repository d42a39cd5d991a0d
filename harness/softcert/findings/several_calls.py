"""What a case shows by several calls: the calls that its state asks for, made and compared once more."""

from __future__ import annotations

from collections.abc import Iterator

from softcert.cases.case import Case
from softcert.engine.judge import Judgement
from softcert.engine.session import Session
from softcert.engine.tallies import Violation
from softcert.findings.shrink import Witness
from softcert.properties import states
from softcert.properties.check import Check
from softcert.properties.judged_call import JudgedCall


def checks(session: Session, judgement: Judgement) -> Iterator[Check]:
    """The checks of the calls that follow one call by the state of its case; none where it has no output."""

    def output(operation: str, case: Case) -> JudgedCall | None:
        inputs = session.admit(case)
        return None if isinstance(inputs, str) else session.judge(inputs).output

    if judgement.output is not None:
        yield from states.check(output, judgement.output)


def fails_alike(session: Session, case: Case, violation: Violation) -> Witness | None:
    """The witness that a case is of a violation by the calls of its state; None if it is not."""
    inputs = session.admit(case)
    if isinstance(inputs, str):
        return None
    judgement = session.judge(inputs)
    for check in checks(session, judgement):
        if check.failed and (check.property_name, check.cause) == (violation.property_name, violation.cause):
            return Witness(call=judgement.call, check=check, output=judgement.output)
    return None
