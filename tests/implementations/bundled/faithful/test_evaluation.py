"""The ladder of the faithful implementation: what each rung leaves open, exact sums, threads and forks."""

from __future__ import annotations

import multiprocessing
import os
from fractions import Fraction

import numpy as np
import pytest
from numpy.typing import NDArray

from softcert_implementations.bundled import faithful
from softcert_implementations.bundled.faithful import double, evaluation, single
from softcert_implementations.bundled.faithful.codes import (
    DECIDED,
    GRADIENT,
    LOG_SOFTMAX,
    LOGSUMEXP,
    LOSS,
    SOFTMAX,
    UNDECIDED,
)
from softcert_oracle.numbers import formats


def test_threads_do_not_change_a_bit(monkeypatch: pytest.MonkeyPatch) -> None:
    x = np.random.default_rng(2).standard_normal((40, 50)).astype(np.float32)
    alone = [faithful.softmax(x), faithful.log_softmax(x.astype(np.float64))]
    monkeypatch.setattr(evaluation, "PARALLEL_FROM", 100)
    monkeypatch.setattr(evaluation, "cores", lambda: 3)
    assert faithful.softmax(x).tobytes() == alone[0].tobytes()
    assert faithful.log_softmax(x.astype(np.float64)).tobytes() == alone[1].tobytes()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="forks")
def test_a_forked_process_computes_the_same() -> None:
    x = np.random.default_rng(4).standard_normal((400, 1000)).astype(np.float32)
    expected = faithful.softmax(x)
    reader, writer = multiprocessing.Pipe(duplex=False)
    process = multiprocessing.get_context("fork").Process(target=_in_child, args=(writer, x))
    process.start()
    assert reader.poll(60)
    assert reader.recv_bytes() == expected.tobytes()
    process.join()


def _in_child(writer: object, x: NDArray[np.float32]) -> None:
    writer.send_bytes(faithful.softmax(x).tobytes())  # type: ignore[attr-defined]


@pytest.mark.parametrize("scale", [1.0, 1e300])
def test_sums_of_floats_have_no_error(scale: float) -> None:
    values = np.random.default_rng(1).standard_normal(1000) * 10.0 ** np.arange(-300, 0, 0.3) * scale
    assert evaluation._exact_sum(values) == sum(map(Fraction, values.tolist()))
    assert evaluation._exact_sum(np.zeros(0)) == 0


@pytest.mark.parametrize("format", ["float32", "float64"])
@pytest.mark.parametrize("code", [SOFTMAX, LOG_SOFTMAX, LOGSUMEXP, GRADIENT, LOSS])
def test_rows_that_a_rung_leaves_open_are_settled_by_the_next(
    format: str, code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With bounds so wide that no rung but the last decides anything, every result stays the same."""
    x = np.random.default_rng(6).standard_normal((3, 5)).astype(format)
    labels, target = np.array([0, 4, 2]), evaluation.Target(formats.lookup(format))

    def result() -> bytes:
        if code == LOSS:
            return np.float64(evaluation.mean_loss(x, labels, target)).tobytes()
        return evaluation.elements(code, x, labels, target).tobytes()

    expected = result()
    rows_single, rows_double = single.rows_single, double.rows_double

    def all_open(kernel):  # type: ignore[no-untyped-def]
        def rows(*arguments, state, out, **named):  # type: ignore[no-untyped-def]
            kernel(*arguments, state=state, out=out, **named)
            out[...] = np.nan
            state[state == DECIDED] = UNDECIDED

        return rows

    if code != LOSS:  # the first rung leaves no loss open: its mean is decided at once, or all is done again
        monkeypatch.setattr(single, "rows_single", all_open(rows_single))
    assert result() == expected
    monkeypatch.setattr(double, "rows_double", all_open(rows_double))
    assert result() == expected


def test_few_rows_are_not_cut_and_many_are_cut_without_gaps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evaluation, "cores", lambda: 3)
    monkeypatch.setattr(evaluation, "PARALLEL_FROM", 10)
    for m, parts in ((1, 1), (4, 1), (7, 3), (2, 2)):
        seen: list[int] = []
        pieces: list[slice] = []
        width = 1 if m == 4 else 20

        def work(part: slice, seen: list[int] = seen, pieces: list[slice] = pieces) -> None:
            pieces.append(part)
            seen.extend(range(part.start, part.stop))

        evaluation._in_parts(work, (m, width))
        assert sorted(seen) == list(range(m))
        assert len(pieces) == parts
