"""Presets that are more than a comparison on drawn inputs: derivatives, fixed examples, generated arrays."""

from __future__ import annotations

from typing import Any

import numpy as np

from softcert.assertions.arrays import as_numpy
from softcert.audit.candidates import Candidate
from softcert.audit.presets.preset import like_torch, reference
from softcert.tolerances.inputs import draw
from softcert_implementations.gallery import textbook
from softcert_oracle import operations
from softcert_oracle.numbers import formats


def gradcheck(candidate: Candidate) -> bool:
    """torch.autograd.gradcheck with its defaults, in float64 whatever the format, as its documentation asks.

    A gradient is checked beside torch's own loss; anything else beside torch's own gradient.
    """
    import torch

    made = draw("normal", "float64", 3, 5, 0)
    labels = (like_torch(made.labels),) if operations.lookup(candidate.operation).takes_labels else ()
    is_gradient = candidate.operation == "cross_entropy_grad"
    value = "cross_entropy" if is_gradient else candidate.operation

    class Pair(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            ctx.save_for_backward(x)
            return reference(value, x.detach(), *labels) if is_gradient else candidate(x.detach().clone(), *labels)

        @staticmethod
        def backward(ctx: Any, upstream: Any) -> Any:
            (x,) = ctx.saved_tensors
            if is_gradient:
                return upstream * candidate(x.detach().clone(), *labels)
            leaf = x.detach().clone().requires_grad_(True)
            with torch.enable_grad():
                result = reference(value, leaf, *labels)
            return torch.autograd.grad(result, leaf, upstream)[0]

    return bool(torch.autograd.gradcheck(Pair.apply, like_torch(made.x).requires_grad_(True)))


def onnx_backend(candidate: Candidate) -> bool:
    """The examples of ONNX's node tests, at rtol=1e-3 and atol=1e-7, in the format that is audited."""
    rng = np.random.default_rng(0)
    dtype = formats.lookup(candidate.format).dtype
    examples = (
        np.array([[-1.0, 0.0, 1.0]]),
        np.array([[0.0, 1.0, 2.0, 3.0], [10000.0, 10001.0, 10002.0, 10003.0]]),
        np.abs(rng.standard_normal((12, 5))),
    )
    for x in (e.astype(dtype) for e in examples):
        labels = (np.arange(len(x)) % x.shape[1],) if operations.lookup(candidate.operation).takes_labels else ()
        right = getattr(textbook, candidate.operation)(x, *labels)
        got = candidate(x.copy(), *labels)
        np.testing.assert_allclose(np.float64(got), np.float64(right), rtol=1e-3, atol=1e-7)
    return True


def hypothesis_scipy(candidate: Candidate) -> bool:
    """A plain Hypothesis test: 100 arrays up to (8, 16) of floats in [-100, 100] against SciPy at 1e-5."""
    import hypothesis
    import hypothesis.extra.numpy as hnp
    from hypothesis import strategies as st

    dtype = formats.lookup(candidate.format).dtype
    width: Any = {"float64": 64, "float32": 32}.get(candidate.format, 32 if candidate.format == "bfloat16" else 16)
    elements = st.floats(-100, 100, width=width)
    drawn = np.float64 if width == 64 else np.float32
    labelled = operations.lookup(candidate.operation).takes_labels

    # No shrinking: it costs seconds and changes no verdict.
    @hypothesis.settings(
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=list(hypothesis.HealthCheck),
        phases=(hypothesis.Phase.explicit, hypothesis.Phase.generate),
    )
    @hypothesis.given(st.data())
    def run(data: Any) -> None:
        shapes = st.tuples(st.integers(1, 8), st.integers(1, 16))
        x = data.draw(hnp.arrays(drawn, shapes, elements=elements)).astype(dtype)
        labels = data.draw(hnp.arrays(np.int64, len(x), elements=st.integers(0, x.shape[1] - 1)))
        given = (x, labels) if labelled else (x,)
        got = as_numpy("got", candidate(*(a.copy() for a in given))).astype(np.float64)
        right = _by_scipy(candidate.operation, x.astype(np.float64), labels)
        np.testing.assert_allclose(got, right, rtol=1e-5, atol=1e-5)

    run()
    return True


def _by_scipy(operation: str, x: np.ndarray, labels: np.ndarray) -> Any:
    import scipy.special

    if operation in ("softmax", "log_softmax", "logsumexp"):
        return getattr(scipy.special, operation)(x, axis=-1)
    rows = np.arange(len(x))
    if operation == "cross_entropy":
        return -scipy.special.log_softmax(x, axis=-1)[rows, labels].mean()
    p = scipy.special.softmax(x, axis=-1)
    p[rows, labels] -= 1
    return p / len(x)
