"""Requests and subjects that the tests of the executors share."""

import numpy as np

from softcert.executors.protocol import Array, Request
from softcert_implementations.implementation import Implementation

KEYWORDS = {"op": "softmax", "arrays": "numpy", "dtypes": ("float32",), "batched": True, "call": "plain"}


def one(function, **fields):
    """An implementation of softmax alone."""
    return Implementation("subject", {"softmax": function}, batched=True, **fields)


def asking(x, *more, operation="softmax", **fields):
    """A request with these arrays, in C order."""
    arrays = tuple(Array.of(a) for a in (x, *more))
    return Request(operation=operation, format=x.dtype.name, arrays=arrays, **fields)


def asking_for(code, shape=(1, 4)):
    """A request for one of the actions in `subjects_that_misbehave`."""
    return asking(np.full(shape, code, np.float32))


def asking_with_view(x, buffer, **fields):
    """A request with a view into a buffer."""
    array = Array.of(x, buffer.view(np.uint8).reshape(-1))
    return Request(operation="softmax", format=x.dtype.name, arrays=(array,), **fields)
