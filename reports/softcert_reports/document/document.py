"""The results document: the facts of one run of softcert, as frozen records.

Everything that people and machines are shown is rendered from it alone. Errors and limits are float64 numbers, in ulp
unless ``unit`` or the field's name says otherwise. `softcert_reports.document.files` writes and reads it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from softcert_reports.document.curves import Growth, Histogram, Pairwise, Series, Speed
from softcert_reports.document.fields import AnyLevel, Count, Integer, Plain, Real, Record
from softcert_reports.document.ground_truth import GroundTruth, Power
from softcert_reports.document.levels import Level
from softcert_reports.document.records import (
    Baseline,
    Cell,
    Coverage,
    Domain,
    Finding,
    Isolation,
    LimitEntry,
    Observation,
    Property,
    SpecialValue,
    Subject,
)

SCHEMA = 3
"""Version of the results document; it grows with every change that an older reader would misread."""


@dataclass(frozen=True, kw_only=True)
class Document(Record):
    """One run.

    Attributes
    ----------
    title, created, command : str
        The heading, the time in ISO 8601, and the command line that was given.
    schema : int
        `SCHEMA`; a reader refuses another one.
    complete : bool
        False for a run that ended early; ``incomplete_reason`` says why.
    seed, effort, asked_level
        What the cases were drawn from, how many there are, and the level that decides.
    asked_operations : tuple of str or None
        The operations that were asked for; None for all that each subject claims.
    isolation : "process" or "none"
        Where the subjects ran. Without isolation the run proves nothing against a subject that is hostile.
    exit_code : int
        0 certified or exactly as the baseline says, 1 not certified, 2 wrong use, 3 inconclusive or incomplete.
    versions, environment, timings
        Versions of softcert's parts and of libraries, facts about the machine, seconds by stage.
    subjects, properties, cells, findings, observations, domains
        Verdicts, the properties checked, the matrix, the violations, what else was seen, what was run.
    series, histograms, growth, speed, pairwise, special_values, coverage, limits
        The curves and tables of the page.
    ground_truth, power, baseline
        Why the reference can be trusted, which known defects the suite finds, and what was expected.
    content_digest : str
        ``sha256:...`` over everything but the times; set where the document is written.
    """

    title: str
    created: str
    schema: Integer = SCHEMA
    kind: Literal["softcert-results"] = "softcert-results"
    complete: bool = True
    incomplete_reason: str = ""
    command: str = ""
    seed: Count = 0
    effort: str = ""
    asked_level: AnyLevel = Level.STABLE
    asked_operations: tuple[str, ...] | None = None
    isolation: Isolation = "process"
    exit_code: Integer = 3
    versions: Mapping[str, str] = field(default_factory=dict)
    environment: Mapping[str, Plain] = field(default_factory=dict)
    timings: Mapping[str, Real] = field(default_factory=dict)
    subjects: tuple[Subject, ...] = ()
    properties: tuple[Property, ...] = ()
    cells: tuple[Cell, ...] = ()
    findings: tuple[Finding, ...] = ()
    observations: tuple[Observation, ...] = ()
    domains: tuple[Domain, ...] = ()
    series: tuple[Series, ...] = ()
    histograms: tuple[Histogram, ...] = ()
    growth: tuple[Growth, ...] = ()
    speed: tuple[Speed, ...] = ()
    pairwise: tuple[Pairwise, ...] = ()
    special_values: tuple[SpecialValue, ...] = ()
    coverage: tuple[Coverage, ...] = ()
    limits: tuple[LimitEntry, ...] = ()
    ground_truth: GroundTruth = field(default_factory=GroundTruth)
    power: Power | None = None
    baseline: Baseline | None = None
    content_digest: str = ""
