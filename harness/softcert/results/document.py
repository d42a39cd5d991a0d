"""From results to the results document: facts only, no judgement is added here."""

from __future__ import annotations

import os
import platform
import sys
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib import metadata
from itertools import combinations
from statistics import median_high
from typing import Any

import numpy as np

from softcert.cases.battery import BATTERY_VERSION
from softcert.cases.case import RECIPE_VERSION
from softcert.certification.certify import Plan, Result
from softcert.engine.tally import Ledger, Point, Tally
from softcert.executors import sources
from softcert.findings import sentences, snippets
from softcert.findings.collect import Found
from softcert.properties.check import EDGES
from softcert.properties.table import ACCURACY, LEVELS, PROPERTIES, named_by_level
from softcert.results import ground_truth
from softcert_oracle.decide import decisions
from softcert_oracle.limits import LIMITS_VERSION, growth
from softcert_oracle.numbers import formats
from softcert_reports import document as doc

_LIBRARIES = (
    "softcert", "numpy", "mpmath", "sympy", "hypothesis", "ml_dtypes", "python-flint", "numba", "torch", "jax", "scipy",
)  # fmt: skip


def build(
    results: Sequence[Result], plan: Plan, *, title: str, command: str, complete: bool = True, reason: str = "",
    seconds: float = 0.0, power: doc.Power | None = None,
) -> doc.Document:  # fmt: skip
    """The document of a run. The exit code is filled in by the gate (`softcert.results.gate`)."""
    return doc.Document(
        title=title,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        complete=complete,
        incomplete_reason=reason,
        command=command,
        seed=plan.seed,
        effort=plan.effort.name,
        asked_level=plan.level,  # type: ignore[arg-type]
        versions=_versions(),
        environment=_environment(),
        timings={"seconds": seconds, **_firsts(results)},
        subjects=tuple(_subject(r) for r in results),
        properties=tuple(
            doc.Property(p.name, p.statement, p.level, p.family) for p in PROPERTIES.values()  # type: ignore[arg-type]
        ),
        cells=tuple(c for r in results for c in _cells(r)),
        findings=tuple(finding(r, f) for r in results for f in r.found),
        observations=tuple(o for r in results for o in _observations(r)),
        domains=tuple(d for r in results for d in _domains(r)),
        series=tuple(s for r in results for s in _series(r)),
        histograms=tuple(h for r in results for h in _histograms(r)),
        growth=tuple(g for r in results for g in _growth(r)),
        speed=tuple(
            doc.Speed(r.name, o, f, v) for r in results for (o, f), v in r.elements_per_second.items()
        ),
        pairwise=tuple(_pairwise(results)),
        special_values=tuple(s for r in results for s in _special(r)),
        coverage=tuple(_coverage(results)),
        limits=tuple(e for r in results for e in _limits(r)),
        ground_truth=ground_truth.shipped(),
        power=power,
    )  # fmt: skip


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
        "python": platform.python_version(), "implementation": platform.python_implementation(),
        "os": platform.system(), "machine": platform.machine(), "cpu_count": os.cpu_count() or 1,
        "byteorder": sys.byteorder,
    }  # fmt: skip


def _firsts(results: Sequence[Result]) -> dict[str, float]:
    return {
        f"seconds to the first finding: {r.name}": r.seconds_to_first_finding
        for r in results
        if r.seconds_to_first_finding is not None
    }


def _subject(r: Result) -> doc.Subject:
    i = r.implementation
    levels = {
        operation: {f: doc.Held(level, _nearest(r.ledgers[operation, f])) for f, level in by_format.items()}  # type: ignore[arg-type]
        for operation, by_format in r.levels().items()
    }
    return doc.Subject(
        i.name, r.verdict, i.spec or i.name, i.description, i.arrays, i.dtypes, tuple(i.ops), r.level(), levels,  # type: ignore[arg-type]
        _plain(i.contract.deviations()), i.inferred, sources.digest(i), r.why(), _counts(r), r.seconds_in_subject,
    )  # fmt: skip


def _nearest(ledger: Ledger) -> bool:
    return ledger.held() == "faithful" and ledger.elements > 0 and ledger.not_nearest == 0


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(k): _plain(v) for k, v in value.items()}
    return [_plain(v) for v in value] if isinstance(value, (tuple, list)) else value


def _counts(r: Result) -> doc.Counts:
    tallies = [t for ledger in r.ledgers.values() for t in ledger.tallies.values()]
    failed, undecided = sum(t.violated for t in tallies), sum(t.undecided for t in tallies)
    checks = sum(t.checked for t in tallies)
    return doc.Counts(
        checks, checks - failed - undecided, failed, undecided,
        sum(sum(ledger.not_run.values()) for ledger in r.ledgers.values()), sum(t.vacuous for t in tallies), r.calls,
    )  # fmt: skip


def _cells(r: Result) -> list[doc.Cell]:
    cells = []
    for (operation, format), ledger in r.ledgers.items():
        named: dict[str, list[tuple[str, Tally]]] = {}
        for (property, level), tally in ledger.tallies.items():
            named.setdefault(named_by_level(property, level), []).append((level, tally))
        for name, parts in named.items():
            ids = [f.id for f in r.found if (f.operation, f.format) == (operation, format) and name in _shown_in(f)]
            cells.append(_cell((r.name, operation, format, name), parts, tuple(ids)))
        if not ledger.tallies:
            why = next(iter(ledger.not_run), r.reason or "not reached")
            cells.append(doc.Cell(r.name, operation, format, "accuracy", "not run", reason=why))
    return cells


def _shown_in(f: Found) -> set[str]:
    """The cells that a finding belongs to: an output beyond the wider limit is beyond the narrower one as well."""
    if f.property == "accuracy" and f.level == "sound":
        return {named_by_level("accuracy", "sound"), named_by_level("accuracy", "stable")}
    return {named_by_level(f.property, f.level)}


def _cell(place: tuple[str, str, str, str], parts: list[tuple[str, Tally]], ids: tuple[str, ...]) -> doc.Cell:
    """One cell from the tallies of a property: its level is the lowest that is violated, else the property's own."""
    total = {k: sum(getattr(t, k) for _, t in parts) for k in ("checked", "violated", "undecided", "vacuous")}
    outcome = (
        "fail"
        if total["violated"]
        else "undecided"
        if total["undecided"]
        else "pass"
        if total["checked"]
        else "vacuous"
    )
    level, shown = min(parts, key=lambda p: (not p[1].violated, LEVELS.index(p[0])))
    if not shown.violated:
        level = PROPERTIES[place[3]].level
    measured = place[3] in ACCURACY.values() and shown.worst is not None
    ratio = max((t.worst.ratio for _, t in parts if t.worst is not None), default=0.0)
    return doc.Cell(
        *place, outcome, level, total["checked"], total["violated"], total["undecided"],  # type: ignore[arg-type]
        ratio or None, shown.worst_ulp if measured else None,
        shown.worst_case.to_json() if shown.worst_case is not None and (shown.violated or measured) else None,
        f"{total['vacuous']} cases left the domain: the limit is vacuous there" if total["vacuous"] else "", ids,
    )  # fmt: skip


def finding(r: Result, f: Found) -> doc.Finding:
    """The document's record of a finding."""
    limit, index = f.limit, f.check.index
    diagnosis = r.diagnoses.get(f.id)
    return doc.Finding(
        f.id, r.name, f.operation, f.format, f.property, f.summary, f.level, f.regime, f.cause, _witness(f),  # type: ignore[arg-type]
        f.check.measured if f.check.unit else None, f.check.limit if f.check.unit else None, f.check.unit,
        f.check.ratio, limit.name if limit else "", limit.formula if limit else "",
        _plain(dict(limit.parameters)) if limit else {}, diagnosis, f.occurrences, f.regimes,
        snippets.command(r.implementation, f), snippets.snippet(r.implementation, f, index),
    )  # fmt: skip


_SHOWN_ROWS, _SHOWN_CLASSES = 4, 64


def _witness(f: Found) -> doc.Witness:
    x = f.inputs.exact[:_SHOWN_ROWS, :_SHOWN_CLASSES]
    trial, index = f.trial, f.check.index
    labelled = f.trial is not None and f.trial.truth.labels is not None
    common: dict[str, Any] = {
        "case": f.case.to_json(),
        "shape": tuple(f.inputs.exact.shape),
        "x_decimal": tuple(tuple(sentences.decimal(float(v)) for v in row) for row in x),
        "x_hex": tuple(tuple(float(v).hex() for v in row) for row in x),
        "labels": tuple(int(v) for v in f.inputs.labels[:_SHOWN_ROWS]) if labelled else None,
        "options": dict(f.case.options),
        "element": index,
    }
    if trial is None or len(index) != trial.got.ndim or not trial.got.size:
        return doc.Witness(**common)
    got = float(trial.got[index])
    low, high, decided = decisions.neighbours(trial.truth.reference[index], trial.result_format)
    around = sorted({float(low), float(high)}) if bool(decided) else []
    row = index[:-1] if trial.got.ndim == 2 else (...,)
    exact = trial.truth.reference.to_float()
    limit = f.limit.numbers.to_float() if f.limit is not None else np.zeros_like(trial.got)

    def shown(values: np.ndarray) -> tuple[float, ...]:
        return tuple(float(v) for v in np.atleast_1d(values[row])[:_SHOWN_CLASSES])

    return doc.Witness(
        **common,
        got=doc.Number(sentences.decimal(got), got.hex()),
        exact=doc.Number(sentences.exact_text(trial.truth.reference, index, 30)),
        neighbours=tuple(doc.Number(sentences.decimal(v), v.hex()) for v in around),
        row_got=shown(trial.got), row_exact=shown(exact), row_limit=shown(limit),
    )  # fmt: skip


def _observations(r: Result) -> list[doc.Observation]:
    return [
        doc.Observation(r.name, operation, format, kind, text, count)
        for (operation, format), ledger in r.ledgers.items()
        for (kind, text), count in ledger.observations.items()
    ]


def _domains(r: Result) -> list[doc.Domain]:
    return [
        doc.Domain(
            r.name, operation, format, ledger.classes or (), ledger.rows or (), dict(ledger.regimes),
            ledger.largest_logit,
            tuple(doc.LeftOut(w, n) for w, n in (*ledger.left_out.items(), *ledger.not_run.items())),
        )
        for (operation, format), ledger in r.ledgers.items()
    ]  # fmt: skip


def _series(r: Result) -> list[doc.Series]:
    found = []
    for (operation, format), ledger in r.ledgers.items():
        by_classes: dict[float, list[Point]] = {}
        by_magnitude: dict[float, list[Point]] = {}
        for point in ledger.points:
            if point.classes > 1:
                by_classes.setdefault(float(point.classes), []).append(point)
            if point.magnitude > 0:
                by_magnitude.setdefault(_octave(point.magnitude), []).append(point)
        found.append(doc.Series(r.name, operation, format, "classes", _points(by_classes)))
        found.append(doc.Series(r.name, operation, format, "magnitude", _points(by_magnitude)))
    return found


def _octave(magnitude: float) -> float:
    """The power of two at or below a magnitude; 2^-20 for everything smaller."""
    return float(np.ldexp(1.0, int(np.clip(np.floor(np.log2(magnitude)), -20, 1023))))


def _points(groups: dict[float, list[Point]]) -> tuple[doc.Point, ...]:
    points = []
    for x, group in sorted(groups.items()):
        ulps = [p.ulp for p in group]
        limits = [p.limit_ulp for p in group if np.isfinite(p.limit_ulp)]
        points.append(doc.Point(x, median_high(ulps), max(ulps), max(limits) if limits else None))
    return tuple(points)


def _histograms(r: Result) -> list[doc.Histogram]:
    return [
        doc.Histogram(r.name, o, f, tuple(EDGES), tuple(int(n) for n in ledger.histogram))
        for (o, f), ledger in r.ledgers.items()
        if ledger.histogram.any()
    ]


def _growth(r: Result) -> list[doc.Growth]:
    """The law that the largest errors follow, along class count and along magnitude."""
    found = []
    for (o, f), ledger in r.ledgers.items():
        # One ulp is at least u of the result, at most 2u: in ulp, the growth is told to within a factor of two.
        points = [p for p in ledger.points if np.isfinite(p.ulp) and p.classes > 1 and p.rows <= 64 and p.magnitude > 0]
        for axis, law in (("classes", growth.with_classes), ("magnitude", growth.with_magnitude)):
            x = [float(p.classes) if axis == "classes" else _octave(p.magnitude) for p in points]
            if len(set(x)) >= 3:
                fit = law(x, [p.ulp for p in points], [p.limit_ulp for p in points])
                exponent = fit.coefficient if axis == "magnitude" else None
                found.append(doc.Growth(r.name, o, f, axis, fit.sentence, exponent, fit.law == "n"))
    return found


def _pairwise(results: Sequence[Result]) -> list[doc.Pairwise]:
    found = []
    for a, b in combinations(results, 2):
        for key in a.ledgers.keys() & b.ledgers.keys():
            ours, theirs = a.ledgers[key].outputs, b.ledgers[key].outputs
            shared = [c for c in ours if c in theirs]
            if not shared:
                continue
            fmt = formats.lookup(key[1])
            apart = [(_distance(ours[c], theirs[c], fmt), n) for n, c in enumerate(shared)]
            largest, where = max(apart)
            found.append(doc.Pairwise(*key, a.name, b.name, largest, shared[where].to_json()))
    return sorted(found, key=lambda p: (p.operation, p.format, p.a, p.b))


def _distance(a: np.ndarray, b: np.ndarray, fmt: formats.Format) -> float:
    """The largest difference of two outputs in ulp of the larger; infinite where only one is a number."""
    if a.shape != b.shape:
        return float("inf")
    with np.errstate(invalid="ignore", over="ignore", divide="ignore"):
        same = (a == b) | (np.isnan(a) & np.isnan(b))
        top = np.maximum(np.abs(a), np.abs(b))
        exponent = np.maximum(np.floor(np.log2(np.where(top > 0, top, fmt.smallest_subnormal))), fmt.emin)
        ulps = np.abs(a - b) / np.exp2(exponent - fmt.precision + 1)
    ulps = np.where(same, 0.0, np.where(np.isnan(ulps), np.inf, ulps))
    return float(ulps.max(initial=0.0))


def _special(r: Result) -> list[doc.SpecialValue]:
    return [
        doc.SpecialValue(
            r.name, o, f, name, got, accepted, outcome,  # type: ignore[arg-type]
            r.terms[o, f].special_values.get(name, r.terms[o, f].special_values["default"]),
        )
        for (o, f), ledger in r.ledgers.items()
        for name, (got, accepted, outcome) in ledger.special_rows.items()
    ]  # fmt: skip


def _coverage(results: Sequence[Result]) -> list[doc.Coverage]:
    most: dict[tuple[str, str], Counter[tuple[str, str]]] = {}
    for r in results:
        for key, ledger in r.ledgers.items():
            most[key] = most.get(key, Counter()) | ledger.coverage
    return [
        doc.Coverage(o, f, axis, value, count)
        for (o, f), counted in most.items()
        for (axis, value), count in sorted(counted.items())
    ]


def _limits(r: Result) -> list[doc.LimitEntry]:
    return [
        doc.LimitEntry(o, level, f, limit.formula, _plain(dict(limit.parameters)), "docs/numerics.md", r.name)
        for (o, f), ledger in r.ledgers.items()
        for level, limit in ledger.limits.items()
    ]
