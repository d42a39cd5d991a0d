"""A leaf run: its calls, their judgement, and the digest of both."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator
from dataclasses import asdict

import numpy as np
from numpy.typing import NDArray

from softcert.executors.protocol import Array, Executor, Reply, Request, to_numpy
from softcert.proofs.judging import judged
from softcert.proofs.plan import Subject
from softcert_oracle import operations
from softcert_oracle.levels import Level
from softcert_oracle.numbers import formats
from softcert_reports.proofs.files import digest_of
from softcert_reports.proofs.merge import added
from softcert_reports.proofs.record import Leaf, ProofPart, ProofPlan, ProofTally


class ProofStoppedError(Exception):
    """A proof cannot go on: the subject raised, hung or ended, or its result has another form. One sentence."""


def run_leaf(plan: ProofPlan, number: int, subject: Subject, executor: Executor) -> ProofPart:
    """Run and judge the rows of one leaf.

    Returns
    -------
    ProofPart
        The part of this leaf alone. Its digest is that of the results, in which every NaN counts as the same, and of
        the tally: it depends on no sharing of the work.

    Raises
    ------
    ProofStoppedError
        Where a call has no result, or one of another form.
    """
    low, high = plan.leaf(number)
    begun, inside = time.process_time(), 0.0
    tally, seen = ProofTally(), hashlib.sha256()
    starts = range(low, high, plan.rows_per_call)
    for start, reply in zip(starts, executor.run_all(_requests(plan, subject, starts, high)), strict=True):
        rows = min(high, start + plan.rows_per_call) - start
        got = _result(plan, subject, reply, start, rows)
        seen.update(_canonical(got))
        tally = added(tally, judged(subject.shape, subject.terms, Level(plan.level), start, got))
        inside += reply.seconds
    digest = digest_of({"rows": [low, high], "results": seen.hexdigest(), "tally": asdict(tally)})
    return ProofPart(
        plan=plan,
        leaves=(Leaf(number=number, digest=digest),),
        tally=tally,
        seconds=time.process_time() - begun,
        subject_seconds=inside,
    )


def _requests(plan: ProofPlan, subject: Subject, starts: range, high: int) -> Iterator[Request]:
    for start in starts:
        x, labels = subject.shape.build(start, min(high, start + plan.rows_per_call))
        arrays = [Array.of(x)]
        if labels is not None:
            arrays.append(Array.of(labels.astype(subject.terms.label_dtypes[0])))
        yield Request(operation=plan.operation, format=plan.format, arrays=tuple(arrays))


def _result(plan: ProofPlan, subject: Subject, reply: Reply, start: int, rows: int) -> NDArray[np.generic]:
    """The array of a reply, of the right form."""
    where = f"{plan.subject} / {plan.operation} / {plan.format}, rows {start} to {start + rows - 1}"
    if reply.fault is not None:
        raise ProofStoppedError(f"{where}: no result ({reply.fault.kind}: {reply.fault.message}). Nothing is proved.")
    if reply.after:
        raise ProofStoppedError(f"{where}: the call changed its arguments. Nothing is proved.")
    got = [to_numpy(a) for a in reply.results or ()]
    result = operations.lookup(plan.operation).result
    reduced = result == "()" and subject.terms.reduction != "none"
    shape = (rows, plan.classes) if result == "(m, C)" else () if reduced else (rows,)
    wanted = formats.lookup(subject.terms.result_format).dtype
    if len(got) != 1 or got[0].shape != shape or got[0].dtype != wanted:
        given = ", ".join(f"{a.dtype} {a.shape}" for a in got) or "nothing"
        raise ProofStoppedError(f"{where}: the result is {given}; it must be {wanted} {shape}. Nothing is proved.")
    return got[0]


def _canonical(got: NDArray[np.generic]) -> bytes:
    """The bits of results, every NaN as one pattern."""
    bits = np.array(got, order="C").view(f"uint{8 * got.dtype.itemsize}")
    with np.errstate(invalid="ignore"):
        nan = got != got
    if nan.any():
        bits[nan] = -1 & ((1 << 8 * got.dtype.itemsize) - 1)
    return bits.tobytes()
