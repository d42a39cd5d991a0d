"""mpmath, SymPy and a direct evaluation agree with the enclosures on every row of the battery of up to five classes."""

from __future__ import annotations

import mpmath
import numpy as np
import pytest

from softcert.cases.battery import battery
from softcert.cases.effort import EFFORTS
from softcert.cases.inputs import build
from softcert_implementations.contract import Contract
from softcert_oracle import symbolic
from softcert_oracle.crosscheck.agreement import agree
from softcert_oracle.mp import definition
from softcert_oracle.numbers.enclosure import Decision, Enclosure
from softcert_oracle.operations import CORE
from softcert_oracle.reference import truth

DIGITS = 40
DEEPEST = 20_000  # binary orders of cancellation that the direct evaluation is given digits for


def rows_of(format: str) -> list[tuple[np.ndarray, int]]:
    """Distinct rows of finite logits or -inf beside them, with a label each."""
    terms = Contract().terms("cross_entropy", format)
    found: dict[tuple[float, ...], int] = {}
    for case in battery("cross_entropy", format, EFFORTS["quick"], terms, 0):
        if 1 <= case.classes <= 5:
            inputs = build(case)
            for row, label in zip(inputs.exact[:4], inputs.labels[:4], strict=True):
                if np.isfinite(row.max(initial=-np.inf)) and not np.isnan(row).any():
                    found.setdefault(tuple(row), int(label))
    return [(np.array(row), label) for row, label in found.items()]


def holds(e: Enclosure, k: int, value: mpmath.mpf) -> bool:
    """Whether the k-th interval holds a value that is itself right to 40 digits."""
    flat = e.reshape(-1)
    if not np.isfinite(flat.hi[k]):
        return bool(value == float(flat.hi[k])) or bool(np.isnan(flat.hi[k]) and mpmath.isnan(value))
    exponent = int(flat.exponent[k])
    centre = mpmath.ldexp(mpmath.mpf(float(flat.hi[k])) + mpmath.mpf(float(flat.lo[k])), exponent)
    radius = mpmath.ldexp(mpmath.mpf(float(flat.radius[k])), exponent)
    return bool(abs(centre - value) <= radius + abs(value) * mpmath.mpf(10) ** (1 - DIGITS))


def directly(operation: str, row: np.ndarray, label: int) -> list[mpmath.mpf] | None:
    """The definition as it is written, with digits for the cancellation; None where no machine has as many."""
    # Four times the largest logit covers its own size and every difference; log2(e) < 1.45.
    depth = min(float(np.abs(row[np.isfinite(row)]).max()), 1e9) * 4 * 1.45 + 400
    if depth > DEEPEST:
        return None
    with mpmath.workprec(int(depth)):
        es = [mpmath.exp(mpmath.mpf(float(v))) for v in row]
        s = mpmath.fsum(es)
        p = [e / s for e in es]
        return {
            "softmax": lambda: p,
            "log_softmax": lambda: [mpmath.log(v) if v else mpmath.mpf("-inf") for v in p],
            "logsumexp": lambda: [mpmath.log(s)],
            "cross_entropy": lambda: [-mpmath.log(p[label]) if p[label] else mpmath.inf],
            "cross_entropy_grad": lambda: [v - (j == label) for j, v in enumerate(p)],
        }[operation]()


@pytest.mark.parametrize("format", ["float64", "float32", "float16", "bfloat16"])
@pytest.mark.parametrize("operation", CORE)
def test_all_witnesses_agree_on_every_row(operation, format):
    rows = rows_of(format)
    assert len(rows) > 100
    direct_ones = 0
    for row, label in rows:
        labels = np.array([label]) if operation.startswith("cross_entropy") else None
        enclosure = truth.reference(operation, truth.rows(row[None, :]), labels)
        numbers = definition.evaluate(operation, row[None, :], labels, bits=400)
        assert Decision.NO not in agree(enclosure, numbers), (row, label)
        derived = symbolic.evaluate(operation, list(row), label, DIGITS)
        direct = directly(operation, row, label)
        direct_ones += direct is not None
        for k, value in enumerate(derived):
            with mpmath.workprec(400):
                assert holds(enclosure, k, value), (row, label, k)
                if direct is not None:
                    assert holds(enclosure, k, +direct[k]), (row, label, k)
    assert direct_ones > len(rows) / 2
