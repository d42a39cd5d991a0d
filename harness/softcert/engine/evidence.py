"""Evidence for the diagnosis: outputs of small cases and of some large failing ones, and which of them are wrong."""

from __future__ import annotations

import numpy as np

from softcert.cases.case import Case
from softcert.engine.judge import Judgement
from softcert.properties.check import Check
from softcert.properties.judged_call import JudgedCall
from softcert_oracle.levels import Level

_SMALL = 512  # elements: outputs up to this size are stored, to compare subjects with one another
_LARGE_FAILURES = 12  # larger failing outputs that are stored: some defects show on large inputs alone


class Evidence:
    """What is stored of the calls of one unit.

    Attributes
    ----------
    outputs
        Results by case, float64.
    failing_cases
        Cases of stored outputs that fail at "sound" or "stable".
    large_passing_cases
        Large cases that pass; their outputs are not stored.
    failed_properties
        By small case: properties of the reply's form that fail.
    """

    def __init__(self) -> None:
        self.outputs: dict[Case, np.ndarray] = {}
        self.failing_cases: set[Case] = set()
        self.large_passing_cases: set[Case] = set()
        self.failed_properties: dict[Case, frozenset[str]] = {}
        self._large_failures = 0

    def record(self, judgement: Judgement, values: tuple[Check, ...]) -> None:
        """Store what the diagnosis may need of one call; ``values`` are the checks of its values that count."""
        form = frozenset(c.property_name for c in judgement.form if c.failed)
        if form and judgement.call.inputs.exact.size <= _SMALL:
            self.failed_properties[judgement.case] = form
        if judgement.output is not None and judgement.case.rows is None:
            failed = any(c.failed and c.level <= Level.STABLE for c in values)
            self._record_output(judgement.output, failed)

    def _record_output(self, output: JudgedCall, failed: bool) -> None:
        large = output.inputs.exact.size > _SMALL
        if large and not failed:
            self.large_passing_cases.add(output.case)
            return
        if large and self._large_failures >= _LARGE_FAILURES:
            return
        self._large_failures += large
        self.outputs.setdefault(output.case, output.got)
        if failed:
            self.failing_cases.add(output.case)
