"""Sentences for people: what a finding says, and numbers as they are shown."""

from __future__ import annotations

import numpy as np

from softcert.cases.call import Call
from softcert.cases.case import Layout
from softcert.cases.inputs import Inputs
from softcert.findings.option_text import option_text
from softcert.properties.check import Check
from softcert.properties.judged_call import JudgedCall
from softcert.properties.table import PROPERTIES
from softcert_implementations.adapters.kinds import PLAIN
from softcert_oracle.numbers.enclosure import Enclosure

_SHOWN = 8  # logits of a row that a sentence shows


def decimal(value: float) -> str:
    """A float64 in as few digits as tell it apart."""
    return f"{value:.17g}" if value != float(f"{value:.6g}") else f"{value:.6g}"


def short(value: float) -> str:
    """A number for a sentence."""
    return f"{value:.6g}"


def exact_text(exact: Enclosure, index: tuple[int, ...], digits: int = 20) -> str:
    """The exact value in decimal, to as many digits as the enclosure's centre has."""
    hi = float(exact.hi[index])
    if not np.isfinite(hi) or hi == 0:
        return f"{hi:g}"
    import mpmath  # for a finding only

    with mpmath.workprec(160):
        centre = mpmath.mpf(hi) + mpmath.mpf(float(exact.lo[index]))
        return str(mpmath.nstr(mpmath.ldexp(centre, int(exact.exponent[index])), digits))


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


def summary(call: Call, check: Check, output: JudgedCall | None) -> str:
    """One sentence on a failing check: the operation, the input, the result, the exact value.

    Parameters
    ----------
    call
        The call that shows the violation.
    check
        The check that failed.
    output
        The output of the call; None where there is none at hand.
    """
    where = input_text(call.inputs, check.index)
    if call.case.layout != Layout.C:
        where += f" laid out as {call.case.layout!r}"
    if call.case.kind != PLAIN:
        where += f" given as {call.case.kind}"
    if options := option_text(call):
        where += f" with {options}"
    name = check.property_name
    if check.message and name != "special_values":
        return f"{call.operation} of {where}: {check.message}"
    statement = PROPERTIES[name].statement
    if output is None or (name not in _SUMS and not _has(output, check.index)):
        return f"{call.operation} of {where}: violates “{statement}”{_beyond(check.ratio)}"
    if name in _SUMS and output.got.ndim == 2:
        total = float(np.sum(output.got[check.index[0]]))
        return f"{call.operation} of {where} sums to {short(total)}, not to {_SUMS[name]}"
    got = float(output.got[check.index])
    exact = exact_text(output.expected.exact, check.index, 8)
    text = f"{call.operation} of {where} gives {short(got)}; exact: {exact}"
    if name == "special_values":
        return f"{text} ({check.message})"
    if name == "accuracy" and np.isfinite(check.measured):
        return f"{text}; the error of {check.measured:.3g} ulp is {_times(check.ratio)} the limit"
    if name in ("accuracy", "finite"):
        return text
    return f"{text}; violates “{statement}”"


_SUMS = {"sum_to_one": 1, "gradient_sum": 0}


def _has(output: JudgedCall, index: tuple[int, ...]) -> bool:
    return len(index) == output.got.ndim and all(k < n for k, n in zip(index, output.got.shape, strict=True))


def _beyond(ratio: float) -> str:
    """How far a relation is violated; "" where that is not a finite number."""
    return f" ({ratio:.3g} times what rounding explains)" if np.isfinite(ratio) else ""


def _times(ratio: float) -> str:
    return f"{ratio:.3g} times" if np.isfinite(ratio) else "beyond"
