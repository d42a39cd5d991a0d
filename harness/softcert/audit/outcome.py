"""One candidate through one check: what came of it, and, where a wrong one passes, how harmful that is."""

from __future__ import annotations

import time
import warnings
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from softcert.audit.candidates import Candidate, Entry, entries
from softcert.audit.checks import Check, SuiteError, check_of
from softcert.audit.harm import harms
from softcert.audit.mending import inputs, refuses
from softcert_oracle.errors import UsageError

ACCEPTED, REFUSED, TIMED_OUT, DIED, BROKEN = "accepted", "refused", "timed out", "ended its process", "broken check"


@dataclass(frozen=True, kw_only=True)
class Task:
    """A candidate and a check, as plain data that another process can be sent."""

    check: str
    effort: str
    operation: str
    format: str
    family: str | None
    number: int


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What came of a candidate.

    Attributes
    ----------
    name, part, family, behaves, remedy
        The candidate's.
    how
        `ACCEPTED`, or why not: `REFUSED`, `TIMED_OUT`, `DIED`; `BROKEN` where the check itself could not be run.
    why
        The first line of what the check raised.
    seconds
        How long it took.
    shapes, formats
        What the check called it with.
    error, error_shape
        Of a wrong one that is accepted: its largest error, relative to the largest number of the call, and where.
    ordinary
        The same on normal and uniform logits alone.
    by_limit, by_inputs
        Whether the derived limit refuses it on the check's own inputs, and on those that mend a check.
    """

    name: str
    part: str
    family: str
    behaves: str
    remedy: str
    how: str
    why: str = ""
    seconds: float = 0.0
    shapes: tuple[tuple[int, ...], ...] = ()
    formats: tuple[str, ...] = ()
    ordinary: float = 0.0
    error: float = 0.0
    error_shape: tuple[int, ...] = ()
    by_limit: bool = False
    by_inputs: bool = False

    @property
    def wrong(self) -> bool:
        """Whether the check should have refused it."""
        return self.part != "correct"

    @property
    def right_answer(self) -> bool:
        """Whether the check said what is true."""
        return (self.how == ACCEPTED) != self.wrong


def run(task: Task) -> Outcome:
    """The outcome of a task, in this process."""
    entry = _entries(task.operation, task.format, task.family)[task.number]
    check = _check(task.check, task.effort)
    candidate = Candidate(entry)
    start = time.perf_counter()
    how, why = _verdict(check, candidate)
    known: dict[str, Any] = {
        **_named(entry),
        "how": how,
        "why": why,
        "seconds": time.perf_counter() - start,
        "shapes": tuple(candidate.shapes),
        "formats": tuple(candidate.seen_formats),
    }
    if how == ACCEPTED and entry.wrong:
        known |= _harm(entry, candidate)
    return Outcome(**known)


def lost(task: Task, how: str) -> Outcome:
    """The outcome of a task whose process was lost."""
    entry = _entries(task.operation, task.format, task.family)[task.number]
    known: dict[str, Any] = {**_named(entry), "how": how}
    return Outcome(**known)


def _named(entry: Entry) -> dict[str, str]:
    return {name: getattr(entry, name) for name in ("name", "part", "family", "behaves", "remedy")}


@lru_cache(maxsize=4)
def _entries(operation: str, format: str, family: str | None) -> list[Entry]:
    return entries(operation, format, family)


@lru_cache(maxsize=4)
def _check(spec: str, effort: str) -> Check:
    return check_of(spec, effort)


def _verdict(check: Check, candidate: Candidate) -> tuple[str, str]:
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            answer = check(candidate)
    except (UsageError, SuiteError) as error:
        if isinstance(error, UsageError) and candidate.shapes:
            return REFUSED, _line(error)
        return BROKEN, _line(error)
    except BaseException as error:  # pytest.fail and SystemExit included
        if isinstance(error, KeyboardInterrupt):
            raise
        return REFUSED, _line(error)
    refused = answer is False or (isinstance(answer, np.bool_) and not answer)
    return (REFUSED, "returned False") if refused else (ACCEPTED, "")


def _line(error: BaseException) -> str:
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text}"[:200]


def _harm(entry: Entry, candidate: Candidate) -> dict[str, Any]:
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        ordinary, worst = harms(entry)
        return {
            "ordinary": ordinary.relative,
            "error": worst.relative,
            "error_shape": worst.shape,
            "by_limit": refuses(entry, candidate.calls),
            "by_inputs": refuses(entry, inputs(entry.operation, entry.format)),
        }
