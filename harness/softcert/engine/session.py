"""One operation in one format of one subject: cases in, ledger out. Data flows one way through here.

recipe -> input -> call -> output -> checks -> ledger. The fixed battery first, then relations, then Hypothesis.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from softcert.cases import battery as batteries
from softcert.cases import coverage
from softcert.cases.battery import Effort
from softcert.cases.case import Case
from softcert.cases.inputs import Inputs, build
from softcert.engine.tally import Ledger, Point
from softcert.executors.worker.invoke import OVERWRITTEN
from softcert.expected.special_values import BATCH_OVERFLOW
from softcert.properties import accuracy, relations, structure
from softcert.properties.check import Check
from softcert.properties.trial import Caller, Trial, same_bits, take
from softcert_implementations.contract import Terms
from softcert_oracle.decide import decisions
from softcert_oracle.numbers.enclosure import Decision

_KEPT = 512  # elements: outputs up to this size are kept, to compare subjects with one another
_LARGE = 12  # larger outputs that are kept, of those that fail: a defect of large sizes is known by them alone
GIVEN_UP = 3  # faults in a row, of a kind that kills the worker, after which an operation is given up
MOST_HANGS = 4  # hangs in all: each costs the whole time limit

Progress = Callable[[int, int], None]


@dataclass
class Session:
    """What is needed to judge one operation in one format."""

    caller: Caller
    operation: str
    terms: Terms
    ledger: Ledger
    contract_terms: dict[str, Terms]

    # -- one case ---------------------------------------------------------------------------------------------

    def judge(self, case: Case, record: bool = True) -> tuple[Trial | None, list[Check]]:
        """Call the subject on a case and check the output by itself."""
        inputs = build(case)
        trial, checks = self._call(inputs, record)
        if trial is not None:
            checks += self._properties(trial, record)
        if record:
            self.ledger.record(case, checks)
        return trial, checks

    def call(self, inputs: Inputs) -> Trial | None:
        """Call the subject without judging or recording anything; None where there is no output."""
        return take(self.operation, inputs, self.terms, self.caller(self.operation, inputs))[0]

    def _call(self, inputs: Inputs, record: bool) -> tuple[Trial | None, list[Check]]:
        reply = self.caller(self.operation, inputs)
        overwritten = False
        for kind, text in reply.observations:
            overwritten |= kind == OVERWRITTEN
            self.ledger.observations[kind, text[:500]] += 1
        if reply.fault is not None and reply.fault.kind in ("unsupported", "unavailable"):
            if record:
                self.ledger.not_run[reply.fault.message] += 1
            return None, []
        if reply.fault is not None and _refused_rightly(inputs):
            return None, [Check("completes", "sound", 1)]
        self._count_faults(reply.fault.kind if reply.fault else "", record)
        trial, checks = take(self.operation, inputs, self.terms, reply)
        if overwritten:
            message = "the result of the call before was overwritten by this one"
            checks.append(Check("repeatable", "sound", 1, 1, ratio=float("inf"), cause="overwritten", message=message))
        flags = frozenset(c.property for c in checks if c.failed)
        if record and flags and inputs.exact.size <= _KEPT:
            self.ledger.flags[inputs.case] = flags
        return trial, checks

    def _count_faults(self, kind: str, record: bool) -> None:
        fatal = kind in ("crash", "exit", "hang", "memory")
        if record:
            self.ledger.fault_streak = self.ledger.fault_streak + 1 if fatal else 0
            self.ledger.hangs += kind == "hang"

    def _properties(self, trial: Trial, record: bool) -> list[Check]:
        levels = [v for v in ("accurate", "faithful") if not self.ledger.broken(v)]
        checks = accuracy.check(trial, levels)
        checks += structure.check(trial)
        if trial.case.layout == "C":
            self.ledger.plain_failed |= any(c.failed for c in checks)
        elif not self.ledger.plain_failed:
            # A defect that shows in the plain layout as well is none of layouts.
            checks.append(_as_layout(checks))
        if record:
            self._account(trial, checks)
        return checks

    def _account(self, trial: Trial, checks: list[Check]) -> None:
        ledger, case = self.ledger, trial.case
        finite = np.abs(trial.inputs.exact[np.isfinite(trial.inputs.exact)])
        largest = float(finite.max(initial=0.0))
        ledger.largest_logit = max(ledger.largest_logit, largest)
        ledger.classes = _widened(ledger.classes, case.classes)
        ledger.rows = _widened(ledger.rows, case.rows_count)
        ledger.elements_called += trial.inputs.exact.size
        failed = any(c.failed and c.level in ("sound", "stable") for c in checks)
        if case.rows is None and (trial.inputs.exact.size <= _KEPT or (failed and ledger.large_failures < _LARGE)):
            ledger.large_failures += trial.inputs.exact.size > _KEPT
            ledger.outputs.setdefault(case, trial.got)
            if failed:
                ledger.wrong.add(case)
        if case.rows is None and trial.inputs.exact.size > _KEPT and not failed:
            ledger.large_right.add(case)
        for check in checks:
            if check.property == "accuracy" and check.level == "stable" and check.checked:
                point = Point(case.classes, case.rows_count, largest, check.ulp, check.limit, case.regime)
                ledger.points.append(point)
                ledger.limits.setdefault("stable", trial.truth.limit("stable"))
                if check.histogram is not None:
                    ledger.histogram += check.histogram
            if check.property == "accuracy" and check.level == "faithful" and not check.failed:
                self._count_nearest(trial)
            if check.property == "special_values":
                self._note_special(trial, check)

    def _count_nearest(self, trial: Trial) -> None:
        plain = ~trial.accepted.applies
        nearest = decisions.correctly_rounded(
            trial.got, trial.truth.reference, trial.result_format, refine=trial.truth.refine
        )
        self.ledger.not_nearest += int(np.count_nonzero((nearest != Decision.YES) & plain))
        self.ledger.elements += int(np.count_nonzero(plain))

    def _note_special(self, trial: Trial, check: Check) -> None:
        index = check.index or tuple(int(k) for k in np.argwhere(trial.accepted.applies)[0])
        name = accuracy.row_name(trial, index)
        if name and (check.failed or name not in self.ledger.special_rows):
            row = trial.got[index[0]] if trial.got.ndim == 2 else np.atleast_1d(trial.got[index])
            shown = ", ".join(f"{float(v):g}" for v in np.atleast_1d(row)[:10])
            accepted = accuracy.accepted_text(trial, index, self.terms)
            self.ledger.special_rows[name] = (shown, accepted, "fail" if check.failed else "pass")
        if name == BATCH_OVERFLOW and not np.isfinite(trial.got).all():
            said = f"the sum of a batch's losses overflows {self.terms.sum_format}, though their mean is finite"
            self.ledger.observations[BATCH_OVERFLOW, said] += 1

    # -- many cases -------------------------------------------------------------------------------------------

    def run_battery(self, cases: list[Case], progress: Progress, until_failed: str | None = None) -> None:
        """The fixed battery, in order: to its end, to the first failure at a level (``until_failed``), or given up."""
        for number, case in enumerate(cases):
            if reason := self.outside(case):
                self.ledger.left_out[reason] += 1
                continue
            self.ledger.regimes[case.regime] += 1
            self.ledger.coverage.update(coverage.crossings(case))
            self._run_case(case)
            progress(number + 1, len(cases))
            if self.exhausted:
                self.ledger.not_run["given up: the subject hung or ended its process again and again"] += 1
                return
            if until_failed is not None and self.ledger.failed(until_failed):
                return

    def _run_case(self, case: Case) -> None:
        trial, _ = self.judge(case)
        if trial is None or case.state == "once":
            return
        follow = {
            "twice": self._repeat, "interleaved": self._interleaved, "alone": self._alone, "reordered": self._reordered,
        }[case.state]  # fmt: skip
        follow(case, trial)

    def _interleaved(self, case: Case, first: Trial) -> None:
        self.judge(case.with_(seed=case.seed + 1))
        self._repeat(case, first)

    def _repeat(self, case: Case, first: Trial) -> None:
        second, _ = self.judge(case)
        if second is None:
            return
        slack = 2 * relations.limit(first, "sound")
        check = relations.compare("repeatable", first.got, second.got, slack, "sound")
        different = ~same_bits(first.got, second.got)
        if different.any() and not check.failed:
            self.ledger.observations["equal calls differ", "two equal calls differ bitwise, within the slack"] += 1
            if self.terms.repeatable:
                check = Check(
                    "repeatable", "sound", check.checked, int(different.sum()), cause="bits", ratio=float("inf")
                )
        self.ledger.record(case, [check])

    def _alone(self, case: Case, first: Trial) -> None:
        self._rows_against_batch(case, first, [np.array([k]) for k in range(case.rows_count)])

    def _reordered(self, case: Case, first: Trial) -> None:
        self._rows_against_batch(case, first, [np.arange(case.rows_count)[::-1]])

    def _rows_against_batch(self, case: Case, first: Trial, parts: list[np.ndarray]) -> None:
        from softcert.cases.inputs import explicit

        inputs = first.inputs
        divided = self.operation == "cross_entropy_grad" and self.terms.reduction == "mean"
        for part in parts:
            alone = explicit(case.with_(state="once"), inputs.exact[part], inputs.labels[part])
            second, _ = self.judge(alone)
            if second is None or first.got.ndim == 0 or self.operation == "cross_entropy":
                continue
            share = case.rows_count / len(part) if divided else 1.0
            slack = relations.limit(first, "sound")[part] + relations.limit(second, "sound") / share
            check = relations.compare("batch_independence", first.got[part], second.got / share, slack, "sound")
            self.ledger.record(case, [check])

    def run_relations(self, effort: Effort, offered: frozenset[str]) -> None:
        """Relations on base cases that are short dyadic numbers."""
        cases = [c for c in relations.bases(self.terms.format, effort.relations) if not self.outside(c)]
        for case, check in relations.check(self.operation, self.trial_of, offered, cases):
            self.ledger.record(case, [check])

    def trial_of(self, operation: str, case: Case) -> Trial | None:
        """The trial of an operation (this one's is judged and recorded, a partner's only called)."""
        if operation == self.operation:
            return self.judge(case)[0]
        inputs = build(case)
        return take(operation, inputs, self.contract_terms[operation], self.caller(operation, inputs))[0]

    @property
    def exhausted(self) -> bool:
        """Whether the subject has ended its process, or hung, so often that this operation is given up."""
        return self.ledger.fault_streak >= GIVEN_UP or self.ledger.hangs >= MOST_HANGS

    def outside(self, case: Case) -> str:
        """Why a case lies outside the contract's domain ("" where it lies inside)."""
        return batteries.within(case, self.terms, _largest(case) if self.terms.max_abs_logit else 0.0)


def _largest(case: Case) -> float:
    values = np.abs(build(case).exact)
    return float(values[np.isfinite(values)].max(initial=0.0))


def _refused_rightly(inputs: Inputs) -> bool:
    """Whether an error is a right answer: an input without rows or classes may be refused."""
    return inputs.exact.size == 0


def _widened(span: tuple[int, int] | None, value: int) -> tuple[int, int]:
    return (value, value) if span is None else (min(span[0], value), max(span[1], value))


def _as_layout(checks: list[Check]) -> Check:
    """The layout property: what any check on an input in an unusual layout says."""
    worst = next((c for c in checks if c.failed and c.level in ("sound", "stable")), None)
    if worst is None:
        return Check("layouts", "sound", 1)
    return Check(
        "layouts", worst.level, 1, 1, 0, worst.ratio, worst.index, worst.cause, worst.measured, worst.limit, worst.unit
    )
