"""The faithful implementation: its speed beside torch and NumPy, and how many of its results are right by Arb.

    python benchmarks/faithful.py [--elements 4000000] [--repeat 9] [--one-thread]
    python benchmarks/faithful.py --check 1000000 [--seed 0]

Times are the best of the repetitions by the wall clock, contestants taking turns on the same arrays, all on as many
threads as there are cores; with --one-thread, processor time on one thread, which a busy machine blurs less. --check
judges that many results of each format on adversarial rows, by Arb alone.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from itertools import count
from pathlib import Path

import numpy as np
import torch

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.implementations.bundled.faithful.judging import Tally, adversarial, judge

from softcert_implementations.bundled import faithful
from softcert_implementations.bundled.faithful import evaluation

CLASSES = (10, 100, 1000, 32000)
SHAPES = ((1, 1), (40, 2), (30, 3), (20, 10), (10, 65), (8, 257), (4, 1000))


def best_times(calls: list[Callable[[], object]], repeat: int, clock: Callable[[], float]) -> list[float]:
    """Seconds of each call, the best of the repetitions, taking turns so that a busy machine hurts all alike."""
    best = [float("inf")] * len(calls)
    for _ in range(repeat):
        for k, call in enumerate(calls):
            start = clock()
            call()
            best[k] = min(best[k], clock() - start)
    return best


def numpy_softmax(x: np.ndarray) -> np.ndarray:
    e = np.exp(x - x.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def speed(elements: int, repeat: int, one_thread: bool) -> None:
    threads = 1 if one_thread else evaluation.cores()
    evaluation.cores = lambda: threads
    torch.set_num_threads(threads)
    clock = time.process_time if one_thread else time.perf_counter
    print(f"{threads} threads, {elements} logits; nanoseconds a logit, and times torch's")
    print("format    classes  operation           faithful     torch     numpy   ratio")
    for name, kind in (("float32", torch.float32), ("float64", torch.float64), ("bfloat16", torch.bfloat16)):
        for classes in CLASSES:
            m = max(elements // classes, 1)
            x = torch.randn((m, classes), generator=torch.Generator().manual_seed(0), dtype=torch.float64) * 3
            x = x.to(kind)
            labels = torch.arange(m) % classes
            array = x.numpy() if name != "bfloat16" else x.float().numpy().astype(faithful.formats.FORMATS[name].dtype)
            index = labels.numpy()
            table: list[tuple[str, Callable[[], object], Callable[[], object]]] = [
                ("softmax", lambda a=array: faithful.softmax(a), lambda x=x: torch.softmax(x, -1)),
                ("log_softmax", lambda a=array: faithful.log_softmax(a), lambda x=x: torch.log_softmax(x, -1)),
                ("logsumexp", lambda a=array: faithful.logsumexp(a), lambda x=x: torch.logsumexp(x, -1)),
                (
                    "cross_entropy",
                    lambda a=array, i=index: faithful.cross_entropy(a, i),
                    lambda x=x, y=labels: torch.nn.functional.cross_entropy(x, y),
                ),
            ]
            for operation, ours, theirs in table:
                calls = [ours, theirs]
                if operation == "softmax" and name != "bfloat16":
                    calls.append(lambda a=array: numpy_softmax(a))
                times = [1e9 * t / array.size for t in best_times(calls, repeat, clock)]
                third = f"{times[2]:8.2f}" if len(times) > 2 else "        "
                print(
                    f"{name:9} {classes:7}  {operation:18} {times[0]:9.2f} {times[1]:9.2f}  {third} "
                    f"{times[0] / times[1]:7.1f}"
                )


def check(results: int, seed: int) -> None:
    for format in faithful.DTYPES:
        total = Tally()
        for round_ in count():
            if total.judged >= results:
                break
            for m, classes in SHAPES:
                labels = np.random.default_rng([seed, round_]).integers(0, classes, m)
                for family, x in adversarial(format, m, classes, seed + round_):
                    tally = judge(x, labels)
                    if tally.not_nearest or tally.unfaithful or tally.undecided:
                        print(f"{format} {family} {m} x {classes}, round {round_}: {tally}")
                    total += tally
        print(f"{format:9} {total}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--elements", type=int, default=4_000_000)
    parser.add_argument("--repeat", type=int, default=9)
    parser.add_argument("--check", type=int, default=0, metavar="N")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--one-thread", action="store_true")
    given = parser.parse_args()
    if given.check:
        check(given.check, given.seed)
    else:
        speed(given.elements, given.repeat, given.one_thread)


if __name__ == "__main__":
    main()
