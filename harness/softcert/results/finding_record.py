"""The record of a finding in the results document: the one form in which a finding leaves the harness."""

from __future__ import annotations

from typing import Any

import numpy as np

from softcert.diagnosis.diagnoses import Diagnosis
from softcert.findings import sentences, snippets
from softcert.findings.collect import FindingEvidence
from softcert.results.plain_data import plain
from softcert_implementations.implementation import Implementation
from softcert_oracle.decide import decisions
from softcert_reports import document as doc

_SHOWN_ROWS, _SHOWN_CLASSES = 4, 64


def finding_record(implementation: Implementation, f: FindingEvidence, diagnosis: Diagnosis | None) -> doc.Finding:
    """The record of a finding.

    Parameters
    ----------
    implementation
        The subject, for the code that shows the finding again.
    f
        The finding with everything that it was made from.
    diagnosis
        The known defect that the subject behaves like; None where no diagnosis was made.
    """
    limit, check = f.limit, f.check
    return doc.Finding(
        id=f.id,
        subject=implementation.name,
        operation=f.operation,
        format=f.format,
        property=f.property_name,
        summary=f.summary,
        level=doc.Level(f.level),
        regime=f.regime,
        cause=f.cause,
        witness=_witness(f),
        measured=check.measured if check.unit else None,
        limit=check.limit if check.unit else None,
        unit=check.unit,
        ratio=check.ratio,
        limit_name=limit.name if limit else "",
        limit_formula=limit.formula if limit else "",
        limit_parameters=plain(dict(limit.parameters)) if limit else {},
        diagnosis=None if diagnosis is None else _diagnosis(diagnosis),
        occurrences=f.occurrences,
        regimes=f.regimes,
        reproduction=snippets.command(implementation, f),
        snippet=snippets.snippet(implementation, f),
    )


def _diagnosis(d: Diagnosis) -> doc.Diagnosis:
    return doc.Diagnosis(
        defect=d.defect,
        text=d.text,
        family=d.family,
        confidence=d.confidence,
        remedy=d.remedy,
        reference=d.reference,
    )


def _witness(f: FindingEvidence) -> doc.Witness:
    inputs, output, index = f.witness.inputs, f.output, f.check.index
    x = inputs.exact[:_SHOWN_ROWS, :_SHOWN_CLASSES]
    labelled = output is not None and output.expected.labels is not None
    common: dict[str, Any] = {
        "case": f.case.to_json(),
        "shape": tuple(inputs.exact.shape),
        "x_decimal": tuple(tuple(sentences.decimal(float(v)) for v in row) for row in x),
        "x_hex": tuple(tuple(float(v).hex() for v in row) for row in x),
        "labels": tuple(int(v) for v in inputs.labels[:_SHOWN_ROWS]) if labelled else None,
        "options": dict(f.case.options),
        "element": index,
    }
    if output is None or len(index) != output.got.ndim or not output.got.size:
        return doc.Witness(**common)
    got = float(output.got[index])
    low, high, decided = decisions.neighbours(output.expected.exact[index], output.result_format)
    around = sorted({float(low), float(high)}) if bool(decided) else []
    row = index[:-1] if output.got.ndim == 2 else (...,)
    limit = f.limit.numbers.to_float() if f.limit is not None else np.zeros_like(output.got)

    def shown(values: np.ndarray) -> tuple[float, ...]:
        return tuple(float(v) for v in np.atleast_1d(values[row])[:_SHOWN_CLASSES])

    return doc.Witness(
        **common,
        got=doc.Number(sentences.decimal(got), got.hex()),
        exact=doc.Number(sentences.exact_text(output.expected.exact, index, 30)),
        neighbours=tuple(doc.Number(sentences.decimal(v), v.hex()) for v in around),
        row_got=shown(output.got),
        row_exact=shown(output.expected.exact.to_float()),
        row_limit=shown(limit),
    )
