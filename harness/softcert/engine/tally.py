"""The tally of one unit: the only place where what a call has shown is recorded.

Judgements go in one by one. What says nothing new is dropped here, not in the judging: checks of a level that is
lost, and the layout property once contiguous inputs fail too.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from softcert.cases.case import Case, Layout
from softcert.engine.case_table import CaseTable
from softcert.engine.domain_run import DomainRun
from softcert.engine.error_curves import ErrorCurves
from softcert.engine.evidence import Evidence
from softcert.engine.judge import LAYOUTS, Judgement
from softcert.engine.tallies import Tallies
from softcert.expected.special_values import BATCH_OVERFLOW, row_names
from softcert.properties import accuracy, states
from softcert.properties.check import Check, passed
from softcert.properties.judged_call import JudgedCall
from softcert_oracle.levels import Level

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

    def record_all(self, judgements: Sequence[Judgement], table: CaseTable) -> None:
        """Record, in their order, what some calls have shown; ``table`` has the checks of their values.

        Calls in which nothing is wrong are counted by sums over columns, those between them one by one: at most a few
        of these lose a level, and what is lost is not looked at any more.
        """
        start = 0
        while start < len(judgements):
            wrong = table.wrong([level for level in accuracy.HIGHER if self.tallies.lost(level)])
            plain = ~wrong & self._plain(judgements)
            start = self._record_runs(judgements, table, plain, start)

    def _plain(self, judgements: Sequence[Judgement]) -> np.ndarray:
        """Calls that are answered, in the right form, and tell nothing beside."""
        return np.array(
            [j.output is not None and not j.observations and all(not c.violated for c in j.form) for j in judgements],
            bool,
        )

    def _record_runs(self, judgements: Sequence[Judgement], table: CaseTable, plain: np.ndarray, start: int) -> int:
        """Record calls from ``start`` on, until a level is lost that was not: the number of calls recorded."""
        lost = sum(self.tallies.lost(level) for level in accuracy.HIGHER)
        while start < len(judgements):
            others = np.flatnonzero(~plain[start:])
            end = start + int(others[0]) if len(others) else len(judgements)
            if end > start:
                self._record_holding(judgements, table, np.arange(start, end))
            if end == len(judgements):
                return end
            self.record(judgements[end])
            start = end + 1
            if sum(self.tallies.lost(level) for level in accuracy.HIGHER) != lost:
                return start
        return start

    def _record_holding(self, judgements: Sequence[Judgement], table: CaseTable, at: np.ndarray) -> None:
        """Record calls in which nothing is wrong, at any level that is not lost."""
        self._answer()
        for k in at.tolist():
            judgement, row = judgements[k], table.rows[k]
            assert judgement.output is not None
            assert row is not None
            self.tallies.record(judgement.case, judgement.form)
            self.evidence.record(judgement, ())
            if row.special:
                self._record_special_names(judgement.output, row.special[0])
            if judgement.case.layout != Layout.C and not self._contiguous_failed:
                self.tallies.record(judgement.case, (passed(LAYOUTS),))
        self.tallies.record_columns(table, at)
        self.curves.record_columns(table, at, faithful=not self.tallies.lost(Level.FAITHFUL))
        self.domain.record_outputs([row.output for k in at.tolist() if (row := table.rows[k])], table.magnitude[at])

    def _answer(self) -> None:
        if not self._answered:
            self._answered = True
            self._count_unavailable()

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
        self._answer()
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
            self._contiguous_failed |= any(c.failed and c.level <= Level.STABLE for c in values)
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

    def _record_special_names(self, output: JudgedCall, check: Check) -> None:
        """Show a row of the table of special values that holds, the first time it is met."""
        names = row_names(output.expected.rows, output.expected.labels)
        if any(name and name not in self.special_rows for name in names):
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
