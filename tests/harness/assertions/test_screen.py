"""The screen before the kernels: its bounds lie below the derived limits, and it lets nothing wrong through."""

from __future__ import annotations

import numpy as np
import pytest

from softcert.assertions import screen
from softcert_oracle import limits
from softcert_oracle.judging import Block, judge_block
from softcert_oracle.levels import Level
from softcert_oracle.limit_parameters import LimitParameters
from softcert_oracle.numbers import formats
from softcert_oracle.reference import truth

RNG = np.random.default_rng(11)


def logits(format, rows, classes, scale, kind):
    """Rows of a format: normal, mostly zeros, or half of them 30 below."""
    x = RNG.normal(size=(rows, classes)) * scale
    if kind == "sparse":
        x = np.where(RNG.random(x.shape) < 0.9, 0.0, x)
    if kind == "split":
        x = np.where(RNG.random(x.shape) < 0.5, -30.0, x)
    return x.astype(formats.lookup(format).dtype).astype(np.float64)


def block(operation, format, x, got=None, **claims):
    labels = RNG.integers(0, x.shape[1], len(x)) if operation == "cross_entropy_grad" else None
    given = np.zeros_like(x) if got is None else got
    parameters = LimitParameters(format=format, **claims)
    starts = np.array([0, len(x)], np.int64)
    return Block(operation=operation, parameters=parameters, x=x, starts=starts, got=given, labels=labels)


@pytest.mark.parametrize("operation", screen._BY_CLASS)
@pytest.mark.parametrize("format", ["float32", "float16", "bfloat16"])
@pytest.mark.parametrize("kind", ["normal", "sparse", "split"])
def test_what_the_screen_allows_is_below_the_limit(operation, format, kind):
    for classes in (2, 3, 10, 100, 1000):
        for scale in (1e-3, 0.1, 1.0, 10.0):
            b = block(operation, format, logits(format, 4, classes, scale, kind))
            d = b.x - b.x.max(axis=1, keepdims=True)
            if not screen._ordinary_terms(d) or d.min() <= -screen._FURTHEST:
                continue
            e = np.exp(d)
            allowed = screen._bounds(b, d.copy(), e, e.sum(axis=1, keepdims=True))[1]
            limit = limits.limit(operation, "stable", truth.rows(b.x), b.labels, b.parameters).numbers.to_float()
            assert (allowed <= limit).all()


@pytest.mark.parametrize("operation", screen._BY_CLASS)
def test_the_screen_passes_honest_results_and_nothing_that_the_kernels_refuse(operation):
    x = logits("float32", 32, 1000, 2.0, "normal")
    b = block(operation, "float32", x)
    e = np.exp(x - x.max(1, keepdims=True))
    right = screen._bounds(b, x - x.max(1, keepdims=True), e, e.sum(1, keepdims=True))[0].astype(np.float32)
    for factor in (1.0, 1 + 1e-6, 1 + 1e-5, 1 + 1e-4, 1 + 1e-3):
        tried = Block(
            operation=operation,
            parameters=b.parameters,
            x=x,
            starts=b.starts,
            got=np.float64(right) * factor,
            labels=b.labels,
        )
        violated = judge_block(tried).checks["accuracy", Level.STABLE].violated.any()
        assert not (screen.passes(tried, Level.STABLE) and violated)
        if factor == 1.0:
            assert screen.passes(tried, Level.STABLE)


def test_the_screen_answers_for_no_claim_that_sharpens_limits():
    x = logits("float32", 32, 1000, 2.0, "normal")
    e = np.exp(x - x.max(1, keepdims=True))
    got = (e / e.sum(1, keepdims=True)).astype(np.float32).astype(np.float64)
    assert not screen.passes(block("softmax", "float32", x, got, summation="pairwise"), Level.STABLE)
    assert not screen.passes(block("softmax", "float32", x, got, algorithm="shift-divide"), Level.STABLE)
    assert not screen.passes(block("softmax", "float32", x, got), Level.ACCURATE)
