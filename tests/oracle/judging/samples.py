"""Blocks for the tests of judging: logits of many regimes, results on, near and far from their limits."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from softcert_oracle import limits
from softcert_oracle.errors import UsageError
from softcert_oracle.judging import Block
from softcert_oracle.limit_parameters import LimitParameters
from softcert_oracle.numbers import formats
from softcert_oracle.numbers.formats import Format
from softcert_oracle.reference import truth

OPERATIONS = ("softmax", "log_softmax", "logsumexp", "cross_entropy", "cross_entropy_grad")
FORMATS = ("float64", "float32", "float16", "bfloat16", "float8_e5m2", "float8_e4m3fn")
REGIMES = (
    "normal",
    "wide",
    "underflow",
    "deep",
    "offset",
    "ties",
    "equal",
    "masked",
    "one left",
    "extreme",
    "tiny",
    "confident",
    "special",
    "zero lse",
    "exact sums",
    "sparse",
    "concentrated",
    "unequal rows",
)
RESULTS = ("rounded", "near limits", "ulps off", "wrecked", "zeros", "uniform")
ALGORITHMS = ("shift-divide", "reciprocal", "base-2", "base-2-fma", "x-m-L", "lse", "lse-x", "exp(x-lse)", "log1p")
CONTRACTS: tuple[dict[str, object], ...] = (
    {},
    {},
    {},
    {"algorithm": "exp(log_softmax)"},
    {"algorithm": "online"},
    {"flush_subnormals": True},
    {"saturates": True},
    {"working_precision": "bfloat16"},
    {"sum_format": "float16"},
    {"saved_format": "bfloat16", "algorithm": "exp(x-lse)"},
    {"exp_ulp": 0.5, "log_ulp": 0.5},
    {"summation": "pairwise"},
    {"sum_format": "float64"},
    {"algorithm": "logaddexp"},
    {"flush_subnormals": True, "algorithm": "online"},
    {"working_precision": "float16", "exp_ulp": 1.0},
    *({"algorithm": name} for name in ALGORITHMS),
)


def logits(regime: str, shape: tuple[int, int], fmt: Format, rng: np.random.Generator) -> np.ndarray:
    """Rows of one regime, with values of the format, as float64."""
    m = shape[0]
    big = fmt.largest
    normal = rng.normal(size=shape)
    x = {
        "normal": lambda: normal * 3,
        "wide": lambda: normal * 40,
        "underflow": lambda: rng.uniform(0.85 * fmt.emin, 0, size=shape),
        "deep": lambda: rng.uniform(-3000, 0, size=shape),
        "offset": lambda: normal + rng.choice([1e3, -1e4, 6e4], size=(m, 1)),
        "ties": lambda: rng.integers(-2, 3, size=shape).astype(float),
        "equal": lambda: np.full(shape, 1.5),
        "masked": lambda: np.where(rng.random(shape) < 0.4, -np.inf, normal * 3),
        "one left": lambda: np.where(np.arange(shape[1]) == rng.integers(0, shape[1], (m, 1)), 2.0, -np.inf),
        "extreme": lambda: rng.choice([big, -big, 0, big / 2, -1.0], size=shape),
        "tiny": lambda: normal * fmt.smallest_subnormal * 5,
        "confident": lambda: normal * 0.1 + np.where(np.arange(shape[1]) == 0, rng.uniform(5, 120, (m, 1)), 0.0),
        "special": lambda: np.where(rng.random(shape) < 0.1, rng.choice([np.inf, np.nan], size=shape), normal),
        "zero lse": lambda: normal * 0.3 - np.log(np.exp(normal * 0.3).sum(axis=1, keepdims=True)),
        "exact sums": lambda: rng.choice([0.0, -200.0, -np.inf], size=shape),
        "sparse": lambda: np.where(_few(rng, shape), normal * 3, rng.choice([-np.inf, -200.0], size=shape)),
        "concentrated": lambda: np.where(_few(rng, shape), normal, normal * 3 - rng.uniform(5, 120, (m, 1))),
        "unequal rows": lambda: normal * 10.0 ** rng.uniform(-4, 2.5, (m, 1)),
    }[regime]()
    with np.errstate(all="ignore"):
        return x.astype(fmt.dtype).astype(np.float64)


def _few(rng: np.random.Generator, shape: tuple[int, int]) -> np.ndarray:
    """One to 64 places of each row."""
    ranks = np.argsort(rng.random(shape), axis=1)
    return np.asarray(ranks < 2 ** rng.integers(0, 7, (shape[0], 1)))


def results(kind: str, exact: np.ndarray, limit: np.ndarray, fmt: Format, rng: np.random.Generator) -> np.ndarray:
    """Results around the exact values, in the format, as float64."""
    shape = exact.shape
    signs, odd = rng.choice([-1, 1], size=shape), (0.0, -0.0, np.nan, np.inf, -np.inf, 1.0, -1.0, fmt.largest)
    with np.errstate(all="ignore"):
        got = {
            "rounded": lambda: exact,
            "near limits": lambda: exact + limit * signs * rng.choice([0.5, 0.999, 1, 1.001, 2, 1e3], size=shape),
            "ulps off": lambda: exact * (1 + rng.integers(-3, 4, size=shape) * fmt.unit_roundoff * 2),
            "wrecked": lambda: np.where(rng.random(shape) < 0.3, rng.choice(odd, size=shape), exact),
            "zeros": lambda: np.zeros(shape),
            "uniform": lambda: np.full(shape, 0.25),
        }[kind]()
        return np.asarray(got).astype(fmt.dtype).astype(np.float64)


def block(
    operation: str, x: np.ndarray, cases: int, kind: str, parameters: LimitParameters, rng: np.random.Generator
) -> Block:
    """Rows in equal cases, with results of a kind around their exact values."""
    m, classes = x.shape
    labels = None
    if operation.startswith("cross_entropy"):  # losses of all sizes: many labels are the largest logit
        with np.errstate(invalid="ignore"):
            labels = np.where(rng.random(m) < 0.4, np.argmax(x, axis=1), rng.integers(0, classes, m))
    starts = np.arange(0, m + 1, m // cases, dtype=np.int64)
    level = str(rng.choice(["sound", "stable", "accurate"]))
    fmt = formats.lookup(parameters.result_format)
    parts = []
    for start, stop in pairwise(starts):
        rows = truth.rows(x[start:stop])
        own = None if labels is None else labels[start:stop]
        exact = truth.reference(operation, rows, own, reduction=parameters.reduction).to_float()
        limit = limits.limit(operation, level, rows, own, parameters).numbers.to_float()
        parts.append(np.atleast_1d(results(kind, exact, limit, fmt, rng)))
    return Block(
        operation=operation, parameters=parameters, x=x, starts=starts, got=np.concatenate(parts), labels=labels
    )


def drawn(rng: np.random.Generator, *, fmt: str, operation: str, regime: str, classes: int) -> Block:
    """A block with the rest of its recipe drawn."""
    contract = CONTRACTS[rng.integers(len(CONTRACTS))]
    reduction = str(rng.choice(["mean", "sum", "none"]))
    try:
        parameters = LimitParameters(format=fmt, reduction=reduction, **contract)  # type: ignore[arg-type]
    except UsageError:  # no hardware sums float64 in 16 bits
        parameters = LimitParameters(format=fmt, reduction=reduction)
    cases = int(rng.choice([1, 2, 3]))
    x = logits(regime, (cases * int(rng.choice([1, 3, 5, 12])), classes), formats.lookup(fmt), rng)
    return block(operation, x, cases, str(rng.choice(RESULTS)), parameters, rng)
