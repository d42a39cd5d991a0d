"""Speed of judging: elements a second of the compiled kernel, beside the oracle and the NumPy form, in one run.

    python benchmarks/judging.py [--threads 2] [--repeat 5] [--compile]

Each block is judged at every level, structure included. "A core" counts the processor time of all threads, which other
work on the machine disturbs less than the clock. `--compile` also measures, in a new process with an empty cache, what
compiling costs, in units of a fixed loop of ten million steps.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import numpy as np

from softcert_oracle import fast
from softcert_oracle.fast import schedule
from softcert_oracle.judging import Block, judge_block, specification
from softcert_oracle.limit_parameters import LimitParameters

OPERATIONS = ("softmax", "log_softmax", "logsumexp", "cross_entropy", "cross_entropy_grad")
SHAPES = ((512, 1000, 1), (8, 131_072, 1), (40_000, 10, 5000))
"""Rows, classes and cases: the last is of small cases, eight rows of ten classes."""


def block(operation: str, rows: int, classes: int, cases: int) -> Block:
    """NumPy's float32 results of seeded logits."""
    rng = np.random.default_rng(1)
    x = (rng.normal(size=(rows, classes)) * 4).astype(np.float32)
    labels, each = rng.integers(0, classes, rows), np.arange(rows)
    d = x - x.max(axis=1, keepdims=True)
    s = np.exp(d).sum(axis=1, keepdims=True)
    m = np.float32(rows // cases)
    if operation == "softmax":
        got = np.exp(d) / s
    elif operation == "log_softmax":
        got = d - np.log(s)
    elif operation == "logsumexp":
        got = (x.max(axis=1, keepdims=True) + np.log(s))[:, 0]
    elif operation == "cross_entropy":
        got = -(d - np.log(s))[each, labels].reshape(cases, -1).mean(axis=1)
    else:
        got = np.exp(d) / s
        got[each, labels] -= 1
        got /= m
    starts = np.arange(0, rows + 1, rows // cases)
    contract = LimitParameters(format="float32")
    exact, results = x.astype(np.float64), got.astype(np.float64)
    return Block(operation=operation, parameters=contract, x=exact, starts=starts, got=results, labels=labels)


def parts(whole: Block, count: int) -> list[Block]:
    """The block cut for threads, between cases or (of one case that is not reduced) between rows."""
    cuts = whole.starts if whole.cases > 1 else np.arange(len(whole.x) + 1)
    if whole.cases == 1 and whole.operation.startswith("cross_entropy"):
        return [whole] * count  # a case has to stay whole: each thread judges one
    places = [cuts[(len(cuts) - 1) * k // count] for k in range(count + 1)]
    found = []
    for start, stop in pairwise(places):
        starts = whole.starts[(whole.starts >= start) & (whole.starts <= stop)] - start
        rows = slice(start, stop)
        reduced = slice(int(np.searchsorted(whole.starts, start)), int(np.searchsorted(whole.starts, stop)))
        found.append(
            Block(
                operation=whole.operation,
                parameters=whole.parameters,
                x=whole.x[rows],
                starts=starts if whole.cases > 1 else np.array([0, stop - start]),
                got=whole.got[reduced if whole.reduced else rows],
                labels=None if whole.labels is None else whole.labels[rows],
            )
        )
    return found


def timed(call: Callable[[], object], repeat: int) -> tuple[float, float]:
    """The best seconds by the clock and of all processors."""
    best = [float("inf")] * 2
    for _ in range(repeat):
        wall, processor = time.perf_counter(), time.process_time()
        call()
        best = [min(best[0], time.perf_counter() - wall), min(best[1], time.process_time() - processor)]
    return best[0], best[1]


def loop() -> float:
    """Seconds of the unit: ten million steps of an empty loop."""
    start, n = time.process_time(), 0
    for i in range(10_000_000):
        n += i
    return time.process_time() - start


def compiling() -> None:
    """Print what the first block costs with an empty cache and with a full one."""
    code = "from benchmarks.judging import block, judge_block; judge_block(block('softmax', 4, 4, 1))"
    with tempfile.TemporaryDirectory() as cache:
        environment = {**os.environ, "NUMBA_CACHE_DIR": cache}
        for name in ("with an empty cache", "with a full one"):
            unit, before = loop(), os.times()
            subprocess.run([sys.executable, "-c", code], env=environment, check=True)
            after = os.times()
            spent = after.children_user - before.children_user + after.children_system - before.children_system
            print(f"the first block {name}: {spent / unit:.1f} units, start-up included")


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--compile", action="store_true")
    given = parser.parse_args()
    if given.compile:
        compiling()
    print("million elements a second, by the clock and a core; microseconds a case; beside oracle and NumPy form")
    for operation in OPERATIONS:
        for rows, classes, cases in SHAPES:
            whole = block(operation, rows, classes, cases)
            shares = parts(whole, given.threads)
            size = sum(share.x.size for share in shares)
            judge_block(shares[0])
            with ThreadPoolExecutor(given.threads) as pool:
                wall, processor = timed(lambda s=shares, p=pool: list(p.map(judge_block, s)), given.repeat)
            few = block(operation, *((64, 1000, 1) if classes > 10 else (400, 10, 50)))
            with_numpy = timed(lambda f=few: specification.judge(f), 2)[1] / few.x.size
            schedule.threads, threads = (lambda: 1), schedule.threads
            oracle = timed(lambda x=whole.x: fast.enclose(x, ("softmax",)), given.repeat)[1] / whole.x.size
            schedule.threads = threads
            own = processor / size
            print(
                f"{operation:20s}{rows:7d} x {classes:<7d}{size / wall / 1e6:7.1f}{1e-6 / own:7.1f}"
                f"{1e6 * processor / size * whole.x.size / cases:11.1f} us{own / oracle:7.1f} x the oracle"
                f"{with_numpy / own:7.0f} x as fast as NumPy"
            )


if __name__ == "__main__":
    main()
