"""Inputs that mend a check: a few small ones on which the derived limit tells what the common ones do not.

Rows whose scale differs, so that no constant stands for their sums; rows of few ordinary logits among -inf, whose
limits are narrow at any class count; common offsets, ties, saturation; labels at both ends; a batch whose losses
differ; views that are not contiguous; and each call twice, with another between.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from softcert.assertions.check import is_wrong
from softcert.audit.candidates import Candidate, Entry
from softcert_oracle import operations
from softcert_oracle.numbers import formats

ADVICE = (
    "rows whose scale differs, few ordinary logits among -inf, common offsets of 1000, ties, saturated rows, labels "
    "first and last, a batch whose losses differ, views that are not contiguous, and calls made twice"
)

_TWICE = 100_000  # logits of a call that is made twice

Arguments = tuple[np.ndarray, ...]


def inputs(operation: str, format: str) -> Iterator[Arguments]:
    """The inputs, in the format, with labels where the operation takes them."""
    dtype = formats.lookup(format).dtype
    labelled = operations.lookup(operation).takes_labels
    for x, labels in _logits(20.0 if formats.lookup(format).bits < 32 else 1000.0):
        values = x.astype(dtype)
        yield (values, labels) if labelled else (values,)
        if x.shape[0] > 1:
            yield (values.T.copy().T, labels) if labelled else (values.T.copy().T,)


def _logits(offset: float) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    rng = np.random.default_rng(5)
    x = rng.standard_normal((8, 300)) * np.geomspace(0.01, 30, 8)[:, None]
    yield x, rng.integers(0, 300, 8)
    yield x[::-1] / 2, rng.integers(0, 300, 8)  # another input of the same shape
    yield rng.standard_normal((4, 33)) + np.array([[0], [offset], [-offset], [offset / 2]]), np.array([0, 32, 1, 31])
    few = np.full((3, 1500), -np.inf)
    few[:, ::300] = rng.standard_normal((3, 5))
    yield few, np.array([0, 300, 1200])
    yield np.array([[0.0, 0.0, 5.0, 5.0], [0.0, 60.0, -60.0, 1.0], [-3.0, -3.0, -3.0, -3.0]]), np.array([0, 3, 2])
    yield np.where(np.arange(130)[:, None] == 77, 1.0, 12.0) * rng.standard_normal((130, 5)), rng.integers(0, 5, 130)


def refuses(entry: Entry, given: Iterator[Arguments] | list[Arguments]) -> bool:
    """Whether the derived limit refuses a candidate on some inputs, each called twice but for large ones."""
    candidate = Candidate(entry)
    try:
        with np.errstate(all="ignore"):
            for arguments in given:
                for _ in range(2 if arguments[0].size <= _TWICE else 1):
                    before = [a.copy() for a in arguments]
                    got = candidate(*arguments)
                    if _changed(arguments, before) or is_wrong(got, entry.operation, *before):
                        return True
    except Exception:  # noqa: BLE001 (what raises on a valid input is refused)
        return True
    return False


def _changed(arguments: Arguments, before: list[np.ndarray]) -> bool:
    """Whether a call wrote into its arguments."""
    return any(now.tobytes() != then.tobytes() for now, then in zip(arguments, before, strict=True))
