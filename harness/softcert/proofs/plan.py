"""The plan of a proof: subject, shape, level and calls, settled before anything runs."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from softcert.executors import describe, sources
from softcert.results.plain_data import plain
from softcert_implementations.contract import ResolvedContract
from softcert_implementations.implementation import Implementation
from softcert_oracle import operations
from softcert_oracle.errors import UsageError, unknown
from softcert_oracle.exhaustive.shapes import Shape
from softcert_oracle.levels import Level
from softcert_oracle.limits import LIMITS_VERSION
from softcert_reports.proofs.record import ProofPlan

ROWS_PER_CALL = 1 << 16
LEAVES = 256
_MOST_CALLS = 1 << 26
"""More calls of one row than these take days."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Subject:
    """What a proof runs: the described implementation, its contract, its inputs."""

    implementation: Implementation
    terms: ResolvedContract
    shape: Shape


def subject_of(
    spec: object,
    operation: str | None,
    format: str,
    classes: int,
    *,
    shape: str = "all",
    isolation: str = "process",
    **how: Any,
) -> Subject:
    """Describe the subject of a proof.

    Parameters
    ----------
    spec
        A SPEC, a callable or an `Implementation`.
    operation, format, classes, shape
        The inputs. The operation may be left out where the subject has one only.
    isolation
        Where the subject runs: "process" or "none".
    **how
        ``arrays`` and ``contract``, as for `softcert.certify`.

    Raises
    ------
    UsageError
        For a subject that cannot be found or does not have the operation, and for inputs that are no shape.
    """
    if operation is not None:
        operation = operations.lookup(operation).name
    asked = None if isinstance(spec, Implementation) else operation
    if isinstance(spec, str) and ":" not in spec:
        asked = None
    described = describe(spec, isolation=isolation, op=asked, dtypes=(format,), **how)
    if operation is None:
        if len(described.ops) != 1:
            raise UsageError(f"{described.name} has {', '.join(described.ops)}: name one of them with --op.")
        (operation,) = described.ops
    if operation not in described.ops:
        raise unknown(f"operation of {described.name}", operation, described.ops)
    inputs = Shape(operation=operation, format=format, classes=classes, kind=shape)
    return Subject(implementation=described, terms=described.contract.terms(operation, format), shape=inputs)


def plan_of(subject: Subject, spec: str, *, level: str = "stable", rows_per_call: int | None = None) -> ProofPlan:
    """The plan of a proof.

    Raises
    ------
    UsageError
        For an unknown level, for rows per call that are no whole number of at least 1, and for a reduced loss or
        gradient with more than one row in a call: a mean over a batch is another function.
    """
    shape, terms = subject.shape, subject.terms
    if level not in tuple(Level):
        raise unknown("level", level, tuple(Level))
    per_call = _rows_per_call(shape, terms, rows_per_call)
    calls = -(-shape.rows // per_call)
    return ProofPlan(
        subject=subject.implementation.name,
        spec=spec,
        source_digest=sources.digest(subject.implementation),
        operation=shape.operation,
        format=shape.format,
        classes=shape.classes,
        shape=shape.kind,
        level=level,
        rows=shape.rows,
        rows_per_call=per_call,
        leaves=min(LEAVES, calls),
        contract=json.dumps(plain(subject.implementation.contract.deviations()), sort_keys=True),
        limits_version=LIMITS_VERSION,
    )


def _rows_per_call(shape: Shape, terms: ResolvedContract, asked: int | None) -> int:
    reduced = (shape.operation == "cross_entropy" and terms.reduction != "none") or (
        shape.operation == "cross_entropy_grad" and terms.reduction == "mean"
    )
    if asked is not None and (isinstance(asked, bool) or not isinstance(asked, int) or not 1 <= asked <= 1 << 22):
        raise UsageError(f"rows_per_call={asked!r}: give a whole number from 1 to {1 << 22}.")
    if not reduced:
        return min(shape.rows, asked or ROWS_PER_CALL)
    if asked not in (None, 1):
        raise UsageError(
            f"rows_per_call={asked!r}: the contract reduces to the {terms.reduction}, and a proof is about each row. "
            "Give 1, or a subject whose contract has reduction 'none'."
        )
    if shape.rows > _MOST_CALLS:
        raise UsageError(
            f"{shape.rows} rows are {shape.rows} calls of one row each, since the contract reduces to the "
            f"{terms.reduction}. Give a subject whose contract has reduction 'none' (the bundled faithful one is "
            "softcert_implementations.bundled.faithful.per_row:IMPLEMENTATION)."
        )
    return 1
