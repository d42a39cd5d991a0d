"""What isolation costs: a call's overhead against passes over its memory, processor time, a start, and a crash.

    python benchmarks/worker.py

Overhead is the round trip less the time in the subject. The target is six passes over the memory of input and output
(a pass: copying as many bytes once, measured here and now) plus 0.2 ms. A crash is a segmentation fault with torch
loaded, timed from the request to the next result. Each call hands the processor over twice, so on a machine that is
busy with other things the median measures the other things: the target is held against the quickest tenth of the
calls, and the median stands beside it. The last figures stand in docs/isolation.md.

Processor time is measured of the harness and of the worker by batches of calls, one by one (`run`) and ahead
(`run_all`); the quickest batch counts, since waiting costs none and other things on the machine only add to it. The
targets are 100 and 150 µs for small arrays, the subject's own time included. The last figures stand in
docs/performance.md.
"""

import itertools
import os
import resource
import statistics
import time

import numpy as np

from softcert.executors.process import ProcessExecutor
from softcert.executors.protocol import Array, Request

SHAPES = ((1, 8), (8, 128), (100, 1000), (1000, 1000))
FIXED = 0.2e-3  # seconds
BATCHES, BATCH = 30, 200
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


def of_process(pid: int) -> float:
    """Processor seconds that a process has used (Linux)."""
    with open(f"/proc/{pid}/schedstat", encoding="ascii") as file:
        return int(file.read().split()[0]) / 1e9


def processor_time(executor: ProcessExecutor, shape: tuple[int, int], ahead: bool) -> tuple[float, float, float]:
    """Processor seconds of a call in the harness and in the worker, and its wall-clock seconds: the least of each."""
    request = Request(operation="softmax", format="float32", arrays=(Array.of(np.zeros(shape, np.float32)),))
    executor.run(request)
    worker = executor._worker.pid
    spent = []
    for _ in range(BATCHES):
        before = time.process_time(), of_process(worker), time.perf_counter()
        replies = executor.run_all(itertools.repeat(request, BATCH)) if ahead else map(executor.run, [request] * BATCH)
        assert all(reply.fault is None for reply in replies)
        now = time.process_time(), of_process(worker), time.perf_counter()
        spent.append([(b - a) / BATCH for a, b in zip(before, now, strict=True)])
    return tuple(map(min, zip(*spent, strict=True)))


def start_cost(times: int) -> tuple[float, float]:
    """Processor seconds from a new executor to its first reply, in the harness and in all that it starts: the least."""
    request = Request(operation="softmax", format="float32", arrays=(Array.of(np.zeros((1, 8), np.float32)),))
    spent = []
    for _ in range(times):
        before = time.process_time(), of_children()
        with ProcessExecutor("numpy_shifted") as executor:
            assert executor.run(request).fault is None
        spent.append((time.process_time() - before[0], of_children() - before[1]))
    return tuple(map(min, zip(*spent, strict=True)))


def of_children() -> float:
    """Processor seconds of the child processes that have ended, and of theirs."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


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
        if os.path.exists("/proc/self/schedstat"):
            print(
                "processor time of a call, harness and worker, and wall clock (targets 100 and 150 µs, small arrays):"
            )
            for shape, ahead in itertools.product(SHAPES[:3], (False, True)):
                figures = (f"{v * 1e6:.0f} µs" for v in processor_time(executor, shape, ahead))
                print(
                    f"{shape[0]:>5} x {shape[1]:<4}",
                    f"{'run_all' if ahead else 'run':>8}",
                    *(f"{v:>8}" for v in figures),
                )
    harness, started = start_cost(10)
    print(f"processor time of a start: harness {harness * 1e3:.0f} ms, zygote and workers {started * 1e3:.0f} ms")
    cost = crash_cost(40)
    print("segmentation fault to the next result, torch loaded (target 50 ms):")
    print(f"quickest tenth {cost[0] * 1e3:.1f} ms, median {cost[4] * 1e3:.1f} ms")


if __name__ == "__main__":
    main()
