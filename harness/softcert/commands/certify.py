"""A run over several subjects, as the command line drives it: nothing that a subject does loses another's results."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from softcert.certification.certify import Plan, Progress, Result, certify_one, failed_to_load
from softcert.diagnosis.diagnose import diagnose
from softcert.executors import describe
from softcert.executors.process import LoadError
from softcert.results import document as documents
from softcert.results import gate
from softcert.results.baseline import Baseline
from softcert_implementations.implementation import Implementation
from softcert_reports import document as doc

Subject = Implementation | Result


@dataclass
class Run:
    """Subjects that are described first, all of them, and certified then: a wrong SPEC costs nobody's time."""

    plan: Plan
    op: str | None = None
    dtypes: str | None = None
    arrays: str | None = None
    contract: Path | None = None
    subjects: list[Subject] = field(default_factory=list)
    results: list[Result] = field(default_factory=list)
    complete: bool = True
    reason: str = ""

    def add(self, spec: str) -> None:
        """Find out what a SPEC is. Raises `UsageError`; a subject that cannot be loaded is a result by itself."""
        try:
            self.subjects.append(
                describe(
                    spec, isolation=self.plan.isolation, op=self.op, dtypes=self.dtypes, arrays=self.arrays,
                    contract=self.contract,
                )
            )  # fmt: skip
        except LoadError as error:
            self.subjects.append(failed_to_load(spec, self.op, self.plan, error.fault))

    def certify(self, progress: Progress | None = None) -> None:
        """Certify every subject. Ctrl-C ends the run and keeps what is finished."""
        for subject in self.subjects:
            result = subject if isinstance(subject, Result) else certify_one(subject, self.plan, progress)
            self.results.append(result)
            if result.interrupted:
                self.complete, self.reason = False, "interrupted by the user"
                return
            diagnose(result)

    def document(
        self, command: str, seconds: float, baseline: Baseline | None = None, power: doc.Power | None = None
    ) -> doc.Document:
        """The results document, its exit code decided."""
        names = ", ".join(r.name for r in self.results)
        document = documents.build(
            self.results, self.plan, title=f"softcert: {names}", command=command, complete=self.complete,
            reason=self.reason, seconds=seconds, power=power,
        )  # fmt: skip
        return gate.decide(document, baseline)
