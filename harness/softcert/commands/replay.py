"""One counterexample again: the case of a finding, called and judged anew."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from softcert.cases.case import Case
from softcert.cases.inputs import build
from softcert.engine.session import Session
from softcert.engine.tally import Ledger, Violation
from softcert.executors import describe, open_executor
from softcert.executors.process import LoadError
from softcert.findings import sentences
from softcert.properties.check import Check
from softcert.properties.trial import Caller, Trial
from softcert_implementations.implementation import Implementation
from softcert_oracle import operations
from softcert_oracle.errors import UsageError
from softcert_reports import document as doc


def described_again(subject: doc.Subject, spec: str | None = None, isolation: str = "process") -> Implementation:
    """The subject of a results document, with what was recorded of it: formats, array library, contract.

    A plain function that was certified as an operation of another name (``--op``) is found to lack its operations, and
    is taken as the first of them then: a gradient that its framework derived comes after the loss. `UsageError` where
    the subject has moved, cannot be loaded, or never had a SPEC.
    """
    where = spec or subject.spec
    how: dict[str, Any] = {
        "isolation": isolation, "dtypes": subject.formats, "arrays": subject.arrays or None,
        "contract": subject.contract_deviations or None,
    }  # fmt: skip
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


def replay(
    implementation: Implementation, operation: str, case: Case, isolation: str
) -> tuple[Trial | None, list[Check]]:
    """The trial and checks of one case."""
    name = operations.lookup(operation).name
    if not implementation.supports(name, case.format):
        raise UsageError(f"{implementation.name!r} has no {name} in {case.format}.")
    terms = implementation.contract.terms(name, case.format)
    with open_executor(implementation, isolation) as executor:
        return Session(Caller(executor), name, terms, Ledger(name, case.format), {}).judge(case)


def replay_case(implementation: Implementation, operation: str, case: Mapping[str, Any], isolation: str) -> str:
    """What one case says now, in words: each failing property, or that every property holds."""
    recipe = Case.from_json(case)
    trial, checks = replay(implementation, operation, recipe, isolation)
    return told(operation, recipe, trial, checks)


def told(operation: str, case: Case, trial: Trial | None, checks: list[Check]) -> str:
    """The outcome of one case in words."""
    failed = [c for c in checks if c.failed]
    inputs = build(case)
    lines = [f"{operation}, {case.format}: {sentences.input_text(inputs, ())}"]
    if trial is not None:
        lines.append(f"  got   {sentences.row_text(trial.got.ravel())}")
        lines.append(f"  exact {sentences.row_text(trial.truth.reference.to_float().ravel())}")
    for check in failed:
        violation = Violation(check.property, check.level, check.cause)
        lines.append(
            f"  {check.property} ({check.level}): {sentences.summary(operation, violation, check, inputs, trial)}"
        )
    if not failed:
        lines.append(f"  every property holds ({len(checks)} checks)")
    return "\n".join(lines)
