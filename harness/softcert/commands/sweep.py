"""``softcert sweep``: a search for the largest error. It reports a lower bound of the worst case."""

from __future__ import annotations

from collections.abc import Iterator

from softcert.cases.battery import battery
from softcert.cases.effort import EFFORTS
from softcert.engine import hill_climbing
from softcert.engine.caller import Caller
from softcert.engine.session import Session
from softcert.engine.tally import RunTally
from softcert.executors import describe, open_executor
from softcert.expected.reference import ReferenceCache
from softcert.properties import accuracy
from softcert_oracle.errors import UsageError
from softcert_oracle.levels import Level


def sweep(
    spec: object,
    *,
    op: str | None = None,
    dtype: str | None = None,
    arrays: str | None = None,
    examples: int = 2000,
    seed: int = 0,
    isolation: str = "process",
) -> Iterator[str]:
    """Search for the largest error of each operation and format.

    Parameters
    ----------
    spec, op, dtype, arrays, isolation
        The subject, as for `softcert.certify`.
    examples
        Steps of the search.
    seed
        Fixes every draw.

    Yields
    ------
    One line for each operation and format: the largest error found, in ulp and as a share of the limit, and where.

    Raises
    ------
    UsageError
        For fewer than one example, or a subject that cannot be found.
    """
    if examples < 1:
        raise UsageError(f"examples={examples!r}: give at least 1.")
    implementation = describe(spec, isolation=isolation, op=op, dtypes=dtype, arrays=arrays)
    references = ReferenceCache()
    with open_executor(implementation, isolation) as executor:
        caller = Caller(executor)
        for operation in implementation.ops:
            for format in implementation.dtypes:
                terms = implementation.contract.terms(operation, format)
                session = Session(
                    caller=caller,
                    operation=operation,
                    terms=terms,
                    references=references,
                    partners={operation: terms},
                    tally=RunTally(operation, format),
                )
                cases = battery(operation, format, EFFORTS["quick"], terms, seed)
                for _ in session.run_battery(cases, lambda done, total: None):
                    pass
                hill_climbing.climb(session, steps=examples, seed=seed)
                yield _line(session)


def _line(session: Session) -> str:
    tally = session.tally.tallies.by_property.get((accuracy.PROPERTY, Level.STABLE))
    name = f"{session.operation:20} {session.terms.format:10}"
    if tally is None or tally.worst is None or tally.worst_case is None:
        return f"{name} nothing could be judged"
    return (
        f"{name} at least {tally.worst_ulp:.6g} ulp; largest error / limit {tally.worst.ratio:.4g} "
        f"over {tally.checked} results; worst case {tally.worst_case.to_json()}"
    )
