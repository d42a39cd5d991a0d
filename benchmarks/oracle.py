"""Speed and memory of the ground truth: the fast path beside Arb, mpmath, and the float64 softmax of NumPy and torch.

    python benchmarks/oracle.py [--elements 4000000] [--repeat 7]

All of them on the same arrays in one run, rows of 10, 1000 and 32000 classes; Arb and mpmath, a hundred times slower,
on the first rows. Times are the best of the repetitions; "a core" counts the processor time of all threads, which
other work on the machine disturbs less.
"""

from __future__ import annotations

import argparse
import time
import tracemalloc
from collections.abc import Callable

import flint
import mpmath
import numpy as np

from softcert_oracle import fast
from softcert_oracle.fast import schedule
from softcert_oracle.reference import arb

BITS = 128
"""Working precision of Arb and mpmath: the fast path's radius is 2^-100.7, and balls lose some bits on the way."""


def numpy_softmax(x: np.ndarray) -> np.ndarray:
    e = np.exp(x - x.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def arb_softmax(x: np.ndarray) -> list[list[flint.arb]]:
    """Nothing but the balls: what python-flint can do at best."""
    flint.ctx.prec, results = BITS, []
    for row in x.tolist():
        top = flint.arb(max(row))
        e = [(flint.arb(v) - top).exp() for v in row]
        scale = 1 / sum(e, flint.arb(0))
        results.append([v * scale for v in e])
    return results


def mpmath_softmax(x: np.ndarray) -> list[list[mpmath.mpf]]:
    results = []
    with mpmath.workprec(BITS):
        for row in x.tolist():
            top = mpmath.mpf(max(row))
            e = [mpmath.exp(mpmath.mpf(v) - top) for v in row]
            total = mpmath.fsum(e)
            results.append([v / total for v in e])
    return results


def contestants() -> dict[str, tuple[Callable[[np.ndarray], object], int]]:
    """Name -> (function, how many logits of the array it gets)."""
    everything = 1 << 60
    table: dict[str, tuple[Callable[[np.ndarray], object], int]] = {
        "fast path, softmax": (lambda x: fast.enclose(x, ("softmax",)), everything),
        "fast path, all parts": (fast.enclose, everything),
        "fast path, log-sum-exp": (lambda x: fast.enclose(x, ()), everything),
        "NumPy float64 softmax": (numpy_softmax, everything),
        "Arb, softmax alone": (arb_softmax, 64000),
        "Arb, arb.enclose": (arb.enclose, 64000),
        f"mpmath ({mpmath.libmp.BACKEND})": (mpmath_softmax, 32000),
    }
    try:
        import torch
    except ImportError:
        return table
    torch.set_num_threads(schedule.threads())
    table["torch float64 softmax"] = (lambda x: torch.softmax(torch.from_numpy(x), -1), everything)
    return table


def seconds(function: Callable[[np.ndarray], object], x: np.ndarray, repeat: int) -> tuple[float, float]:
    """By the wall clock and of processor time, all threads together; the best of each."""
    function(x[:1])  # compiled, imported
    wall = busy = np.inf
    for _ in range(repeat):
        start, cpu = time.perf_counter(), time.process_time()
        function(x)
        wall, busy = min(wall, time.perf_counter() - start), min(busy, time.process_time() - cpu)
    return wall, busy


def peak(function: Callable[[np.ndarray], object], x: np.ndarray) -> int:
    """Bytes that NumPy and Python hold at most while the function runs, its result included."""
    tracemalloc.start()
    try:
        kept = function(x)
        del kept
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--elements", type=int, default=4_000_000)
    parser.add_argument("--repeat", type=int, default=7)
    given = parser.parse_args()
    rng = np.random.default_rng(0)
    print(f"{schedule.threads()} threads, NumPy {np.__version__}, mpmath with {mpmath.libmp.BACKEND}")
    for classes in (10, 1000, 32000):
        x = rng.normal(size=(given.elements // classes, classes)) * 10
        print(f"\n{x.shape[0]} x {classes}")
        speed: dict[str, tuple[float, ...]] = {}
        for name, (function, most) in contestants().items():
            part = x[: max(1, most // classes)]
            slow = most < x.size
            speed[name] = tuple(part.size / t for t in seconds(function, part, 2 if slow else given.repeat))
        own = speed["fast path, softmax"]
        print(f"{'':26}{'M elements/s':>14}{'a core':>10}{'the fast path is faster by':>30}{'a core':>10}")
        for name, (wall, core) in speed.items():
            print(f"  {name:24}{wall / 1e6:14.3f}{core / 1e6:10.3f}{own[0] / wall:30.2f}{own[1] / core:10.2f}")
        for name in ("fast path, softmax", "fast path, all parts", "NumPy float64 softmax"):
            function = contestants()[name][0]
            parts = {"fast path, softmax": 1, "fast path, all parts": 3}.get(name, 0)
            output = x.nbytes * 4 * parts or x.nbytes  # an enclosure is four arrays
            print(
                f"  {name:24}{peak(function, x) / output:10.2f} times its output of {output / 1e6:.0f} MB at the peak"
            )
    short = x[:1, :10].copy()
    calls = 2000
    start = time.perf_counter()
    for _ in range(calls):
        fast.enclose(short)
    print(f"\none call with a row of 10: {(time.perf_counter() - start) / calls * 1e6:.0f} us")


if __name__ == "__main__":
    main()
