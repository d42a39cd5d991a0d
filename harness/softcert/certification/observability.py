"""Every judged call as a line of Hypothesis's observability format, for the viewers that read it (such as Tyche).

One JSON object a line, with the fields of `hypothesis.internal.observability.TestCaseObservation`: see "Observability
tools" in Hypothesis's documentation. A line is written at once and whole, so the processes that share a run append to
one file. Observations decide nothing: a line that cannot be written is left out, and the run goes on.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from softcert.engine.judge import Judgement
from softcert_oracle.levels import Level


@dataclass(frozen=True, kw_only=True)
class Observer:
    """Appends the judged calls of one unit to a file.

    Attributes
    ----------
    path
        The file, made before the run.
    subject, operation
        The implementation's name and the operation: with the format, what a viewer shows as one property.
    level
        The level that is asked for: a call fails where a check up to it is violated.
    run_start
        Seconds since the epoch; a viewer tells runs apart by it.
    """

    path: Path
    subject: str
    operation: str
    level: Level
    run_start: float = field(default_factory=time.time)

    def __call__(self, judgements: Iterable[Judgement]) -> None:
        """Append a line for each judgement."""
        lines = [json.dumps(self.observation(judgement)) for judgement in judgements]
        with suppress(OSError):
            descriptor = os.open(self.path, os.O_WRONLY | os.O_APPEND)
            try:
                os.write(descriptor, "".join(line + "\n" for line in lines).encode())
            finally:
                os.close(descriptor)

    def observation(self, judgement: Judgement) -> dict[str, Any]:
        """What one call tells, as plain data.

        A call that could not be made is "gave_up". Features are what a viewer draws distributions of: regime, numbers
        of rows and classes, layout, and the worst error as a share of its limit.
        """
        case, checks = judgement.case, judgement.up_to(self.level)
        failed = [check for check in checks if check.failed]
        reason = judgement.unavailable or judgement.declined
        status = "gave_up" if reason else "failed" if failed else "passed"
        recipe = case.to_json()
        return {
            "type": "test_case",
            "run_start": self.run_start,
            "property": f"{self.subject} {self.operation} {case.format}",
            "status": status,
            "status_reason": reason or ", ".join(dict.fromkeys(check.property_name for check in failed)),
            "representation": json.dumps(recipe),
            "arguments": recipe,
            "how_generated": "softcert",
            "features": {
                "regime": case.regime,
                "rows": case.rows_count,
                "classes": case.classes,
                "layout": str(case.layout),
                "state": str(case.state),
                "worst error / limit": _number(max((check.ratio for check in checks), default=0.0)),
            },
            "coverage": None,
            "timing": {},
            "metadata": {},
        }


def _number(ratio: float) -> float | str:
    """A ratio as JSON can say it: infinity and NaN have no number there."""
    return ratio if abs(ratio) < float("inf") else str(ratio)
