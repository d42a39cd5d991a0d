"""Verdicts of `softcert.Judge` by the hundred: counts, wrong rewards, and medians in units of a fixed loop.

    python benchmarks/judge.py [--count 1000] [--op softmax,...] [--dtype float32,...] [--seed 0] [--no-explain]

Draws candidates from the gallery (defects, what computes nothing, exploits of inputs, correct ones), from mutants of a
source with all five operations, and from the cheats of the tests, over operations and formats. A mutant may change
nothing, so no reward of one is counted as wrong; nor is none for a correct one that has SciPy compute. Ends with 1
where any other wrong one earns the reward, where a correct one does not, and where a candidate has no verdict.
"""

from __future__ import annotations

import argparse
import inspect
import random
import statistics
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from softcert import Judge
from softcert.audit.candidates import RIGHT, entries
from softcert.graders.verdict import Verdict
from softcert.power.mutations import mutated, mutations
from softcert_oracle import operations

sys.path.insert(0, str(Path(__file__).parent.parent))  # the cheats stand among the tests

MUTANT, CHEAT, LEGAL = "mutant", "cheat", "no cheat"

SOURCE = """import numpy as np


def softmax(x):
    with np.errstate(all="ignore"):
        e = np.exp(x - x.max(axis=-1, keepdims=True))
        return e / e.sum(axis=-1, keepdims=True)


def log_softmax(x):
    with np.errstate(all="ignore"):
        d = x - x.max(axis=-1, keepdims=True)
        return d - np.log(np.exp(d).sum(axis=-1, keepdims=True))


def logsumexp(x):
    with np.errstate(all="ignore"):
        top = x.max(axis=-1)
        shift = np.where(np.isfinite(top), top, 0).astype(x.dtype)
        return shift + np.log(np.exp(x - shift[:, None]).sum(axis=-1))


def cross_entropy(x, labels):
    with np.errstate(all="ignore"):
        d = x - x.max(axis=-1, keepdims=True)
        losses = np.log(np.exp(d).sum(axis=-1)) - d[np.arange(len(x)), labels]
        return losses.mean()


def cross_entropy_grad(x, labels):
    with np.errstate(all="ignore"):
        e = np.exp(x - x.max(axis=-1, keepdims=True))
        g = e / e.sum(axis=-1, keepdims=True)
        g[np.arange(len(x)), labels] -= 1
        return g / len(x)
"""
"""What the mutants are made of."""


@dataclass(frozen=True, kw_only=True)
class Item:
    """A candidate with its task, and whether it must earn the reward (None where nobody knows)."""

    name: str
    part: str
    task: tuple[Any, ...]
    candidate: Any
    right: bool | None


@dataclass
class Figures:
    """What came of the candidates."""

    counts: Counter[tuple[str, str, int]] = field(default_factory=Counter)
    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    wrong: list[str] = field(default_factory=list)

    def take(self, item: Item, verdict: Verdict) -> None:
        """Count a verdict; one that is wrong is shown."""
        self.counts[item.part, verdict.verdict, verdict.reward] += 1
        self.seconds[verdict.verdict].append(verdict.seconds)
        by_library = item.part == RIGHT and (verdict.verdict, verdict.flags) == ("certified", ("library called",))
        if item.right is not None and bool(verdict.reward) != item.right and not by_library:
            self.wrong.append(item.name)
            operation, format, *_ = item.task
            print(
                f"  WRONG REWARD {item.name} ({operation}, {format}): {verdict.verdict}, reward {verdict.reward}",
                end=" ",
            )
            print(f"{verdict.flags} {verdict.feedback}", flush=True)


def loop() -> float:
    """Processor seconds of the unit."""
    start, n = time.process_time(), 0
    for i in range(10_000_000):
        n += i
    return time.process_time() - start


def gallery(operation: str, format: str) -> Iterator[Item]:
    """The candidates of an audit."""
    for e in entries(operation, format):
        task = (operation, format, e.arrays, tuple(sorted(e.contract.items())))
        yield Item(name=e.name, part=e.part, task=task, candidate=inspect.unwrap(e.fresh()), right=e.part == RIGHT)


def mutants(operation: str, format: str) -> Iterator[Item]:
    """The source with one change each, in the function of the operation."""
    for change in mutations(SOURCE):
        if change.function == operation:
            name = f"line {change.line}: {change.before} -> {change.after}"
            text = mutated(SOURCE, change)
            yield Item(name=name, part=MUTANT, task=(operation, format, "numpy", ()), candidate=text, right=None)


def cheats(operation: str) -> Iterator[Item]:
    """The cheats, which are written in float32."""
    from tests.harness.cheats.cheat import Expected
    from tests.harness.cheats.table import CHEATS

    for c in CHEATS.values():
        if c.op == operation:
            legal, task = c.expected is Expected.LEGAL, (operation, "float32", c.arrays, ())
            part = LEGAL if legal else CHEAT
            yield Item(name=c.name, part=part, task=task, candidate=c.make(), right=legal)


def candidates(names: list[str], formats: list[str]) -> Iterator[Item]:
    """All candidates."""
    for operation in names:
        for format in formats:
            yield from gallery(operation, format)
            yield from mutants(operation, format)
        yield from cheats(operation)


def drawn(items: list[Item], count: int, seed: int) -> list[Item]:
    """A sample with all cheats, which are few, and the rest by chance."""
    few = [i for i in items if i.part in (CHEAT, LEGAL)]
    rest = [i for i in items if i.part not in (CHEAT, LEGAL)]
    random.Random(seed).shuffle(rest)
    return (few + rest)[:count]


def main() -> int:
    """Judge, and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--op", default=",".join(operations.CORE))
    parser.add_argument("--dtype", default="float32,bfloat16")
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--no-explain", action="store_true")
    given = parser.parse_args()
    items = drawn(list(candidates(given.op.split(","), given.dtype.split(","))), given.count, given.seed)
    tasks: dict[tuple[Any, ...], list[Item]] = defaultdict(list)
    for item in items:
        tasks[item.task].append(item)
    figures, unit, start = Figures(), loop(), time.perf_counter()
    for (operation, format, arrays, contract), members in tasks.items():
        claims = {"arrays": arrays, "contract": dict(contract), "jobs": given.jobs, "explain": not given.no_explain}
        judge = Judge(operation, format, salt=f"benchmark {given.seed}", **claims)
        for verdict in judge.stream([item.candidate for item in members]):
            figures.take(members[verdict.candidate], verdict)
        print(f"  {operation} {format} {arrays} {dict(contract) or ''}: {len(members)}", file=sys.stderr, flush=True)
    tell(figures, (unit + loop()) / 2, time.perf_counter() - start, len(items))
    return 1 if figures.wrong or sum(figures.counts.values()) != len(items) else 0


def tell(figures: Figures, unit: float, seconds: float, count: int) -> None:
    """Print the figures."""
    for (part, verdict, reward), number in sorted(figures.counts.items()):
        print(f"{number:5}  {part}: {verdict}, reward {reward}")
    for name, each in figures.seconds.items():
        middle = statistics.median(each)
        units = f"{middle:.2f} s = {middle / unit:.2f} units of {unit:.2f} s"
        print(f"{name}: {len(each)}, median {units}; {max(each):.1f} s at most")
    verdicts = sum(figures.counts.values())
    print(f"{count} candidates, {verdicts} verdicts, {len(figures.wrong)} wrong rewards, {seconds:.0f} s")


if __name__ == "__main__":
    sys.exit(main())
