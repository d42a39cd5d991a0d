"""``softcert sweep``: a search for the largest error. What it reports is a lower bound of the worst case."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from softcert.cases.battery import EFFORTS, battery
from softcert.engine import hill_climbing
from softcert.engine.session import Session
from softcert.engine.tally import Ledger
from softcert.executors import describe, open_executor
from softcert.properties.trial import Caller
from softcert_oracle.errors import UsageError


def sweep(
    spec: Any, op: str | None, dtype: str | None, arrays: str | None, examples: int, seed: int, isolation: str
) -> Iterator[str]:
    """One line for each operation and format: the largest error found in ulp and in units of the limit, and where."""
    if examples < 1:
        raise UsageError(f"examples={examples!r}: give at least 1.")
    implementation = describe(spec, isolation=isolation, op=op, dtypes=dtype, arrays=arrays)
    with open_executor(implementation, isolation) as executor:
        caller = Caller(executor)
        for operation in implementation.ops:
            for format in implementation.dtypes:
                terms = implementation.contract.terms(operation, format)
                session = Session(caller, operation, terms, Ledger(operation, format), {operation: terms})
                session.run_battery(battery(operation, format, EFFORTS["quick"], terms, seed), lambda done, total: None)
                hill_climbing.climb(session, examples, seed)
                yield _line(session)


def _line(session: Session) -> str:
    tally = session.ledger.tallies.get(("accuracy", "stable"))
    name = f"{session.operation:20} {session.terms.format:10}"
    if tally is None or tally.worst is None or tally.worst_case is None:
        return f"{name} nothing could be judged"
    return (
        f"{name} at least {tally.worst_ulp:.6g} ulp; largest error / limit {tally.worst.ratio:.4g} "
        f"over {tally.checked} results; worst case {tally.worst_case.to_json()}"
    )
