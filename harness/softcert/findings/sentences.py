"""Sentences for people: what a finding says, and numbers as they are shown."""

from __future__ import annotations

import mpmath
import numpy as np

from softcert.cases.inputs import Inputs
from softcert.engine.tally import Violation
from softcert.findings.option_text import described
from softcert.properties.check import Check
from softcert.properties.table import PROPERTIES
from softcert.properties.trial import Trial
from softcert_oracle.numbers.enclosure import Enclosure

_SHOWN = 8  # logits of a row that a sentence shows


def decimal(value: float) -> str:
    """A float64 in as few digits as tell it apart."""
    return f"{value:.17g}" if value != float(f"{value:.6g}") else f"{value:.6g}"


def short(value: float) -> str:
    """A number for a sentence."""
    return f"{value:.6g}"


def exact_text(reference: Enclosure, index: tuple[int, ...], digits: int = 20) -> str:
    """The exact value in decimal, to as many digits as the enclosure's centre has."""
    hi = float(reference.hi[index])
    if not np.isfinite(hi) or hi == 0:
        return f"{hi:g}"
    with mpmath.workprec(160):
        centre = mpmath.mpf(hi) + mpmath.mpf(float(reference.lo[index]))
        return str(mpmath.nstr(mpmath.ldexp(centre, int(reference.exponent[index])), digits))


def row_text(values: np.ndarray) -> str:
    """A row of logits, cut where it is long."""
    shown = ", ".join(short(float(v)) for v in values[:_SHOWN])
    return f"[{shown}{', …' if len(values) > _SHOWN else ''}]"


def input_text(inputs: Inputs, index: tuple[int, ...]) -> str:
    """The input of a witness in words: its row, or its size and regime where it is long."""
    m, C = inputs.exact.shape
    if m * C == 0:
        return f"an input of shape ({m}, {C})"
    row = index[0] if index and index[0] < m else 0
    text = row_text(inputs.exact[row]) if C <= 64 else f"{C} classes ({inputs.case.regime})"
    return text if m == 1 else f"{text} (row {row} of {m})"


def summary(operation: str, violation: Violation, check: Check, inputs: Inputs, trial: Trial | None) -> str:
    """One sentence: the operation, the input, what came, what was due."""
    where = input_text(inputs, check.index)
    if inputs.case.layout != "C":
        where += f" laid out as {inputs.case.layout!r}"
    if given := described(operation, inputs.case):
        where += f" with {given}"
    if check.message and violation.property != "special_values":
        return f"{operation} of {where}: {check.message}"
    statement = PROPERTIES[violation.property].statement
    if trial is None or (violation.property not in _SUMS and not _has(trial, check.index)):
        return f"{operation} of {where}: violates “{statement}” ({_times(check.ratio)} the slack)"
    if violation.property in _SUMS and trial.got.ndim == 2:
        total = float(np.sum(trial.got[check.index[0]]))
        return f"{operation} of {where} sums to {short(total)}, not to {_SUMS[violation.property]}"
    got = float(trial.got[check.index])
    exact = exact_text(trial.truth.reference, check.index, 8)
    text = f"{operation} of {where} gives {short(got)}; exact: {exact}"
    if violation.property == "special_values":
        return f"{text} ({check.message})"
    if violation.property == "accuracy" and np.isfinite(check.measured):
        return f"{text}; the error of {check.measured:.3g} ulp is {_times(check.ratio)} the limit"
    if violation.property in ("accuracy", "finite"):
        return text
    return f"{text}; violates “{statement}”"


_SUMS = {"sum_to_one": 1, "gradient_sum": 0}


def _has(trial: Trial, index: tuple[int, ...]) -> bool:
    return len(index) == trial.got.ndim and all(k < n for k, n in zip(index, trial.got.shape, strict=True))


def _times(ratio: float) -> str:
    return f"{ratio:.3g} times" if np.isfinite(ratio) else "beyond"
