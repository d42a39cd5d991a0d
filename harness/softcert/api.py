"""The Python interface: `certify` a subject, `rerun` one case of a finding."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from softcert.certification.certify import Plan, Progress, Result, certify_one
from softcert.diagnosis.diagnose import diagnose
from softcert.executors import describe
from softcert.results import baseline as baselines
from softcert.results import document as documents
from softcert.results import gate
from softcert.results.certificate import Certificate
from softcert_implementations.contract import Contract
from softcert_implementations.implementation import Implementation

Subject = Implementation | Callable[..., Any] | str


def certify(
    subject: Subject, *, op: str | None = None, dtypes: str | Sequence[str] | None = None, arrays: str | None = None,
    effort: str = "standard", level: str = "stable", seed: int = 0, isolation: str = "process",
    ops: Sequence[str] | None = None, baseline: str | Path | None = None,
    contract: Contract | Mapping[str, Any] | str | Path | None = None,
) -> Certificate:  # fmt: skip
    """Certify an implementation of softmax, log-softmax, log-sum-exp, cross-entropy or its gradient.

    ``subject`` is an `Implementation`, a callable (``op``, or its own name, says which operation it is) or a SPEC
    string. ``dtypes`` names formats, ``arrays`` the array library; what is left out is found out. ``ops`` restricts
    the run to some of its operations. ``effort`` is "quick", "standard" or "thorough"; ``level`` "sound", "stable",
    "accurate" or "faithful". ``isolation="process"`` runs the subject in a process of its own.

    Returns a `Certificate`; ``certified`` says whether the asked level is held everywhere. Raises `UsageError` (a
    ValueError) for arguments that are not in the tables, and for a subject that cannot be found; never for what the
    subject does.
    """
    plan = Plan.of(effort, level, seed, isolation, ops)
    expected = None if baseline is None else baselines.load(baseline)
    implementation = describe(
        subject, isolation=isolation, op=op, dtypes=_names(dtypes), arrays=arrays, contract=contract
    )
    start = time.perf_counter()
    results = run([implementation], plan)
    document = documents.build(
        results, plan, title=f"softcert: {implementation.name}", command="softcert.certify(...)",
        seconds=time.perf_counter() - start,
    )  # fmt: skip
    return Certificate.of(gate.decide(document, expected))


def run(implementations: Sequence[Implementation], plan: Plan, progress: Progress | None = None) -> list[Result]:
    """Certify several subjects, one after the other, and diagnose what was found."""
    results = []
    for implementation in implementations:
        result = certify_one(implementation, plan, progress)
        diagnose(result)
        results.append(result)
    return results


def rerun(subject: Subject, operation: str, case: Mapping[str, Any], **how: Any) -> str:
    """Run one case again and say what came of it: the sentence of each property that fails, or that all hold.

    ``case`` is a recipe as it stands in a results document; ``how`` are keywords of `certify` (dtypes, arrays, ...).
    """
    from softcert.commands.replay import replay_case

    how.setdefault("isolation", "process")
    return replay_case(describe(subject, **how), operation, case, how["isolation"])


def _names(dtypes: str | Sequence[str] | None) -> tuple[str, ...] | None:
    if dtypes is None:
        return None
    return tuple(dtypes.split(",")) if isinstance(dtypes, str) else tuple(dtypes)


__all__ = ["certify", "rerun", "run"]
