"""The mechanisms: each makes what an operation makes, and each goes wrong somewhere."""

from __future__ import annotations

import warnings
from collections import Counter
from itertools import product

import numpy as np
import pytest

from softcert_implementations.bundled import numpy_shifted
from softcert_implementations.gallery import DEFECTS, mechanisms
from softcert_implementations.gallery.mechanisms.mechanism import EVERY, LOSSES
from softcert_oracle.numbers import formats

INF, NAN = np.inf, np.nan


def inputs(dtype: np.dtype) -> list[np.ndarray]:
    """Rows that show something: ordinary, large, far below, empty, tied, masked, square, long."""
    rng = np.random.default_rng(0)
    rows = [
        rng.normal(size=(3, 8)),
        rng.normal(size=(5, 5)) * 30,
        rng.normal(size=(6, 37)) * 8,
        np.zeros((2, 3)),
        rng.normal(size=(4, 9)) - 500,
        rng.normal(size=(2, 40)) + 300,
        np.full((2, 5), -INF),
        np.ones((1, 1)),
        np.array([[0.0, -INF, 2.0], [1.0, 1.0, 0.0]]),
        np.array([[INF, 1.0, 2.0], [0.0, NAN, 1.0]]),
        np.array([[3.0, 0.0, 0.0], [0.0, 0.0, 0.0]]),
        rng.normal(size=(1, 3000)),
        np.zeros((1, 70000)),
        rng.normal(size=(300, 2)),
        np.array([[1.0, 1.0, -40.0, -90.0, -110.0]]),
        np.array([[1.0, 1.0, 2.0, 2.0]]),
        -3.0 + 40 * (np.arange(70000)[None] == 69999),
        np.array([[3e4, 0.0]]),
    ]
    return [row.astype(dtype) for row in rows]


def called(model: mechanisms.Model, x: np.ndarray) -> np.ndarray:
    labels = (np.arange(len(x)) * 7 + x.shape[1] - 1) % x.shape[1]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return np.asarray(model.fresh()(x, labels) if model.operation in LOSSES else model.fresh()(x))


@pytest.mark.parametrize("name", EVERY)
@pytest.mark.parametrize("format", ["float16", "bfloat16", "float32", "float64"])
def test_every_mechanism_makes_a_result_of_the_right_form(name: str, format: str) -> None:
    fmt = formats.lookup(format)
    for x in inputs(fmt.dtype)[:11]:
        shape = {"logsumexp": x.shape[:1], "cross_entropy": ()}.get(name, x.shape)
        for mechanism in mechanisms.MECHANISMS:
            for model in list(mechanism.models(name))[:2]:
                got = called(model, x)
                assert got.shape == shape, model.name
                assert got.dtype == x.dtype, model.name


def textbook(name: str, x: np.ndarray) -> np.ndarray:
    labels = (np.arange(len(x)) * 7 + x.shape[1] - 1) % x.shape[1]
    with np.errstate(all="ignore"):
        function = numpy_shifted.IMPLEMENTATION.ops[name]
        return np.asarray(function(x, labels) if name in LOSSES else function(x), dtype=np.float64)


def test_every_mechanism_goes_wrong_somewhere() -> None:
    # Without a difference from the textbook algorithm there is nothing that it could explain.
    shown: Counter[str] = Counter()
    for x in inputs(np.dtype(np.float32)) + inputs(np.dtype(np.float64)):
        right = {name: textbook(name, x) for name in EVERY}
        for name, mechanism in product(EVERY, mechanisms.MECHANISMS):
            for model in mechanism.models(name):
                if shown[mechanism.behaves]:
                    break
                got = called(model, x).astype(np.float64)
                shown[mechanism.behaves] += not np.array_equal(got, right[name], equal_nan=True)
    assert not [m.behaves for m in mechanisms.MECHANISMS if not shown[m.behaves]]


def test_every_family_is_one_of_the_gallery() -> None:
    assert {m.family for m in mechanisms.MECHANISMS} <= {d.family for d in DEFECTS}


def test_no_two_mechanisms_say_the_same() -> None:
    said = Counter((m.family, m.behaves, m.operations) for m in mechanisms.MECHANISMS)
    assert not [row for row, count in said.items() if count > 1]


def test_models_are_made_once_and_only_for_the_core_operations():
    assert mechanisms.models("softmax") is mechanisms.models("softmax")
    assert mechanisms.models("softmax_vjp") == ()
