"""Verdicts of `softcert.Judge` on the gallery: medians by verdict, in units of a fixed loop of ten million steps.

    python benchmarks/judge.py [--op softmax] [--dtype float32] [--limit 40] [--jobs 2] [--no-explain]

Takes defects, degenerate ones, exploits and correct ones in turn. Ends with 1 where a wrong one earns the reward, where
a correct one does not, and where a candidate has no verdict.
"""

from __future__ import annotations

import argparse
import inspect
import statistics
import sys
import time
from collections import Counter, defaultdict

from softcert import Judge
from softcert.audit.candidates import EXPLOIT, NOTHING, RIGHT, entries


def loop() -> float:
    """Processor seconds of the unit."""
    start, n = time.process_time(), 0
    for i in range(10_000_000):
        n += i
    return time.process_time() - start


def main() -> int:
    """Judge, and print the medians."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--op", default="softmax")
    parser.add_argument("--dtype", default="float32")
    parser.add_argument("--limit", type=int, default=40)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--no-explain", action="store_true")
    given = parser.parse_args()
    found = [e for e in entries(given.op, given.dtype) if e.arrays == "numpy"]
    parts = [[e for e in found if e.part == part] for part in ("defect", NOTHING, EXPLOIT, RIGHT)]
    turns = [e for k in range(max(map(len, parts))) for part in parts for e in part[k : k + 1]][: given.limit]
    judge = Judge(given.op, given.dtype, salt="benchmark", jobs=given.jobs, explain=not given.no_explain)
    unit, start = loop(), time.perf_counter()
    seconds: dict[str, list[float]] = defaultdict(list)
    verdicts: Counter[str] = Counter()
    wrong = 0
    for verdict in judge.stream([inspect.unwrap(e.fresh()) for e in turns]):
        entry = turns[verdict.candidate]
        verdicts[f"{entry.part}: {verdict.verdict}, reward {verdict.reward}"] += 1
        seconds[verdict.verdict].append(verdict.seconds)
        if bool(verdict.reward) == entry.wrong:
            wrong += 1
            print(f"  {entry.name}: {verdict.verdict}, reward {verdict.reward}, {verdict.flags} {verdict.feedback}")
    unit = (unit + loop()) / 2
    for name, count in sorted(verdicts.items()):
        print(f"{count:5}  {name}")
    for name, each in seconds.items():
        middle = statistics.median(each)
        print(f"{name}: median {middle:.2f} s, {middle / unit:.2f} units of {unit:.2f} s; largest {max(each):.2f} s")
    print(f"{len(turns)} candidates in {time.perf_counter() - start:.0f} s, {given.jobs} at once")
    return 1 if wrong or sum(verdicts.values()) != len(turns) else 0


if __name__ == "__main__":
    sys.exit(main())
