"""What isolation costs: the overhead of a call against passes over its memory, and the time that a crash takes.

    python benchmarks/worker.py

Overhead is the round trip less the time in the subject. The target is six passes over the memory of input and output
(a pass: copying as many bytes once, measured here and now) plus 0.2 ms. A crash is a segmentation fault with torch
loaded, timed from the request to the next result. Each call hands the processor over twice, so on a machine that is
busy with other things the median measures the other things: the target is held against the quickest tenth of the
calls, and the median stands beside it. The last figures stand in docs/isolation.md.
"""

import statistics
import time

import numpy as np

from softcert.executors.process import ProcessExecutor
from softcert.executors.protocol import Array, Request

SHAPES = ((1, 8), (8, 128), (100, 1000), (1000, 1000))
FIXED = 0.2e-3  # seconds
PASSES = 6


def one_pass(nbytes: int) -> float:
    source, target = np.ones(nbytes, np.uint8), np.ones(nbytes, np.uint8)
    return statistics.median(timed(lambda: np.copyto(target, source)) for _ in range(101))


def timed(action) -> float:
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def overhead(executor: ProcessExecutor, shape: tuple[int, int], calls: int) -> list[float]:
    """Deciles of the overhead, in seconds."""
    request = Request(operation="softmax", format="float32", arrays=(Array.of(np.zeros(shape, np.float32)),))
    for _ in range(5):
        executor.run(request)
    samples = []
    for _ in range(calls):
        start = time.perf_counter()
        reply = executor.run(request)
        samples.append(time.perf_counter() - start - reply.seconds)
    return statistics.quantiles(samples, n=10)


def softmax_that_may_crash(x):
    import ctypes

    import torch

    if float(x[0, 0]) == 1:
        ctypes.string_at(0)
    return torch.softmax(x, -1)


def crash_cost(times: int) -> list[float]:
    """Deciles of the time from a fatal request to the next result, in seconds."""
    fine, fatal = (
        Request(operation="softmax", format="float32", arrays=(Array.of(np.full((1, 8), v, np.float32)),))
        for v in (0, 1)
    )
    keywords = {"op": "softmax", "arrays": "torch", "dtypes": "float32", "batched": True}
    with ProcessExecutor(softmax_that_may_crash, keywords, deaths_limit=10**6) as executor:
        executor.run(fine)
        samples = []
        for _ in range(times):
            start = time.perf_counter()
            assert executor.run(fatal).fault.kind == "crash"
            assert executor.run(fine).fault is None
            samples.append(time.perf_counter() - start)
    return statistics.quantiles(samples, n=10)


def main() -> None:
    with ProcessExecutor("numpy_shifted") as executor:
        print(f"{'shape':>12} {'quickest':>10} {'median':>10} {'a pass':>10} {'target':>10}  held")
        for shape in SHAPES:
            spent = overhead(executor, shape, 300 if shape[0] < 1000 else 100)
            single = one_pass(2 * shape[0] * shape[1] * 4)  # input and output
            target = PASSES * single + FIXED
            row = (f"{v * 1e6:.0f} µs" for v in (spent[0], spent[4], single, target))
            print(
                f"{shape[0]:>5} x {shape[1]:<4}", *(f"{r:>10}" for r in row), "", "yes" if spent[0] <= target else "no"
            )
    cost = crash_cost(40)
    print("segmentation fault to the next result, torch loaded (target 50 ms):")
    print(f"quickest tenth {cost[0] * 1e3:.1f} ms, median {cost[4] * 1e3:.1f} ms")


if __name__ == "__main__":
    main()
