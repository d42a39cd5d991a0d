"""The verdict on one candidate: a record, and one line of JSON below four kilobytes."""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass
from typing import Any

SCHEMA = 1
"""The version of the record; a field is added without a new one, never taken away or given another meaning."""

CERTIFIED, REFUTED, INCONCLUSIVE, UNUSABLE = "certified", "refuted", "inconclusive", "unusable"
VERDICTS = (CERTIFIED, REFUTED, INCONCLUSIVE, UNUSABLE)

FEEDBACK = 300
"""The longest feedback, in characters."""

_BYTES = 4000
_TEXT = 400


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What a `softcert.Judge` says of one candidate.

    Attributes
    ----------
    candidate
        Its number in the stream.
    digest
        SHA-256 of its text, SPEC or pickled function: the same candidate has the same digest.
    operation, format, level
        The task.
    verdict
        "certified", "refuted", "inconclusive" (nothing proven, or the judge's own failure), or "unusable" (it could not
        be loaded, has no such operation, or exceeded its time).
    reward
        1 where it is certified and nothing stands in ``flags`` that withholds it, else 0.
    shaped
        In [0, 1]: 0 for what cannot be loaded, 0.1 for what loads, up to 0.9 by the share of cases that hold, 1 with
        the reward. For training only: 0.9 is wrong.
    stage
        How far it came: "load", "cases" or "complete".
    worst
        The largest error over its limit; infinite where a number is due and none is
        given; None where nothing was judged.
    held
        The level that was held, or None.
    property, witness
        The property that fails first, and where: shape of the logits, row, class, and the value returned, in hex.
    cause
        What it behaves like, where that is known, with the remedy.
    feedback
        At most 300 characters for the author.
    flags
        What was seen beside the numbers: "input written", "nondeterministic", "batch variant", "cached", "lazy",
        "precision lowered", "distribution exploit", "library called", "reached outside", "replaced function", ...
    seconds
        The time it took.
    commitment
        SHA-256 of the salt and the task: published before, it shows later that the cases were not chosen by the answer.
    """

    candidate: int
    digest: str
    operation: str
    format: str
    level: str
    verdict: str
    reward: int
    shaped: float
    stage: str
    worst: float | None = None
    held: str | None = None
    property: str = ""
    witness: dict[str, Any] | None = None
    cause: str = ""
    feedback: str = ""
    flags: tuple[str, ...] = ()
    seconds: float = 0.0
    commitment: str = ""
    schema: int = SCHEMA

    def to_json(self) -> str:
        """One line of JSON, below 4 kB, without NaN or infinity: an infinite ``worst`` is the text "inf"."""
        known = asdict(self)
        known["worst"] = _number(self.worst)
        for name in ("cause", "feedback", "property"):
            known[name] = known[name][:_TEXT]
        line = json.dumps(known, sort_keys=True, allow_nan=False)
        if len(line.encode()) >= _BYTES:
            known["witness"], known["flags"] = None, list(self.flags)[:8]
            line = json.dumps(known, sort_keys=True, allow_nan=False)
        return line


def _number(value: float | None) -> float | str | None:
    if value is None or math.isfinite(value):
        return value
    return "inf"
