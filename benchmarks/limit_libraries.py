"""The levels that NumPy, SciPy and torch hold, by operation and format, with the contracts that fit them.

NumPy has no softmax of its own: what is measured is the usual shifted code. Contracts: NumPy sums pairwise along a
contiguous last axis; torch's sums of rows fit depth n - 1; its half formats round the sum once to the format, and the
gradient comes from log-probabilities saved in it (docs/numerics.md).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
from benchmarks import limit_cases
from benchmarks.limit_fit import labels_of

from softcert_oracle import limits
from softcert_oracle.decide import decisions
from softcert_oracle.limits import LimitParameters
from softcert_oracle.numbers import formats
from softcert_oracle.numbers.enclosure import Decision
from softcert_oracle.operations import CORE
from softcert_oracle.reference import truth

Array = Any
Call = Callable[[Array, Array], Array]
COUNTS = (2, 10, 100, 1000, 32000)
OFFSETS = (1e2, -1e3, 1e4)
NATIVE = {"working_precision": "own", "sum_format": "float32"}
HALF = {"sum_format": "own", "saved_format": "own", "summation": 1}


def numpy_subject() -> Mapping[str, Call]:
    """Shift, exponentiate, divide; the usual code."""

    def parts(x: Array) -> tuple[Array, Array, Array]:
        d = x - x.max(axis=1, keepdims=True)
        e = np.exp(d)
        return d, e, e.sum(axis=1, keepdims=True)

    def softmax(x: Array, labels: Array) -> Array:
        _, e, s = parts(x)
        return e / s

    def log_softmax(x: Array, labels: Array) -> Array:
        d, _, s = parts(x)
        return d - np.log(s)

    def logsumexp(x: Array, labels: Array) -> Array:
        return x.max(axis=1) + np.log(parts(x)[2][:, 0])

    def loss(x: Array, labels: Array) -> Array:
        return -log_softmax(x, labels)[np.arange(len(x)), labels]

    def gradient(x: Array, labels: Array) -> Array:
        p = softmax(x, labels)
        p[np.arange(len(x)), labels] -= 1
        return p

    return dict(zip(CORE, (softmax, log_softmax, logsumexp, loss, gradient), strict=True))


def scipy_subject() -> Mapping[str, Call]:
    from scipy import special

    def loss(x: Array, labels: Array) -> Array:
        return -special.log_softmax(x, axis=1)[np.arange(len(x)), labels]

    def gradient(x: Array, labels: Array) -> Array:
        p = special.softmax(x, axis=1)
        p[np.arange(len(x)), labels] -= 1
        return p

    return {
        "softmax": lambda x, labels: special.softmax(x, axis=1),
        "log_softmax": lambda x, labels: special.log_softmax(x, axis=1),
        "logsumexp": lambda x, labels: special.logsumexp(x, axis=1),
        "cross_entropy": loss,
        "cross_entropy_grad": gradient,
    }


def torch_subject() -> Mapping[str, Call]:
    import torch

    functional = torch.nn.functional

    def tensor(x: Array) -> Any:
        if x.dtype.name == "bfloat16":
            return torch.from_numpy(x.view(np.int16)).view(torch.bfloat16)
        return torch.from_numpy(x)

    def array(t: Any) -> Array:
        t = t.detach()
        return t.to(torch.float64).numpy()

    def gradient(x: Array, labels: Array) -> Array:
        t = tensor(x).requires_grad_()
        functional.cross_entropy(t, torch.from_numpy(labels), reduction="sum").backward()
        return array(t.grad)

    return {
        "softmax": lambda x, labels: array(torch.softmax(tensor(x), 1)),
        "log_softmax": lambda x, labels: array(torch.log_softmax(tensor(x), 1)),
        "logsumexp": lambda x, labels: array(torch.logsumexp(tensor(x), 1)),
        "cross_entropy": lambda x, labels: array(
            functional.cross_entropy(tensor(x), torch.from_numpy(labels), reduction="none")
        ),
        "cross_entropy_grad": gradient,
    }


SUBJECTS: tuple[tuple[str, Callable[[], Mapping[str, Call]], tuple[str, ...], dict[str, Any]], ...] = (
    ("NumPy", numpy_subject, ("float32", "float64"), {"summation": "pairwise"}),
    ("NumPy, native", numpy_subject, ("float16",), {"working_precision": "own", "summation": "pairwise"}),
    ("SciPy", scipy_subject, ("float32", "float64"), {"summation": "pairwise"}),
    ("torch", torch_subject, ("float32", "float64"), {}),
    ("torch, default contract", torch_subject, ("float16", "bfloat16"), {}),
    ("torch, its contract", torch_subject, ("float16", "bfloat16"), HALF),
    ("torch, native", torch_subject, ("float16", "bfloat16"), NATIVE),
)


def batches(name: str, counts: tuple[int, ...] = COUNTS) -> Iterator[Array]:
    """The rows of the fit and large common offsets, by class count."""
    f = formats.lookup(name)
    for n in counts:
        rng = np.random.default_rng(n)
        if n <= 1000:
            yield limit_cases.rows(f, n, rng)
        for offset in OFFSETS:
            yield (rng.normal(size=(2 if n > 1000 else 8, n)) * 3 + offset).astype(f.dtype)


def levels(
    calls: Mapping[str, Call], name: str, claims: dict[str, Any], counts: tuple[int, ...] = COUNTS
) -> Iterator[tuple[str, dict[str, float]]]:
    """For each operation, the largest error over the limit of each level and the share of faithful results.

    Rows whose limit is vacuous count for nothing.
    """
    f = formats.lookup(name)
    p = LimitParameters(format=name, reduction="none", **{k: name if v == "own" else v for k, v in claims.items()})
    found: dict[str, dict[str, float]] = {o: dict.fromkeys((*limits.LEVELS, "faithful", "count"), 0.0) for o in CORE}
    for x in batches(name, counts):
        rows = truth.rows(x)
        labels = labels_of(rows)
        for operation, call in calls.items():
            with np.errstate(all="ignore"):
                got = np.asarray(call(x, labels), dtype=np.float64)
            exact = truth.reference(operation, rows, labels, reduction="none")
            error = decisions.error(got, exact, f)
            for level in limits.LEVELS:
                limit = limits.limit(operation, level, rows, labels, p)
                judged = ~limits.vacuous(operation, limit, exact, rows)
                if judged.any():
                    ratio = error[judged].ratio(limit.numbers[judged])
                    found[operation][level] = max(found[operation][level], float(ratio.max()))
            answers = decisions.faithful(got, exact, f)
            found[operation]["faithful"] += float(np.count_nonzero(answers == Decision.YES))
            found[operation]["count"] += got.size
    yield from found.items()


def lines() -> Iterator[str]:
    """The table in Markdown."""
    import scipy
    import torch

    yield (
        f"NumPy {np.__version__}, SciPy {scipy.__version__}, torch {torch.__version__.split('+')[0]}, CPU. Largest "
        "error over the limit of each level (above 1: the level is not held), and the share of faithful results."
    )
    yield ""
    yield "| library | format | operation | level | sound | stable | accurate | faithful |"
    yield "|---|---|---|---|---|---|---|---|"
    for library, make, names, claims in SUBJECTS:
        calls = make()
        for name in names:
            for operation, seen in levels(calls, name, claims):
                held = "none"
                for level in limits.LEVELS:
                    if seen[level] > 1:
                        break
                    held = level
                share = seen["faithful"] / seen["count"]
                held = "faithful" if share == 1 else held
                ratios = " | ".join(f"{seen[level]:.3g}" for level in limits.LEVELS)
                yield f"| {library} | {name} | {operation} | {held} | {ratios} | {100 * share:.1f} % |"
