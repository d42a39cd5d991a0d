"""Results documents for the tests of what is rendered from them: a realistic run, a hostile one, a large one.

The numbers of the witnesses are the true ones (float32 and float64 results and exact values by mpmath); outcomes,
counts and curves are made by rule, so that every kind of cell, verdict and section occurs.
"""

from __future__ import annotations

import math
from dataclasses import replace
from functools import cache

from tests.reports.sample_findings import findings_of, shifted_of
from tests.reports.sample_parts import (
    NAMES,
    OPERATIONS,
    PROPERTIES,
    coverage,
    domain,
    formats_of,
    histogram,
    keys_of,
    limits,
    pairwise,
    power,
    reach,
    series,
    special,
    spread,
    truth,
)

from softcert_reports import document as d


@cache
def sample() -> d.Document:
    """Five implementations, as a bundled run has them."""
    return _document(NAMES)


@cache
def many(count: int = 20) -> d.Document:
    """As many implementations as asked for, all with every operation in two formats and all curves."""
    return _document((*NAMES, *(f"kernel_{i:02d}" for i in range(count - len(NAMES)))))


UNDECIDED = "torch_functional"
"""Has a cell that is undecided, above the level that is asked for."""

HOSTILE_NAMES = (
    "</script><script>alert(1)</script>",
    "x" * 10_000,
    "\u202edesrever\u202c \u05e9\u05dc\u05d5\u05dd",
    "NaN",
    "<img src=x onerror=alert(2)>\"'`&amp;\x00\x07",
    "a|b\n::error::c%0A```",
)


def _only_softmax(document: d.Document) -> d.Document:
    """One operation is enough where names matter: a name of 10,000 characters stands in every record."""
    names = ("cells", "domains", "series", "histograms", "growth", "speed", "pairwise")
    fewer = {n: tuple(r for r in getattr(document, n) if r.operation == "softmax") for n in names}
    subjects = tuple(
        replace(s, operations=("softmax",), levels={"softmax": s.levels["softmax"]}) for s in document.subjects
    )
    return d.derive(replace(document, subjects=subjects, **fewer))


@cache
def hostile() -> d.Document:
    """Names and messages that would break out of careless HTML, JSON, Markdown, XML or terminals."""
    base = _only_softmax(_document(HOSTILE_NAMES))
    bad = HOSTILE_NAMES[0] + HOSTILE_NAMES[4] + "\u2028" + HOSTILE_NAMES[5]
    subjects = tuple(replace(s, description=bad, reason=bad, contract_deviations={bad: bad}) for s in base.subjects)
    findings = tuple(
        replace(
            f,
            summary=bad,
            reproduction=bad + "\u202e",
            snippet=bad,
            diagnosis=d.Diagnosis(defect=bad, text=bad, family=bad, confidence=bad, remedy=bad, reference=bad),
        )
        for f in base.findings
    )
    observations = tuple(replace(o, text=bad * 3) for o in base.observations)
    claim = {
        "id": bad,
        "statement": bad,
        "verdict": "refuted",
        "mathml": "<math><mi>x</mi></math><script>alert(3)</script>",
    }
    truth = replace(base.ground_truth, claims=(claim, {**claim, "mathml": '<math href="javascript:alert(4)"/>'}))
    return replace(
        base,
        title=bad,
        subjects=subjects,
        findings=findings,
        observations=observations,
        ground_truth=truth,
        environment={bad: bad},
        command=bad,
    )


def empty() -> d.Document:
    """A run that checked nothing."""
    return d.Document(title="softcert", created="2026-01-02T03:04:05Z", exit_code=3, incomplete_reason="nothing ran")


def _document(names: tuple[str, ...]) -> d.Document:
    findings = tuple(f for name in names for f in (shifted_of(name) if reach(name) else findings_of(name)))
    cells = tuple(_cell(*key, findings) for key in keys_of(names))
    curves = [(n, o, f) for n in names for o in OPERATIONS for f in formats_of(n)]
    document = d.Document(
        title="softcert: bundled implementations",
        created="2026-01-02T03:04:05Z",
        command="softcert certify " + " ".join(n for n in names if len(n) < 40),
        effort="standard",
        exit_code=1,
        versions={
            "softcert": "0.1.0",
            "battery": "1",
            "recipe": "1",
            "limits": "1",
            "schema": "1",
            "hypothesis": "6.120.0",
            "numpy": "2.3.0",
            "mpmath": "1.3.0",
            "python-flint": "0.8.0",
        },
        environment={
            "python": "3.11.7",
            "os": "Linux 6.1",
            "machine": "x86_64",
            "cpu_count": 2,
            "libraries": {"torch": "2.13.0", "numpy": "2.3.0"},
        },
        timings={"total": 83.25, "oracle": 20.5, "subjects": 41.0},
        subjects=tuple(_subject(n) for n in names),
        properties=tuple(d.Property(name=n, statement=s, level=level, group=g) for n, level, g, s in PROPERTIES),
        cells=cells,
        findings=findings,
        observations=(
            d.Observation(
                subject=names[-1],
                operation="softmax",
                format="float32",
                kind="sum above one",
                text="A row of probabilities sums to 1 + 6.0e-8.",
                count=12,
            ),
            d.Observation(
                subject=names[0],
                operation="softmax",
                format="float32",
                kind="warning",
                text="RuntimeWarning: overflow encountered in exp",
                count=41,
            ),
        ),
        domains=tuple(domain(*key) for key in curves),
        series=tuple(series(*key, axis) for key in curves for axis in ("classes", "magnitude")),
        histograms=tuple(histogram(*key) for key in curves),
        growth=tuple(
            d.Growth(
                subject=n,
                operation=o,
                format=f,
                axis="classes",
                text="grows like classes^0.5",
                exponent=0.5,
                depth_like=False,
            )
            for n, o, f in curves[:4]
        ),
        speed=tuple(
            d.Speed(subject=n, operation=o, format=f, elements_per_second=2.5e7 * 10 ** spread(n + o + f))
            for n, o, f in curves
        ),
        pairwise=tuple(pairwise(names)),
        special_values=tuple(special(names)),
        coverage=tuple(coverage()),
        limits=tuple(limits()),
        ground_truth=truth(),
        power=power(),
        baseline=d.Baseline(
            path="baseline.toml",
            entries=tuple(
                d.BaselineEntry(
                    subject="naive",
                    operation="softmax",
                    format=format,
                    property="finite",
                    reason="the textbook formula, kept as a bad example",
                    largest_error=math.inf,
                )
                for format in ("float32", "float64")
            ),
        ),
    )
    return d.derive(document)


def _cell(name: str, operation: str, format: str, prop: str, level: str, findings: tuple[d.Finding, ...]) -> d.Cell:
    held = reach(name)
    ids = tuple(
        f.id for f in findings if (f.subject, f.operation, f.format, f.property) == (name, operation, format, prop)
    )
    ratio = 0.05 + 0.9 * spread(name + operation + format + prop)
    checks = 40 + int(900_000 * spread(prop + operation))
    counts = d.AtLevel(level=level, checks=checks)  # type: ignore[arg-type]
    reason = ""
    if ids:
        counts, ratio = replace(counts, violations=9), math.inf
    elif not held and operation == "softmax" and prop == "special_values":
        counts, ratio = replace(counts, violations=1), math.inf
    elif held and d.Level(level) > held:
        counts, ratio = replace(counts, violations=9), 3.5
    elif format == "bfloat16" and prop == "layouts":
        return d.Cell(
            subject=name,
            operation=operation,
            format=format,
            property=prop,
            outcome="not run",
            reason="the array library cannot express the layout",
        )
    if format == "float16" and prop == "padding" and operation == "logsumexp":
        counts, reason = d.AtLevel(level=level, vacuous=checks), "the limit says nothing here"  # type: ignore[arg-type]
    elif prop == "relative_accuracy" and format == "float64" and operation == "log_softmax" and name == UNDECIDED:
        counts = replace(counts, violations=0, undecided=1)
    return d.Cell(
        subject=name,
        operation=operation,
        format=format,
        property=prop,
        outcome="not run",
        level=level,  # type: ignore[arg-type]
        by_level=(counts,),
        worst_ratio=ratio,
        worst_ulp=(2 + 3 * spread(name)) * ratio,
        worst_case={"recipe": 1, "regime": "overflow edge", "classes": 2, "rows_count": 1},
        reason=reason,
        findings=ids,
    )


def _subject(name: str) -> d.Subject:
    held = reach(name)
    asked = held is not None and held != "sound"
    basis = "proved on every input" if name == "faithful" else "largest seen"
    return d.Subject(
        name=name,
        verdict="certified" if asked else "not certified",
        spec=f"softcert_implementations.{name[:40]}:IMPLEMENTATION",
        description=f"{name[:40]} as bundled",
        arrays="torch" if name.startswith("torch") else "numpy",
        formats=formats_of(name),
        operations=OPERATIONS,
        level=held,  # type: ignore[arg-type]
        levels={
            o: {
                f: d.Held(level=held, basis=basis, rounded=100, not_nearest=int(o != "softmax"))
                for f in formats_of(name)
            }
            for o in OPERATIONS
        },  # type: ignore[arg-type]
        contract_deviations={"sum_format": {"float16": "float16"}, "saved_format": {"float16": "float16"}}
        if name.startswith("torch")
        else {},
        inferred=("formats", "arrays") if name.startswith("kernel") else (),
        source_digest="sha256:" + "ab" * 32,
        reason="" if asked else "NaN above 88.72 in float32" if held is None else "holds sound; stable was asked for",
        counts=d.Counts(calls=12_345),
        seconds_in_subject=3.25,
    )
