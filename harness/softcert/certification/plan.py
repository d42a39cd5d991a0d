"""The plan of a certification: how thoroughly, for which level, from which seed, which operations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from softcert.cases.effort import EFFORTS, Effort
from softcert.executors.factory import ISOLATIONS
from softcert.properties.table import PROPERTIES, lookup
from softcert_oracle import operations
from softcert_oracle.errors import UsageError, unknown
from softcert_oracle.levels import Level


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What is decided before a subject is called.

    Attributes
    ----------
    effort
        How many cases are run.
    level
        The level that is asked for.
    seed
        Fixes everything that is drawn.
    isolation
        "process" (the subject runs in its own) or "none".
    ops
        The operations to run; None for all that the subject claims.
    examples
        Folder of the example database, or None.
    observations
        File to which every judged call is appended (`softcert.certification.observability`), or None.
    fail_fast
        Whether the run ends at the first unit with a finding, and that unit at its first finding.
    units
        The pairs of operation and format to run; None for all.
    properties
        The properties to check; None for all. Some of them prove no level.
    """

    effort: Effort = EFFORTS["standard"]
    level: Level = Level.STABLE
    seed: int = 0
    isolation: str = "process"
    ops: tuple[str, ...] | None = None
    examples: Path | None = None
    observations: Path | None = None
    fail_fast: bool = False
    units: frozenset[tuple[str, str]] | None = None
    properties: tuple[str, ...] | None = None

    @classmethod
    def of(
        cls,
        effort: str = "standard",
        level: str = "stable",
        seed: int = 0,
        *,
        isolation: str = "process",
        ops: str | Sequence[str] | None = None,
        examples: Path | None = None,
        observations: Path | None = None,
        fail_fast: bool = False,
        properties: str | Sequence[str] | None = None,
    ) -> Plan:
        """A plan from words.

        Raises
        ------
        UsageError
            For a name that is not in the tables, or a seed that is no whole number of at least 0.
        """
        if effort not in EFFORTS:
            raise unknown("effort", effort, EFFORTS)
        if level not in tuple(Level):
            raise unknown("level", level, tuple(Level))
        if isolation not in ISOLATIONS:
            raise unknown("isolation", isolation, ISOLATIONS)
        if not isinstance(seed, int) or isinstance(seed, bool) or seed < 0:
            raise UsageError(f"seed={seed!r}: give a whole number of at least 0.")
        names = (ops,) if isinstance(ops, str) else ops
        return cls(
            effort=EFFORTS[effort],
            level=Level(level),
            seed=seed,
            isolation=isolation,
            ops=None if names is None else tuple(operations.lookup(o).name for o in names),
            examples=examples,
            observations=observations,
            fail_fast=fail_fast,
            properties=_properties(properties),
        )


def _properties(given: str | Sequence[str] | None) -> tuple[str, ...] | None:
    """The names of properties, in the order of the table."""
    if given is None:
        return None
    names = [name.strip() for name in given.split(",")] if isinstance(given, str) else given
    chosen = {lookup(name).name for name in names}
    if not chosen:
        raise UsageError(f"properties={given!r}: name at least one; `softcert list properties` shows them.")
    return tuple(name for name in PROPERTIES if name in chosen)
