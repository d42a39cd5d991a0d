"""softcert's own certification as a CHECK: an audit of it says what `softcert power` says."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.harness.audit import suites

from softcert.audit import outcome
from softcert.audit.candidates import DEFECT, NOTHING, RIGHT, entries
from softcert.audit.outcome import REFUSED, Outcome, Task
from softcert.certification.plan import Plan
from softcert.commands.power import CorrectResult, DefectResult, _run_correct, attempt
from softcert.expected.reference import ReferenceCache
from softcert_implementations.gallery import CORRECT, DEFECTS, DEGENERATE

CHECK = f"{Path(suites.__file__)}:certified"
PLAN = Plan.of("quick", seed=0, isolation="none")
EVERY = {DEFECT: 40, NOTHING: 8, RIGHT: 49}
"""By part: one candidate in so many is in the sample."""


def by_audit(operation: str, format: str, names: set[str]) -> dict[str, Outcome]:
    """The outcomes of an audit, by name."""
    found = entries(operation, format)
    task = {"check": CHECK, "effort": "quick", "operation": operation, "format": format, "family": None}
    outcomes = [outcome.run(Task(number=k, **task)) for k, e in enumerate(found) if e.name in names]
    return {o.name: o for o in outcomes}


def by_power(operation: str, format: str, names: set[str]) -> dict[str, DefectResult | CorrectResult]:
    """The results of `softcert power`, by name."""
    references = ReferenceCache()
    found: dict[str, DefectResult | CorrectResult] = {}
    for part, group in (("defects", DEFECTS), ("degenerate", DEGENERATE)):
        for model in group:
            if model.name in names:
                found[model.name] = attempt(part, model, format, PLAN, references)
    for each in CORRECT:
        if each.name in names:
            results = _run_correct(each, format, PLAN, references)
            found[each.name] = next(r for r in results if r.operation == operation)
    return found


@pytest.mark.slow  # certifies a score of candidates twice
@pytest.mark.parametrize("operation", ["softmax", "cross_entropy_grad"])
def test_an_audit_of_certify_catches_and_accepts_what_power_says(operation):
    sample = set()
    for part, every in EVERY.items():
        members = [e.name for e in entries(operation, "float32") if e.part == part]
        sample.update(members[::every])
    assert len(sample) >= 4
    audited, measured = by_audit(operation, "float32", sample), by_power(operation, "float32", sample)
    assert set(audited) == set(measured) == sample
    for name, result in measured.items():
        killed = result.killed if isinstance(result, DefectResult) else result.false_alarm
        assert (audited[name].how == REFUSED) == killed, (name, audited[name], result)
        assert killed == isinstance(result, DefectResult), result
