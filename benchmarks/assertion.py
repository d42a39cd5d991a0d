"""Time of `softcert.testing.assert_within_limit` beside numpy.testing.assert_allclose, warm and at the first call.

    python benchmarks/assertion.py [--repeat 15]

The issue's bounds: 5 ms for 32 x 1000 float32 and 60 ms for 8 x 131072.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable

import numpy as np

from softcert.testing import assert_within_limit
from softcert_implementations.gallery import textbook
from softcert_oracle import operations

SHAPES = ((32, 1000), (8, 131_072))


def best(call: Callable[[], object], repeat: int) -> float:
    """Milliseconds of the fastest call."""
    found = float("inf")
    for _ in range(repeat):
        start = time.perf_counter()
        call()
        found = min(found, time.perf_counter() - start)
    return 1e3 * found


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeat", type=int, default=15)
    repeat = parser.parse_args().repeat
    rng = np.random.default_rng(0)
    x = rng.normal(size=(2, 3)).astype(np.float32)
    start = time.perf_counter()
    assert_within_limit(textbook.softmax(x), "softmax", x)
    print(f"first call, kernels loaded: {1e3 * (time.perf_counter() - start):.0f} ms")
    for shape in SHAPES:
        x, labels = rng.normal(size=shape).astype(np.float32), rng.integers(0, shape[1], shape[0])
        for operation in operations.CORE:
            given = (labels,) if operations.lookup(operation).takes_labels else ()
            got = getattr(textbook, operation)(x, *given)
            own = best(lambda o=operation, g=given, r=got, x=x: assert_within_limit(r, o, x, *g), repeat)
            again = np.array(got)
            plain = best(lambda r=got, a=again: np.testing.assert_allclose(r, a, rtol=1e-5), repeat)
            print(f"{shape[0]:3} x {shape[1]:<7} {operation:20} {own:8.2f} ms; assert_allclose {plain:6.2f} ms")


if __name__ == "__main__":
    main()
