"""A proof run from its plan: what is there already is kept, what is missing is run, and every part is saved."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from softcert.executors import open_executor
from softcert.proofs.engine import Task, spread
from softcert.proofs.leaves import run_leaf
from softcert.proofs.plan import Subject
from softcert_oracle.errors import UsageError
from softcert_reports.proofs.files import load, save
from softcert_reports.proofs.merge import merged
from softcert_reports.proofs.record import ProofPart, ProofPlan, ProofTally

SAVED_EVERY = 10.0
"""Seconds between two writings of the results: what a lost run loses at most, beside its leaves under way."""


@dataclass(frozen=True, kw_only=True)
class Step:
    """How far a proof is: rows that are done and asked for, rows a second of this run, and seconds left."""

    done: int
    total: int
    rate: float
    left: float
    failing: int


def shard_of(plan: ProofPlan, shard: str | None) -> range:
    """The leaves of shard "K/N"; all of them for None.

    Raises
    ------
    UsageError
        For another text, and for more shards than there are leaves.
    """
    if shard is None:
        return range(plan.leaves)
    k, _, n = shard.partition("/")
    if not (k.isascii() and n.isascii() and k.isdigit() and n.isdigit() and 1 <= int(k) <= int(n) <= plan.leaves):
        raise UsageError(f"--shard {shard!r}: give K/N with 1 <= K <= N <= {plan.leaves}, such as 1/4.")
    return range(plan.leaves * (int(k) - 1) // int(n), plan.leaves * int(k) // int(n))


def empty(plan: ProofPlan) -> ProofPart:
    """The part that has no leaf."""
    return ProofPart(plan=plan, leaves=(), tally=ProofTally())


def resumed(plan: ProofPlan, path: Path | None) -> ProofPart:
    """What a results file holds of a plan already; the part without leaves where there is no file.

    Raises
    ------
    DocumentError
        For a file that was changed.
    UsageError
        For a part of another proof.
    """
    if path is None or not path.exists():
        return empty(plan)
    part = load(path)
    if part.plan != plan:
        raise UsageError(
            f"{str(path)!r} is a part of another proof ({part.plan.subject} / {part.plan.operation} / "
            f"{part.plan.format}, or another plan of it). Give another --results, or delete the file."
        )
    return part


def run(
    parts: Iterator[ProofPart],
    start: ProofPart,
    asked: Sequence[int],
    *,
    path: Path | None = None,
    told: Callable[[Step], None] = lambda _: None,
) -> ProofPart:
    """Put the parts of leaves together as they come, and save them.

    Parameters
    ----------
    parts
        From `here` or `softcert.proofs.engine.spread`.
    start
        What is there already.
    asked
        The leaves of this run, those that are there included.
    path
        The results file.
    told
        Hears of every leaf.
    """
    total = sum(high - low for low, high in map(start.plan.leaf, asked))
    have = {leaf.number for leaf in start.leaves}
    before = sum(high - low for low, high in (start.plan.leaf(k) for k in asked if k in have))
    whole, done, begun, saved = start, before, time.monotonic(), time.monotonic()
    try:
        for part in parts:
            whole = merged(whole, part)
            done += part.tally.rows
            rate = (done - before) / max(time.monotonic() - begun, 1e-9)
            told(Step(done=done, total=total, rate=rate, left=(total - done) / rate, failing=whole.tally.failing))
            if path is not None and time.monotonic() - saved > SAVED_EVERY:
                save(whole, path)
                saved = time.monotonic()
    finally:
        if path is not None:
            save(whole, path)
    return whole


def here(plan: ProofPlan, numbers: Sequence[int], subject: Subject, isolation: str = "process") -> Iterator[ProofPart]:
    """The parts of leaves, run one after the other from this process."""
    with open_executor(subject.implementation, isolation) as executor:
        for number in numbers:
            yield run_leaf(plan, number, subject, executor)


def todo(start: ProofPart, asked: Sequence[int]) -> list[int]:
    """The leaves of a run that are not there yet."""
    have = {leaf.number for leaf in start.leaves}
    return [k for k in asked if k not in have]


def on_engine(
    task: Task, numbers: Sequence[int], engine: Callable[[], Any], lost: Callable[[str], None]
) -> Iterator[ProofPart]:
    """The parts of leaves, run by an engine."""
    return spread(task, numbers, engine, lost=lost) if numbers else iter(())
