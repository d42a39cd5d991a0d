"""An audit: every candidate through a check, isolated and in parallel, and the figures that follow."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

from softcert.audit import outcome as outcomes
from softcert.audit.candidates import NOTHING, entries
from softcert.audit.checks import check_of
from softcert.audit.isolated import Pool
from softcert.audit.outcome import ACCEPTED, BROKEN, DIED, TIMED_OUT, Outcome, Task
from softcert_oracle.errors import UsageError

SECONDS: Mapping[str, float] = {"quick": 20.0, "standard": 300.0, "thorough": 1800.0}
"""By effort: the time limit of a candidate. What takes longer counts neither as refused nor as accepted."""

Told = Callable[[int, int], None]


@dataclass(frozen=True, eq=False, kw_only=True)
class Audit:
    """The outcome of a check on all candidates.

    Attributes
    ----------
    check, operation, format, effort
        What was audited, and on what.
    outcomes
        One for each candidate.
    """

    check: str
    operation: str
    format: str
    effort: str
    outcomes: tuple[Outcome, ...]

    @cached_property
    def wrong(self) -> tuple[Outcome, ...]:
        """The wrong candidates that were finished."""
        return tuple(o for o in self.outcomes if o.wrong and o.how != TIMED_OUT)

    @cached_property
    def correct(self) -> tuple[Outcome, ...]:
        """The correct candidates that were finished."""
        return tuple(o for o in self.outcomes if not o.wrong and o.how != TIMED_OUT)

    @cached_property
    def unfinished(self) -> tuple[Outcome, ...]:
        """Candidates that took longer than their time: slow ones at the sizes of the check, or a check that hangs."""
        return tuple(o for o in self.outcomes if o.how == TIMED_OUT)

    @cached_property
    def survivors(self) -> tuple[Outcome, ...]:
        """Wrong candidates that the check accepts, the most harmful first."""
        return tuple(
            sorted((o for o in self.wrong if o.how == ACCEPTED), key=lambda o: (-o.ordinary, -o.error, o.name))
        )

    @cached_property
    def refused(self) -> tuple[Outcome, ...]:
        """Correct candidates that the check refuses."""
        return tuple(o for o in self.correct if o.how != ACCEPTED)

    @cached_property
    def broken(self) -> tuple[Outcome, ...]:
        """Candidates on which the check itself could not be run."""
        return tuple(o for o in self.outcomes if o.how == BROKEN)

    @cached_property
    def degenerate(self) -> tuple[Outcome, ...]:
        """Degenerate candidates that the check accepts."""
        return tuple(o for o in self.survivors if o.part == NOTHING)

    @property
    def killed(self) -> int:
        """How many wrong candidates the check refuses."""
        return len(self.wrong) - len(self.survivors)

    @property
    def passed(self) -> bool:
        """Whether the check refuses all that is wrong, and nothing that is right."""
        return not (self.survivors or self.refused or self.broken) and len(self.unfinished) < len(self.outcomes)

    @property
    def exit_code(self) -> int:
        """0 where it `passed`, 3 where the check could not be run or never ended, else 1."""
        if self.broken or len(self.unfinished) == len(self.outcomes):
            return 3
        return 0 if self.passed else 1

    @cached_property
    def families(self) -> dict[str, tuple[int, int]]:
        """By family of wrong candidates: how many are refused, of how many."""
        found: dict[str, list[int]] = {}
        for o in self.wrong:
            counts = found.setdefault(o.family, [0, 0])
            counts[0] += o.how != ACCEPTED
            counts[1] += 1
        return {name: (killed, total) for name, (killed, total) in found.items()}

    @cached_property
    def shapes(self) -> tuple[tuple[int, ...], ...]:
        """The shapes that the check calls candidates with."""
        return tuple(dict.fromkeys(shape for o in self.correct or self.outcomes for shape in o.shapes))

    def to_json(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "kind": "softcert-audit",
            "schema": 1,
            "check": self.check,
            "operation": self.operation,
            "format": self.format,
            "effort": self.effort,
            "killed": self.killed,
            "wrong": len(self.wrong),
            "refused": len(self.refused),
            "correct": len(self.correct),
            "unfinished": len(self.unfinished),
            "families": {name: list(counts) for name, counts in self.families.items()},
            "passed": self.passed,
            "outcomes": [_plain(o) for o in self.outcomes],
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Audit:
        """The audit of plain data, as `to_json` gives it.

        Raises
        ------
        UsageError
            For data that is no audit.
        """
        try:
            named = {name: str(data[name]) for name in ("check", "operation", "format", "effort")}
            return cls(outcomes=tuple(_from_plain(o) for o in data["outcomes"]), **named)
        except (KeyError, TypeError, ValueError) as error:
            raise UsageError(f"an audit lacks {error}: give a file that `softcert audit --json` wrote.") from None


def _from_plain(known: Mapping[str, Any]) -> Outcome:
    values: dict[str, Any] = dict(known)
    values["shapes"] = tuple(tuple(shape) for shape in known["shapes"])
    values["formats"], values["error_shape"] = tuple(known["formats"]), tuple(known["error_shape"])
    values["error"], values["ordinary"] = float(known["error"]), float(known["ordinary"])
    return Outcome(**values)


def _plain(o: Outcome) -> dict[str, Any]:
    known = asdict(o)
    for name in ("error", "ordinary"):
        known[name] = known[name] if known[name] < float("inf") else "inf"
    return known


def audit(
    check: str,
    operation: str,
    format: str,
    *,
    effort: str = "quick",
    jobs: int = 1,
    family: str | None = None,
    limit: int | None = None,
    told: Told | None = None,
) -> Audit:
    """Audit a check.

    Parameters
    ----------
    check
        A SPEC of `softcert.audit.checks.check_of`.
    operation, format
        What it checks.
    effort
        "quick", "standard" or "thorough": how large the inputs of a preset may be, and how long a candidate may take.
    jobs
        How many processes share the candidates; 1 runs one at a time, in a process of its own.
    family
        Only the defects of this family.
    limit
        At most so many candidates of each part.
    told
        Hears how many candidates are done, of how many.
    """
    found = entries(operation, format, family)
    check_of(check, effort)  # refuses what does not exist, before processes start
    chosen = [k for k, e in enumerate(found) if limit is None or sum(f.part == e.part for f in found[:k]) < limit]
    tasks = [
        Task(check=check, effort=effort, operation=operation, format=format, family=family, number=k) for k in chosen
    ]
    pool: Pool[Task, Outcome] = Pool(outcomes.run, _lost, jobs=jobs, seconds=SECONDS[effort])
    done: dict[int, Outcome] = {}
    for number, one in pool.outcomes(tasks):
        done[number] = one
        if told is not None:
            told(len(done), len(tasks))
    ordered = tuple(done[k] for k in range(len(tasks)))
    return Audit(check=check, operation=found[0].operation, format=format, effort=effort, outcomes=ordered)


def _lost(task: Task, how: str) -> Outcome:
    return outcomes.lost(task, DIED if how == "died" else TIMED_OUT)


__all__ = ["SECONDS", "Audit", "audit"]
