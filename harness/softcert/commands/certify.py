"""A run over several subjects, for Python, the command line and pytest alike.

Subjects are described first, all of them, and certified then: a wrong SPEC costs nobody's time. Nothing that a subject
does loses another's results. Two subjects of the same name are told apart by their order: "softmax", "softmax (2)".
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from softcert.certification.certify import failed_to_load
from softcert.certification.outcome import INTERRUPTED, only
from softcert.certification.plan import Plan
from softcert.certification.result import Result
from softcert.commands import jobs
from softcert.commands.certification import Certification
from softcert.commands.progress import Listener, Silent
from softcert.executors import describe
from softcert.executors.process import LoadError
from softcert.results import document as documents
from softcert.results import gate
from softcert.results.baseline import Baseline
from softcert.results.document import DiagnosedResult
from softcert.results.plain_data import storable
from softcert_implementations.contract import Contract
from softcert_implementations.implementation import Implementation
from softcert_reports import document as doc


class Run:
    """A run over several subjects.

    Parameters
    ----------
    plan
        Effort, level, seed, isolation and operations.
    subjects
        Subjects that are described already.
    jobs
        How many processes share the work; None for as many as it is worth, one for a core at most.

    Attributes
    ----------
    diagnosed
        The results so far, each with the diagnoses of its findings.
    interrupted, reason
        Whether the run ended before its end, and what stopped it: the user, a signal, its first finding.
    notes
        What is worth telling and changes no result.
    """

    def __init__(self, plan: Plan, subjects: Sequence[Implementation] = (), *, jobs: int | None = None) -> None:
        self.plan, self.jobs = plan, jobs
        self.notes: list[str] = []
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
        call: str | None = None,
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
            described = describe(
                subject, isolation=isolation, op=op, dtypes=dtypes, arrays=arrays, contract=contract, call=call
            )
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

    def certify(self, listener: Listener | None = None) -> None:
        """Certify the subjects and diagnose their findings.

        Ctrl-C ends the run and keeps what is finished. A failure of the harness costs one subject its verdict, and no
        other subject anything.

        Parameters
        ----------
        listener
            Told what goes on.

        Raises
        ------
        UsageError
            Where the first subject has none of the operations that the plan asks for.
        """
        start = time.perf_counter()
        certification = Certification(self.plan, self.subjects, Silent() if listener is None else listener)
        try:
            certification.run(self._jobs(certification))
        except KeyboardInterrupt as stopped:
            self.stop(str(stopped))
        finally:
            self.diagnosed = certification.results()
            if ended := next((r for r in self.results if r.ended_run), None):
                self.stop(self.reason or ended.reason)
            if self.plan.properties is not None and not self.interrupted:
                self.stop(only(self.plan.properties))
            self._seconds += time.perf_counter() - start

    def _jobs(self, certification: Certification) -> int:
        """How many processes share the work; `notes` says why there are fewer than were asked for."""
        count = jobs.count(self.jobs, certification.work, certification.units)
        reason = "isolation 'none' calls the subjects in this process" if self.plan.isolation == "none" else ""
        reason = reason or jobs.cannot_fork()
        if count > 1 and reason:
            if self.jobs is not None:
                self.notes.append(f"jobs={self.jobs}: one job does all, since {reason}")
            return 1
        return count

    def stop(self, reason: str = "") -> None:
        """Mark the run as ended before its end, for a reason such as "ended by SIGTERM"."""
        self.interrupted = True
        self.reason = reason or INTERRUPTED

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
