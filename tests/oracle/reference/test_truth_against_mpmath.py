"""Arb, the fast path and mpmath agree on every operation, on rows that are chosen to break them."""

from __future__ import annotations

import numpy as np
import pytest

from softcert_oracle.crosscheck.agreement import agree
from softcert_oracle.mp import definition
from softcert_oracle.numbers.enclosure import Decision, Enclosure
from softcert_oracle.numbers.formats import FORMATS, Format
from softcert_oracle.reference import arb, backends, truth

INF, MAX, TINY = np.inf, np.finfo(np.float64).max, 5e-324

ROWS = {
    "ordinary": [5.0, 2.0, -1.0, 3.0],
    "one class": [-7.25],
    "two equal": [3.0, 3.0],
    "four equal": [0.1] * 4,
    "three equal": [-2.0] * 3,
    "ties and a tail": [1.0, 1.0, -700.0],
    "two equal and a tail out of every range": [0.0, 0.0, -1e9],
    "largest against smallest": [MAX, -MAX],
    "both largest": [MAX, MAX],
    "full range": [MAX, 1.0, -1.0, TINY, -TINY, -MAX],
    "subnormal logits": [TINY, -TINY, 0.0, 3 * TINY],
    "signed zeros": [0.0, -0.0],
    "absorption": [0.0, np.log(2.0**-53), np.log(2.0**-54), -36.7],
    "one dominant": [1000.0, 0.0],
    "far below float64": [0.0, -745.2, -746.0, -1000.0, -1e5, -1e15],
    "below the floor of exponents": [0.0, -(2.0**36), -(2.0**60), -1e300],
    "minus infinities": [-INF, 1.0, -INF, 0.5, -INF],
    "one finite": [-INF, 3.5, -INF],
    "logsumexp that cancels": [-np.log(2.0), -np.log(2.0)],
    "logsumexp that cancels far": [-1e-30, -69.0775527898213682],
    "offset of a million": [1e6, 1e6 - 1.5, 1e6 - 2.25],
    "huge offset": [1e16, 1e16 - 2.0, 1e16 - 4.0],
    "difference of 54 bits": [-(2.0**53), 1.0],
    "difference of 106 bits": [1.0, -(2.0**53), -(2.0**-53) - 2.0**60],
    "one plus infinity": [INF, 1.0, -INF],
    "several plus infinities": [INF, 1.0, INF, -INF],
    "all minus infinity": [-INF, -INF],
    "a NaN": [1.0, np.nan, INF],
}

BACKENDS: dict[str, backends.Backend] = {"arb": arb.enclose}
if backends.name() == "fast":
    BACKENDS["fast"] = backends.default()

FLOOR = -(2**32)  # below 2^FLOOR a backend may know no more of a value than its sign


def check(e: Enclosure, numbers: list[definition.Number]) -> None:
    """Every interval holds what mpmath says, and is narrower than 2^-96 of it (unless it is below the floor).

    Where a value differs from 1, 1/2 or d by less than mpmath's precision, its ball lies across the end of an open
    interval that begins there: undecided. Any other interval of 2^-96 holds a ball of 2^-390 or misses it.
    """
    answers = agree(e, numbers)
    one_sided = (e.radius == np.abs(e.lo)) | (e.radius <= 2 * np.abs(np.spacing(e.lo)))
    wrong = np.flatnonzero((answers == Decision.NO) | ((answers == Decision.UNDECIDED) & ~one_sided.ravel()))
    assert wrong.size == 0, [(answers[k], e.reshape(-1)[k], numbers[k]) for k in wrong[:2]]
    loose = np.flatnonzero((e.relative_radius().ravel() > 2.0**-96) & (e.exponent.ravel() > FLOOR))
    assert loose.size == 0, [(e.reshape(-1)[k], numbers[k]) for k in loose[:2]]


@pytest.mark.parametrize("backend", BACKENDS.values(), ids=BACKENDS)
@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)
def test_every_operation_on_every_adversarial_row(row: list[float], backend: backends.Backend) -> None:
    x = np.array([row])
    found = truth.rows(x, backend)
    bits = 2600  # enough to tell 2^1024 + 2^-1074 from 2^1024
    for operation in ("softmax", "log_softmax", "logsumexp"):
        check(truth.reference(operation, found), definition.evaluate(operation, x, bits=bits))
    for label in range(len(row)):
        for operation in ("cross_entropy", "cross_entropy_grad"):
            numbers = definition.evaluate(operation, x, [label], bits=bits)
            check(truth.reference(operation, found, [label]), numbers)


@pytest.mark.parametrize("backend", BACKENDS.values(), ids=BACKENDS)
@pytest.mark.parametrize("scale", [1e-3, 1.0, 30.0, 400.0, 1e6])
def test_random_rows_with_offsets_and_infinities(scale: float, backend: backends.Backend) -> None:
    rng = np.random.default_rng(int(scale * 1e3))
    x = rng.normal(size=(12, 7)) * scale + rng.choice([0.0, 1e3, -1e8], (12, 1))
    x[rng.random(x.shape) < 0.1] = -INF
    x[:, 0] = rng.normal(size=12) * scale
    labels = rng.integers(0, 7, 12)
    found = truth.rows(x, backend)
    for operation in ("softmax", "log_softmax", "logsumexp"):
        check(truth.reference(operation, found), definition.evaluate(operation, x, bits=400))
    for reduction in ("mean", "sum", "none"):
        for operation in ("cross_entropy", "cross_entropy_grad"):
            e = truth.reference(operation, found, labels, reduction=reduction)
            check(e, definition.evaluate(operation, x, labels, reduction, bits=400))


@pytest.mark.parametrize("backend", BACKENDS.values(), ids=BACKENDS)
@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)
def test_the_jacobian(row: list[float], backend: backends.Backend) -> None:
    x = np.array([row, row[::-1]])
    check(truth.jacobian(truth.rows(x, backend)), definition.evaluate("jacobian", x, bits=600))


@pytest.mark.parametrize("fmt", FORMATS.values(), ids=FORMATS)
def test_inputs_of_every_format_are_taken_exactly(fmt: Format) -> None:
    x = np.array([[0.1, -3.3, 2.7, 0.0]]).astype(fmt.dtype)
    check(truth.rows(x, arb.enclose).softmax, definition.evaluate("softmax", x.astype(np.float64)))
