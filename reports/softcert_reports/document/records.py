"""The records that a results document is made of: subjects, cells, findings, tables (not the curves).

Errors and limits are float64 numbers, in ulp unless ``unit`` or the field's name says otherwise. Every field that
a harness may not know has a default, and a default always reads "nothing known", never "nothing wrong".
"""

from __future__ import annotations

import builtins
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from softcert_reports.document import notebook
from softcert_reports.document.contract_effect import ContractEffect
from softcert_reports.document.fields import AnyLevel, Count, Integer, Plain, Real, Record, Size
from softcert_reports.document.levels import Level

Verdict = Literal["certified", "not certified", "inconclusive", "harness error", "not run"]
Outcome = Literal["pass", "fail", "undecided", "not run", "vacuous", "expected fail"]
Basis = Literal["largest seen", "proved on every input"]
Ending = Literal["complete", "interrupted", "harness error"]
Isolation = Literal["process", "none"]

VERDICTS: tuple[Verdict, ...] = ("certified", "not certified", "inconclusive", "harness error", "not run")
OUTCOMES: tuple[Outcome, ...] = ("pass", "fail", "expected fail", "undecided", "vacuous", "not run")


@dataclass(frozen=True, kw_only=True)
class Held(Record):
    """The level held for one operation in one format, and on what ground it is claimed.

    ``rounded`` results were compared with their nearest float, and ``not_nearest`` of them were another one.
    """

    level: AnyLevel | None
    correctly_rounded: bool = False
    basis: Basis = "largest seen"
    rounded: Count = 0
    not_nearest: Count = 0


@dataclass(frozen=True, kw_only=True)
class Counts(Record):
    """Denominators of one subject: property checks by outcome, and calls of the subject."""

    checks: Count = 0
    passed: Count = 0
    failed: Count = 0
    undecided: Count = 0
    not_run: Count = 0
    vacuous: Count = 0
    calls: Count = 0


@dataclass(frozen=True, kw_only=True)
class Subject(Record):
    """One implementation and its verdict.

    ``levels`` holds every unit that was planned: operation -> format -> level held. ``ending`` says how the
    subject's own run ended. ``file`` is its source file, relative to where it was run ("" where it has none there),
    ``lines`` the line of the function of each operation in it.
    """

    name: str
    verdict: Verdict
    spec: str = ""
    description: str = ""
    arrays: str = ""
    formats: tuple[str, ...] = ()
    operations: tuple[str, ...] = ()
    level: AnyLevel | None = None
    levels: Mapping[str, Mapping[str, Held]] = field(default_factory=dict)
    contract_deviations: Mapping[str, Plain] = field(default_factory=dict)
    contract_effects: tuple[ContractEffect, ...] = ()
    inferred: tuple[str, ...] = ()
    source_digest: str = ""
    file: str = ""
    lines: Mapping[str, Count] = field(default_factory=dict)
    ending: Ending = "complete"
    reason: str = ""
    counts: Counts = field(default_factory=Counts)
    seconds_in_subject: Real | None = None


@dataclass(frozen=True, kw_only=True)
class Property(Record):
    """What one property states, for the legend; ``level`` is the lowest level that it belongs to."""

    name: str
    statement: str
    level: AnyLevel = Level.SOUND
    group: str = ""


@dataclass(frozen=True, kw_only=True)
class AtLevel(Record):
    """What was counted of one property at one level: the ground of cells, levels and verdicts."""

    level: AnyLevel
    checks: Count = 0
    violations: Count = 0
    undecided: Count = 0
    vacuous: Count = 0


@dataclass(frozen=True, kw_only=True)
class Cell(Record):
    """One entry of the matrix. ``worst_ratio`` is the largest measured / limit, ``worst_ulp`` an error in ulp.

    Outcome, level and counts follow from ``by_level``, which is empty where nothing was run.
    """

    subject: str
    operation: str
    format: str
    property: str
    outcome: Outcome
    level: AnyLevel = Level.SOUND
    by_level: tuple[AtLevel, ...] = ()
    checks: Count = 0
    violations: Count = 0
    undecided: Count = 0
    worst_ratio: Size | None = None
    worst_ulp: Size | None = None
    worst_case: Mapping[str, Plain] | None = None
    reason: str = ""
    findings: tuple[str, ...] = ()


@dataclass(frozen=True)
class Number(Record):
    """A number for a reader: decimal to as many digits as are known, and its bits where it is a float."""

    decimal: str
    hex: str = ""


@dataclass(frozen=True, kw_only=True)
class Witness(Record):
    """The input that shows a violation, and what came of it.

    ``x_decimal`` and ``x_hex`` are rows of logits; a long row is cut and ``shape`` tells its true size.
    ``element`` is the index of the worst element. ``neighbours`` are the floats around the exact value, ascending.
    ``row_got``, ``row_exact``, ``row_limit`` (error allowed, absolute) are the row of the result, for its plot.
    """

    case: Mapping[str, Plain] = field(default_factory=dict)
    shape: tuple[Integer, ...] = ()
    x_decimal: tuple[tuple[str, ...], ...] = ()
    x_hex: tuple[tuple[str, ...], ...] = ()
    labels: tuple[Integer, ...] | None = None
    options: Mapping[str, Plain] = field(default_factory=dict)
    element: tuple[Integer, ...] | None = None
    got: Number | None = None
    exact: Number | None = None
    neighbours: tuple[Number, ...] = ()
    row_got: tuple[Real, ...] = ()
    row_exact: tuple[Real, ...] = ()
    row_limit: tuple[Real, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Diagnosis(Record):
    """The known defect that a finding behaves like, and the remedy. ``confidence`` says how it was found."""

    defect: str
    text: str
    family: str = ""
    confidence: str = ""
    remedy: str = ""
    reference: str = ""


@dataclass(frozen=True, kw_only=True, repr=False)
class Finding(Record):
    """A violated property with its witness: what `softcert.certify` returns and what the page shows.

    Attributes
    ----------
    id : str
        Stable between runs: made of subject, operation, format, property and cause.
    subject, operation, format, property : str
        Where the violation is. ``dtype`` is the format under the name that array libraries give it.
    summary : str
        One sentence for a person.
    level : Level
        The lowest level that this violation denies.
    regime, cause : str
        The family of cases of the witness, and the kind of violation ("nan", "value", an exception's name).
    witness : Witness or None
        The smallest input that was found, the result and the exact value.
    measured, limit : float or None
        The size of the violation and its limit in ``unit``; None for a property that is not one of size.
    unit : str
        "ulp", or "slack" for a multiple of what the property leaves open; empty where nothing is measured.
    ratio : float or None
        ``measured / limit`` of the worst element.
    limit_name, limit_formula, limit_parameters
        The limit that was passed: its name, its formula and the numbers in it.
    diagnosis : Diagnosis or None
        The known defect that the subject behaves like.
    occurrences : int
        Number of checks that failed in the same way; ``regimes`` counts them by regime.
    reproduction, snippet : str
        Python code that shows the violation with softcert and without it.
    expected_reason : str
        Why the baseline expects this failure; empty where it does not.
    """

    id: str
    subject: str
    operation: str
    format: str
    property: str
    summary: str
    level: AnyLevel = Level.SOUND
    regime: str = ""
    cause: str = ""
    witness: Witness | None = None
    measured: Real | None = None
    limit: Real | None = None
    unit: str = ""
    ratio: Real | None = None
    limit_name: str = ""
    limit_formula: str = ""
    limit_parameters: Mapping[str, Plain] = field(default_factory=dict)
    diagnosis: Diagnosis | None = None
    occurrences: Count = 1
    regimes: Mapping[str, Count] = field(default_factory=dict)
    reproduction: str = ""
    snippet: str = ""
    expected_reason: str = ""

    @builtins.property
    def dtype(self) -> str:
        """The format, under the name that array libraries give it."""
        return self.format

    def __repr__(self) -> str:
        return f"<Finding {self.id}: {self.summary}>"

    def _repr_html_(self) -> str:
        """What a notebook shows: where, witness, result and truth, cause and remedy."""
        rows = [("where", f"{self.subject} · {self.operation} · {self.format} · {self.property}")]
        if (w := self.witness) is not None:
            rows += [("x", ", ".join(row[:8]) + (", …" if len(row) > 8 else "")) for row in w.x_decimal[:2]]
            rows += [(name, number.decimal) for name, number in (("got", w.got), ("exact", w.exact)) if number]
        if self.diagnosis is not None:
            rows += [("cause", self.diagnosis.text), ("remedy", self.diagnosis.remedy)]
        return notebook.entry(self.summary, rows)


@dataclass(frozen=True, kw_only=True)
class Observation(Record):
    """Worth telling, decides nothing."""

    subject: str
    operation: str
    format: str
    kind: str
    text: str
    count: Count = 1
    case: Mapping[str, Plain] | None = None


@dataclass(frozen=True)
class LeftOut(Record):
    """Cases that left the domain, or calls that could not be made, and why."""

    reason: str
    count: Count


@dataclass(frozen=True, kw_only=True)
class Corner(Record):
    """A corner of what was run: with so many rows, no more classes than these were run."""

    rows: Count
    classes: Count


@dataclass(frozen=True, kw_only=True)
class Crossings(Record):
    """How many combinations of the axes' values met, of those that can; ``strength`` values at a time.

    ``left_out`` names the combinations that no case has because it would be too large.
    """

    strength: Count
    met: Count
    possible: Count
    left_out: tuple[LeftOut, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Unseen(Record):
    """Which error of all probabilities by one factor would have passed at a class count, and at which level.

    Attributes
    ----------
    classes, level
        The class count, and the level whose limits hide it.
    ordinary
        The largest relative error that passes in a row of ordinary logits.
    least
        The largest that passes in the row that shows most: of few ordinary logits, or with an exact sum.
    missing
        How many terms of that exact sum may be missing; below 1, none.
    """

    classes: Count
    level: AnyLevel
    ordinary: Size
    least: Size
    missing: Size


@dataclass(frozen=True, kw_only=True)
class Domain(Record):
    """What a verdict speaks of: the hull of the sizes run, cases by regime, crossings, and what was left out.

    ``hull`` holds corners with ever more rows and fewer classes; ``classes`` and ``rows`` hold the smallest and the
    largest of each, which need not have been run together. ``left_out`` counts cases outside the contract's domain,
    ``not_run`` calls that could not be made.
    """

    subject: str
    operation: str
    format: str
    classes: tuple[Count, ...] = ()
    rows: tuple[Count, ...] = ()
    hull: tuple[Corner, ...] = ()
    crossings: tuple[Crossings, ...] = ()
    unseen: tuple[Unseen, ...] = ()
    regimes: Mapping[str, Count] = field(default_factory=dict)
    largest_abs_logit: Size | None = None
    left_out: tuple[LeftOut, ...] = ()
    not_run: tuple[LeftOut, ...] = ()


@dataclass(frozen=True, kw_only=True)
class SpecialValue(Record):
    """One row of the special-value table: what came back, what is accepted, under which policy."""

    subject: str
    operation: str
    format: str
    row: str
    got: str
    accepted: str
    outcome: Outcome
    policy: str = ""


@dataclass(frozen=True, kw_only=True)
class Coverage(Record):
    """How many cases held a value of an axis of the taxonomy, or a crossing of two."""

    operation: str
    format: str
    axis: str
    value: str
    count: Count


@dataclass(frozen=True, kw_only=True)
class LimitEntry(Record):
    """A limit that judged something in this run: formula, parameters and where it comes from."""

    operation: str
    level: str
    format: str
    formula: str
    parameters: Mapping[str, Plain] = field(default_factory=dict)
    source: str = ""
    subject: str = ""


@dataclass(frozen=True, kw_only=True)
class BaselineEntry(Record):
    """A failure that is expected, and why; ``holds`` is the level held there all the same ("none" for none)."""

    subject: str
    operation: str
    format: str
    property: str
    reason: str
    largest_error: Size | None = None
    holds: str = ""


@dataclass(frozen=True, kw_only=True)
class Baseline(Record):
    """The expectations that the run was held against; ``unexpected`` and ``stale`` are one sentence each."""

    path: str = ""
    entries: tuple[BaselineEntry, ...] = ()
    unexpected: tuple[str, ...] = ()
    stale: tuple[str, ...] = ()
