"""From the results of a run to its results document: facts only, no judgement is added here.

Curves, growth laws and comparisons of subjects stand in `softcert.results.series`. Outcomes, levels, verdicts and
counts follow from what was counted by `softcert_reports.document.derive`; `softcert.results.gate` adds a baseline.
"""

from __future__ import annotations

import math
import os
import platform
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

from softcert.cases.battery import BATTERY_VERSION
from softcert.cases.case import RECIPE_VERSION
from softcert.certification.plan import Plan
from softcert.certification.result import Result, UnitResult
from softcert.diagnosis.diagnoses import Diagnoses
from softcert.engine.tallies import Tally
from softcert.executors import sources
from softcert.findings.collect import FindingEvidence
from softcert.properties.table import ACCURACY, PROPERTIES, named_by_level
from softcert.results import ground_truth, series, source_lines
from softcert.results.crossings import crossings
from softcert.results.finding_record import finding_record
from softcert.results.plain_data import plain
from softcert.results.unseen import passing
from softcert_oracle.levels import Level
from softcert_oracle.limits import LIMITS_VERSION
from softcert_reports import document as doc

_LIBRARIES = (
    "softcert",
    "numpy",
    "mpmath",
    "sympy",
    "hypothesis",
    "ml_dtypes",
    "python-flint",
    "numba",
    "torch",
    "jax",
    "scipy",
)


@dataclass(frozen=True, eq=False)
class DiagnosedResult:
    """The result of one subject, with the diagnoses of its findings."""

    result: Result
    diagnoses: Diagnoses = field(default_factory=Diagnoses)


def build(
    diagnosed: Sequence[DiagnosedResult],
    plan: Plan,
    *,
    title: str,
    command: str,
    complete: bool = True,
    reason: str = "",
    seconds: float = 0.0,
    power: doc.Power | None = None,
) -> doc.Document:
    """The document of a run.

    Parameters
    ----------
    diagnosed
        The results of the subjects, in the order of the run.
    plan
        What was asked for.
    title, command
        The heading, and the command that repeats the run.
    complete, reason
        Whether every subject was run, and if not, why.
    seconds
        How long the run took.
    power
        Figures of ``softcert power`` that the report shows.
    """
    results = [d.result for d in diagnosed]
    units = [(r, u) for r in results for u in r.units]
    document = doc.Document(
        title=title,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        complete=complete,
        incomplete_reason=reason,
        command=command,
        seed=plan.seed,
        effort=plan.effort.name,
        asked_level=doc.Level(plan.level),
        asked_operations=plan.ops,
        isolation=plan.isolation,  # type: ignore[arg-type] # the plan has checked it
        versions=_versions(),
        environment=_environment(),
        timings={"seconds": seconds, **_first_findings(results)},
        subjects=tuple(map(_subject, results)),
        properties=tuple(_properties()),
        cells=tuple(cell for r, u in units for cell in _cells(r, u)),
        findings=tuple(_findings(diagnosed)),
        observations=tuple(o for d in diagnosed for o in _observations(d)),
        domains=tuple(_domain(r, u, plan) for r, u in units),
        series=tuple(s for r, u in units for s in series.curves(r.name, u)),
        histograms=tuple(h for r, u in units for h in series.histograms(r.name, u)),
        growth=tuple(g for r, u in units for g in series.growth_laws(r.name, u)),
        speed=tuple(s for r, u in units for s in _speed(r, u)),
        pairwise=tuple(series.pairwise(results)),
        special_values=tuple(s for r, u in units for s in _special_values(r, u)),
        coverage=tuple(series.coverage(results)),
        limits=tuple(entry for r, u in units for entry in _limits(r, u)),
        ground_truth=ground_truth.shipped(),
        power=power,
    )
    return doc.derive(document)


def _versions() -> dict[str, str]:
    versions = {"battery": str(BATTERY_VERSION), "recipe": str(RECIPE_VERSION), "limits": str(LIMITS_VERSION)}
    versions["schema"] = str(doc.SCHEMA)
    for name in _LIBRARIES:
        try:
            versions[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return versions


def _environment() -> dict[str, Any]:
    return {
        "python": platform.python_version(),
        "implementation": platform.python_implementation(),
        "os": platform.system(),
        "machine": platform.machine(),
        "cpu_count": os.cpu_count() or 1,
        "byteorder": sys.byteorder,
    }


def _first_findings(results: Sequence[Result]) -> dict[str, float]:
    return {
        f"seconds to the first finding: {r.name}": r.seconds_to_first_finding
        for r in results
        if r.seconds_to_first_finding is not None
    }


def _properties() -> list[doc.Property]:
    return [
        doc.Property(name=p.name, statement=p.statement, level=doc.Level(p.level), group=p.family)
        for p in PROPERTIES.values()
    ]


def _subject(r: Result) -> doc.Subject:
    i = r.implementation
    levels: dict[str, dict[str, doc.Held]] = {}
    for unit in r.units:
        curves = unit.tally.curves
        held = doc.Held(
            level=None, rounded=curves.rounded, not_nearest=curves.not_nearest
        )  # `derive` fills in the rest
        levels.setdefault(unit.operation, {})[unit.format] = held
    spec = i.spec or i.name
    file = source_lines.source_file(spec)
    return doc.Subject(
        name=i.name,
        verdict=r.verdict,
        spec=spec,
        description=i.description,
        arrays=i.arrays,
        formats=i.dtypes,
        operations=tuple(i.ops),
        levels=levels,
        contract_deviations=plain(i.contract.deviations()),
        contract_effects=tuple(_contract_effects(r)),
        inferred=i.inferred,
        source_digest=sources.digest(i),
        file=file,
        lines=source_lines.lines(Path(file), spec, i.ops) if file else {},
        ending=r.ending,
        reason=r.why(),
        counts=doc.Counts(calls=r.calls),
        seconds_in_subject=r.seconds_in_subject,
    )


def _contract_effects(r: Result) -> Iterator[doc.ContractEffect]:
    """What the contract leaves of each unit, for those in which it leaves less than the default one."""
    for unit in r.units:
        if unit.effect is not None and unit.effect.excuses:
            yield doc.ContractEffect(
                operation=unit.operation,
                format=unit.format,
                admitted=unit.effect.admitted,
                cases=unit.effect.cases,
                limit_factors={str(level): factor for level, factor in unit.effect.factors.items()},
                unrefuted=unit.effect.unrefuted,
            )


def _cells(r: Result, unit: UnitResult) -> list[doc.Cell]:
    by_name: dict[str, list[tuple[Level, Tally]]] = {}
    for (property_name, level), tally in unit.tally.tallies.by_property.items():
        by_name.setdefault(named_by_level(property_name, level), []).append((level, tally))
    if not by_name:
        why = next(iter(unit.tally.domain.not_run), r.reason or "not reached")
        return [
            doc.Cell(
                subject=r.name,
                operation=unit.operation,
                format=unit.format,
                property="accuracy",
                outcome="not run",
                reason=why,
            )
        ]
    return [_cell(r.name, unit, name, parts) for name, parts in by_name.items()]


def _shown_in(f: FindingEvidence) -> set[str]:
    """The cells that a finding belongs to: an output beyond the wider limit is beyond the narrower one as well."""
    levels = (Level.SOUND, Level.STABLE) if f.property_name == "accuracy" and f.level == Level.SOUND else (f.level,)
    return {named_by_level(f.property_name, level) for level in levels}


def _cell(subject: str, unit: UnitResult, name: str, parts: list[tuple[Level, Tally]]) -> doc.Cell:
    """One cell from the tallies of a property; what is shown is the worst at the lowest level that is violated."""
    vacuous = sum(t.vacuous for _, t in parts)
    _, shown = min(parts, key=lambda p: (not p[1].violated, p[0].rank))
    measured = name in ACCURACY.values() and shown.worst is not None
    ratio = max((t.worst.ratio for _, t in parts if t.worst is not None), default=0.0)
    case = shown.worst_case if shown.violated or measured else None
    return doc.Cell(
        subject=subject,
        operation=unit.operation,
        format=unit.format,
        property=name,
        outcome="not run",  # `derive` fills in outcome, level and sums
        by_level=tuple(counts for counted, counts in unit.counts.parts if counted == name),
        worst_ratio=_size(ratio) or None,
        worst_ulp=_size(shown.worst_ulp) if measured else None,
        worst_case=None if case is None else case.to_json(),
        reason=f"{vacuous} cases left the domain: the limit is vacuous there" if vacuous else "",
        findings=tuple(f.id for f in unit.findings if name in _shown_in(f)),
    )


def _size(value: float) -> float:
    """A size as a document takes it: an error that is not a number is beyond any limit."""
    return math.inf if math.isnan(value) else max(value, 0.0)


def _findings(diagnosed: Sequence[DiagnosedResult]) -> list[doc.Finding]:
    return [
        finding_record(d.result.implementation, f, d.diagnoses.by_finding.get(f.id))
        for d in diagnosed
        for f in d.result.findings
    ]


def _observations(diagnosed: DiagnosedResult) -> list[doc.Observation]:
    records = []
    for unit in diagnosed.result.units:
        counts = dict(unit.tally.observations)
        if failure := diagnosed.diagnoses.failures.get(unit.key):
            counts["no diagnosis", failure] = 1
        records += [
            doc.Observation(
                subject=diagnosed.result.name,
                operation=unit.operation,
                format=unit.format,
                kind=kind,
                text=text,
                count=count,
            )
            for (kind, text), count in counts.items()
        ]
    return records


def _domain(r: Result, unit: UnitResult, plan: Plan) -> doc.Domain:
    domain = unit.tally.domain
    return doc.Domain(
        subject=r.name,
        operation=unit.operation,
        format=unit.format,
        classes=domain.classes or (),
        rows=domain.rows or (),
        hull=tuple(doc.Corner(rows=m, classes=C) for m, C in domain.hull()),
        crossings=tuple(crossings(unit, plan)),
        unseen=tuple(passing(unit, plan)),
        regimes=dict(domain.regimes),
        largest_abs_logit=domain.largest_logit,
        left_out=tuple(doc.LeftOut(reason, count) for reason, count in domain.left_out.items()),
        not_run=tuple(doc.LeftOut(reason, count) for reason, count in domain.not_run.items()),
    )


def _speed(r: Result, unit: UnitResult) -> list[doc.Speed]:
    if unit.elements_per_second is None:
        return []
    speed = unit.elements_per_second
    return [doc.Speed(subject=r.name, operation=unit.operation, format=unit.format, elements_per_second=speed)]


def _special_values(r: Result, unit: UnitResult) -> list[doc.SpecialValue]:
    policies = unit.terms.special_values
    return [
        doc.SpecialValue(
            subject=r.name,
            operation=unit.operation,
            format=unit.format,
            row=name,
            got=got,
            accepted=accepted,
            outcome=outcome,  # type: ignore[arg-type] # "pass" or "fail"
            policy=policies.get(name, policies["default"]),
        )
        for name, (got, accepted, outcome) in unit.tally.special_rows.items()
    ]


def _limits(r: Result, unit: UnitResult) -> list[doc.LimitEntry]:
    return [
        doc.LimitEntry(
            operation=unit.operation,
            level=str(level),
            format=unit.format,
            formula=limit.formula,
            parameters=plain(dict(limit.parameters)),
            source="docs/numerics.md",
            subject=r.name,
        )
        for level, limit in unit.tally.curves.limits.items()
    ]
