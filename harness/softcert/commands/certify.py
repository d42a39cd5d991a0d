"""A run over several subjects, for Python, the command line and pytest alike.

Subjects are described first, all of them, and certified then: a wrong SPEC costs nobody's time. Nothing that a subject
does loses another's results. Two subjects of the same name are told apart by their order: "softmax", "softmax (2)".
"""

from __future__ import annotations

import itertools
import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from softcert.certification.certify import INTERRUPTED, Progress, certify_one, failed_to_load
from softcert.certification.plan import Plan
from softcert.certification.result import Result
from softcert.diagnosis.on_demand import diagnose
from softcert.executors import describe
from softcert.executors.process import LoadError
from softcert.expected.reference import ReferenceCache
from softcert.results import document as documents
from softcert.results import gate
from softcert.results.baseline import Baseline
from softcert.results.document import DiagnosedResult
from softcert.results.plain_data import storable
from softcert_implementations.contract import Contract
from softcert_implementations.implementation import Implementation
from softcert_oracle.errors import UsageError
from softcert_reports import document as doc


class Run:
    """A run over several subjects.

    Parameters
    ----------
    plan
        Effort, level, seed, isolation and operations.
    subjects
        Subjects that are described already.

    Attributes
    ----------
    diagnosed
        The results so far, each with the diagnoses of its findings.
    interrupted, reason
        Whether the user or a signal stopped the run, and which of them.
    """

    def __init__(self, plan: Plan, subjects: Sequence[Implementation] = ()) -> None:
        self.plan = plan
        self.subjects: list[Implementation | Result] = []
        for subject in subjects:
            self._take(subject)
        self.diagnosed: list[DiagnosedResult] = []
        self.interrupted = False
        self.reason = ""
        self._seconds = 0.0

    @property
    def results(self) -> list[Result]:
        """The results so far."""
        return [d.result for d in self.diagnosed]

    def add(
        self,
        subject: object,
        *,
        op: str | None = None,
        dtypes: str | Sequence[str] | None = None,
        arrays: str | None = None,
        contract: Contract | Mapping[str, Any] | str | Path | None = None,
    ) -> None:
        """Describe a subject and add it to the run.

        A subject that cannot be loaded is a result by itself: not certified, with the reason.

        Raises
        ------
        UsageError
            For a subject that cannot be found, or arguments that are not in the tables.
        """
        isolation = self.plan.isolation
        try:
            described = describe(subject, isolation=isolation, op=op, dtypes=dtypes, arrays=arrays, contract=contract)
        except LoadError as error:
            if not isinstance(subject, str):
                raise
            self._take(failed_to_load(subject, op, self.plan, error.fault))
        else:
            self._take(described)

    def _take(self, subject: Implementation | Result) -> None:
        """Add a subject under a name that no other one has: documents and baselines know subjects by their names."""
        implementation = subject if isinstance(subject, Implementation) else subject.implementation
        taken = {s.name for s in self.subjects}
        name = implementation.name
        for number in itertools.count(2):
            if name not in taken:
                break
            name = f"{implementation.name} ({number})"
        renamed = implementation if name == implementation.name else replace(implementation, name=name)
        if isinstance(subject, Implementation):
            self.subjects.append(renamed)
        else:
            self.subjects.append(replace(subject, implementation=renamed))

    def certify(self, progress: Progress | None = None) -> None:
        """Certify the subjects and diagnose their findings.

        Ctrl-C ends the run and keeps what is finished. A failure of the harness costs one subject its verdict, and no
        other subject anything.

        Raises
        ------
        UsageError
            Where the first subject has none of the operations that the plan asks for.
        """
        start = time.perf_counter()
        references = ReferenceCache()
        try:
            for subject in self.subjects:
                result = (
                    self._certified(subject, progress, references) if isinstance(subject, Implementation) else subject
                )
                self.diagnosed.append(DiagnosedResult(result))
                if result.interrupted:
                    self.stop(result.reason)
                    break
                self.diagnosed[-1] = _diagnosed(result, references)
        except KeyboardInterrupt as stopped:
            self.stop(str(stopped))
        self._seconds += time.perf_counter() - start

    def stop(self, reason: str = "") -> None:
        """Mark the run as ended by the user before its end, for a reason such as "ended by SIGTERM"."""
        self.interrupted = True
        self.reason = reason or INTERRUPTED

    def _certified(self, subject: Implementation, progress: Progress | None, references: ReferenceCache) -> Result:
        try:
            return certify_one(subject, self.plan, progress, references)
        except Exception as error:
            wrong_use = isinstance(error, UsageError) and not self.diagnosed
            if wrong_use or os.environ.get("SOFTCERT_DEBUG"):
                raise
            reason = f"the harness failed: {type(error).__name__}: {error}"
            return Result(implementation=subject, plan=self.plan, reason=reason, broken=True)

    def document(self, command: str, baseline: Baseline | None = None, power: doc.Power | None = None) -> doc.Document:
        """The results document of the run, with its exit code.

        Parameters
        ----------
        command
            The command that repeats the run.
        baseline
            Expected failures.
        power
            Figures of ``softcert power`` for the report.
        """
        names = ", ".join(r.name for r in self.results)
        document = documents.build(
            self.diagnosed,
            self.plan,
            title=f"softcert: {names}",
            command=command,
            complete=not self.interrupted,
            reason=self.reason,
            seconds=self._seconds,
            power=power,
        )
        return gate.decide(storable(document), baseline)


def _diagnosed(result: Result, references: ReferenceCache) -> DiagnosedResult:
    """A result with its diagnoses; without them where the diagnosis fails, since they decide nothing."""
    try:
        return DiagnosedResult(result, diagnose(result, references))
    except Exception as error:
        if os.environ.get("SOFTCERT_DEBUG"):
            raise
        reason = result.reason or f"the findings were not diagnosed: {type(error).__name__}: {error}"
        return DiagnosedResult(replace(result, reason=reason))
