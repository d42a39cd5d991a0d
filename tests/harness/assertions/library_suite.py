"""A suite as a library has it: softmax and its relatives on a few inputs, with an assertion to be chosen.

``run(functions, check)`` calls ``check(got, operation, x, labels)`` for each result. With assert_allclose in its place,
and a reference beside it, this is what suites of array libraries look like.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

Check = Callable[[Any, str, np.ndarray, np.ndarray | None], None]


def inputs() -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Logits in float32, and labels: ordinary ones, large ones, one with masked classes, a tall and a wide batch."""
    rng = np.random.default_rng(7)
    for rows, classes, scale in ((4, 10, 1.0), (3, 5, 100.0), (1, 1000, 3.0), (300, 3, 2.0)):
        x = (rng.standard_normal((rows, classes)) * scale).astype(np.float32)
        yield x, rng.integers(0, classes, rows)
    masked = rng.standard_normal((4, 6)).astype(np.float32)
    masked[:, 2] = -np.inf
    yield masked, np.array([0, 1, 3, 5])


def run(functions: Mapping[str, Callable[..., Any]], check: Check) -> None:
    """The suite, for the operations that ``functions`` has."""
    for operation, function in functions.items():
        labelled = operation.startswith("cross_entropy")
        for x, labels in inputs():
            given = (x.copy(), labels.copy()) if labelled else (x.copy(),)
            check(function(*given), operation, x, labels if labelled else None)
