"""The tally of one unit: the only place where what a call has shown is recorded.

Judgements go in one by one. What says nothing new is dropped here, not in the judging: checks of a level that is
lost, and the layout property once contiguous inputs fail too.
"""

from __future__ import annotations

from collections import Counter

import numpy as np

from softcert.cases.case import Case, Layout
from softcert.engine.domain_run import DomainRun
from softcert.engine.error_curves import ErrorCurves
from softcert.engine.evidence import Evidence
from softcert.engine.judge import LAYOUTS, Judgement
from softcert.engine.tallies import Tallies
from softcert.expected.special_values import BATCH_OVERFLOW
from softcert.properties import accuracy, states
from softcert.properties.check import Check
from softcert.properties.judged_call import JudgedCall

_SHOWN = 10  # numbers of a row in the table of special values
_TEXT = 500  # characters of an observation


class RunTally:
    """Everything recorded of one operation in one format.

    Attributes
    ----------
    tallies
        Counts by property and level, and the violations.
    curves
        Sizes of errors, for the plots.
    evidence
        Outputs, for the diagnosis and for comparing subjects.
    domain
        What was run.
    observations
        (kind, text) of what is worth telling and decides nothing.
    special_rows
        By row of the table of special values: what came back, what is accepted, pass or fail.
    """

    def __init__(self, operation: str, format: str) -> None:
        self.operation, self.format = operation, format
        self.tallies = Tallies()
        self.curves = ErrorCurves()
        self.evidence = Evidence()
        self.domain = DomainRun()
        self.observations: Counter[tuple[str, str]] = Counter()
        self.special_rows: dict[str, tuple[str, str, str]] = {}
        self._contiguous_failed = False
        self._answered = False
        self._unavailable: list[tuple[Case, tuple[Check, ...], str]] = []

    def record(self, judgement: Judgement) -> None:
        """Record what one call has shown."""
        for kind, text in judgement.observations:
            self.observations[kind, text[:_TEXT]] += 1
        if judgement.declined:
            self.domain.not_run[judgement.declined] += 1
            return
        if judgement.unavailable and not self._answered:
            self._hold(judgement)
            return
        if not self._answered:
            self._answered = True
            self._count_unavailable()
        values = self._telling(judgement)
        self.evidence.record(judgement, values)
        if judgement.output is not None:
            self._record_output(judgement, judgement.output, values)
        self.tallies.record(judgement.case, (*judgement.form, *values))

    def _hold(self, judgement: Judgement) -> None:
        """Count a call as not run until another one is answered: only a whole unit may be unavailable."""
        self._unavailable.append((judgement.case, judgement.form, judgement.unavailable))
        self.domain.not_run[judgement.unavailable] += 1

    def _count_unavailable(self) -> None:
        """Record the violations of the calls that were held back, now that the unit has answered a call."""
        for case, form, reason in self._unavailable:
            self.domain.not_run[reason] -= 1
            self.tallies.record(case, form)
        self.domain.not_run = +self.domain.not_run
        self._unavailable.clear()

    def record_checks(self, case: Case, checks: tuple[Check, ...]) -> None:
        """Record checks that belong to several calls, such as relations."""
        for check in checks:
            if observation := states.observation(check):
                self.observations[observation] += 1
        self.tallies.record(case, checks)

    def _telling(self, judgement: Judgement) -> tuple[Check, ...]:
        """The checks of the values that say something new."""
        values = judgement.values([level for level in accuracy.HIGHER if not self.tallies.lost(level)])
        if judgement.case.layout == Layout.C:
            self._contiguous_failed |= any(c.failed for c in values)
        elif self._contiguous_failed:
            # The cause is not the layout if contiguous inputs fail too.
            return tuple(c for c in values if c.property_name != LAYOUTS)
        return values

    def _record_output(self, judgement: Judgement, output: JudgedCall, values: tuple[Check, ...]) -> None:
        self.domain.record_output(output)
        self.curves.record(judgement, values)
        for check in values:
            if check.property_name == "special_values":
                self._record_special(output, check)

    def _record_special(self, output: JudgedCall, check: Check) -> None:
        index = check.index or tuple(int(k) for k in np.argwhere(output.accepted.applies)[0])
        name = accuracy.row_name(output, index)
        if name and (check.failed or name not in self.special_rows):
            row = output.got[index[0]] if output.got.ndim == 2 else np.atleast_1d(output.got[index])
            shown = ", ".join(f"{float(v):g}" for v in np.atleast_1d(row)[:_SHOWN])
            outcome = "fail" if check.failed else "pass"
            self.special_rows[name] = (shown, accuracy.accepted_text(output, index), outcome)
        if name == BATCH_OVERFLOW and not np.isfinite(output.got).all():
            sum_format = output.terms.sum_format
            text = f"the sum of a batch's losses overflows {sum_format}, though their mean is finite"
            self.observations[BATCH_OVERFLOW, text] += 1
