"""On the battery's cases, the compiled kernel of judging decides what the specification decides."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

pytest.importorskip("numba")

from tests.oracle.judging.samples import OPERATIONS
from tests.oracle.judging.test_same_decisions import assert_same_decisions

from softcert.cases.battery import battery
from softcert.cases.effort import EFFORTS
from softcert.cases.inputs import build
from softcert_implementations.bundled.naive import IMPLEMENTATION as NAIVE
from softcert_implementations.bundled.numpy_shifted import IMPLEMENTATION as SHIFTED
from softcert_implementations.contract import Contract
from softcert_implementations.implementation import Implementation
from softcert_oracle.judging import Block, specification
from softcert_oracle.judging.judge import by_kernel


def blocks(subject: Implementation, operation: str, format: str, every: slice, largest: int) -> Iterator[Block]:
    """Some cases of a quick battery with at most ``largest`` logits, with the subject's results."""
    terms = Contract().terms(operation, format)
    for case in battery(operation, format, EFFORTS["quick"], terms, 0)[every]:
        inputs = build(case)
        m, classes = inputs.exact.shape
        labels = inputs.indices
        if case.options or not 0 < inputs.exact.size <= largest or not np.all((labels >= 0) & (labels < classes)):
            continue
        labelled = operation.startswith("cross_entropy")
        with np.errstate(all="ignore"):
            got = subject.ops[operation](inputs.x, labels) if labelled else subject.ops[operation](inputs.x)
        yield Block(
            operation=operation,
            parameters=terms.limit_parameters,
            x=np.ascontiguousarray(inputs.exact),
            starts=np.array([0, m]),
            got=np.ascontiguousarray(np.atleast_1d(np.asarray(got)).astype(np.float64)),
            labels=labels if labelled else None,
        )


def compare(subject: Implementation, operation: str, format: str, every: slice, largest: int) -> tuple[int, int]:
    """How many rows were compared, and how many of them the kernel left open."""
    rows = left = 0
    for block in blocks(subject, operation, format, every, largest):
        raw, deferred = by_kernel(block)
        with np.errstate(all="ignore"):
            assert_same_decisions(raw, specification.judge(block))
        rows, left = rows + block.results, left + deferred
    return rows, left


@pytest.mark.parametrize("operation", OPERATIONS)
def test_decisions_on_a_sample_of_the_battery(operation: str) -> None:
    """Hardly any row is left open."""
    rows, left = compare(SHIFTED, operation, "float32", slice(0, None, 23), 2048)
    assert rows > 20
    assert left <= rows // 50


@pytest.mark.slow
@pytest.mark.parametrize(("first", "subject"), [(0, SHIFTED), (1, NAIVE)], ids=["numpy_shifted", "naive"])
@pytest.mark.parametrize("format", ["float32", "float64"])
@pytest.mark.parametrize("operation", OPERATIONS)
def test_decisions_on_the_whole_battery(operation: str, format: str, first: int, subject: Implementation) -> None:
    """Slow: the specification takes some ten milliseconds a case. Subjects and formats have every fourth case each.

    In float64 a loss that is rounded to 0 is as large as its limit but for 2^-50: the others are absorbed, and that is
    what the growth of the sum allows.
    """
    every = slice(first + 2 * (format == "float64"), None, 4)
    rows, left = compare(subject, operation, format, every, 1 << 16)
    assert left <= rows // (6 if format == "float64" else 20)
