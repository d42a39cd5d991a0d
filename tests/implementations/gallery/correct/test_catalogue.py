"""The correct implementations hold the level that is expected of them, on rows chosen to break them."""

from __future__ import annotations

import functools

import numpy as np
import pytest

from softcert_implementations.gallery import CORRECT
from softcert_oracle import limits, operations
from softcert_oracle.decide import decisions
from softcert_oracle.numbers import formats
from softcert_oracle.numbers.enclosure import Decision
from softcert_oracle.reference import truth

_EVERY = [
    pytest.param(correct, operation, format, id=f"{correct.name}-{operation}-{format}")
    for correct in CORRECT
    for operation in correct.ops
    for format in correct.formats
]


@functools.cache
def _exact(operation, format):
    """Each adversarial input with its labels, its rows and its exact result."""
    found = []
    for x in _adversarial(format):
        labels = np.arange(len(x), dtype=np.int64) % x.shape[1]
        given = labels if operations.OPERATIONS[operation].takes_labels else None
        rows = truth.rows(x)
        found.append((x, given, rows, truth.reference(operation, rows, given)))
    return found


@functools.cache
def _limits(operation, format, level, index, parameters):
    _, given, rows, _ = _exact(operation, format)[index]
    return limits.limit(operation, level, rows, given, parameters).numbers


def _adversarial(format):
    """Rows (m, C) of several widths: ordinary, far from 0, far apart, tied, dominated, subnormal, masked."""
    fmt = formats.lookup(format)
    rng = np.random.default_rng(5)
    top = min(fmt.largest / 4, 1e30)
    rows = [
        rng.standard_normal((4, 7)),
        rng.standard_normal((3, 5)) * 30,
        rng.standard_normal((2, 6)) + top / 4,
        rng.standard_normal((2, 3)) - top / 4,
        np.log(fmt.largest) * np.array([[1.1, 1.0, -1.2], [-1.3, -1.4, -1.5]]),
        [[0.0, -40.0], [0.0, -9.0], [3.0, 3.0]],
        [[top, -top, 0.0], [1e-5, -1e-5, 0.0]],
        np.concatenate([rng.standard_normal((2, 60)), np.full((2, 5), -np.inf)], axis=1),
        np.full((1, 300), 1.25),
        np.linspace(-20, 0, 133)[None],
        [[2.5], [-7.0]],
    ]
    return [np.asarray(each, np.float64).astype(fmt.dtype) for each in rows]


def _called(correct, operation, x, labels):
    positional = [x] if labels is None else [x, labels]
    if correct.arrays == "numpy":
        return np.asarray(correct.ops[operation](*(each.copy() for each in positional))).astype(np.float64)
    torch = pytest.importorskip("torch")
    tensors = [torch.tensor(each.astype(np.float64)) for each in positional[:1]]
    tensors = [tensors[0].to(getattr(torch, str(x.dtype))), *map(torch.tensor, positional[1:])]
    return correct.ops[operation](*tensors).double().numpy()


def _worst(correct, operation, format, level):
    """How many results exceed the limit of the level, over all adversarial rows."""
    terms = correct.implementation().contract.terms(operation, format)
    parameters = terms.limit_parameters
    beyond = []
    for index, (x, labels, _, exact) in enumerate(_exact(operation, format)):
        if x.shape[1] > (terms.max_classes or 1 << 40):
            continue
        limit = _limits(operation, format, level, index, parameters)
        got = _called(correct, operation, x, labels)
        assert got.shape == exact.shape
        answers = decisions.exceeds(got, exact, limit, formats.lookup(format))
        if (answers != Decision.NO).any():
            beyond.append((x[:1, :4], got.ravel()[np.argmax(answers)], exact.to_float().ravel()[np.argmax(answers)]))
    return beyond


@pytest.mark.parametrize(("correct", "operation", "format"), _EVERY)
def test_a_correct_implementation_holds_the_level_expected_of_it(correct, operation, format):
    assert _worst(correct, operation, format, correct.expected_level(operation, format)) == []


@pytest.mark.parametrize(("correct", "operation", "format"), [e for e in _EVERY if e.values[0].level == "sound"])
def test_what_is_only_sound_is_not_stable(correct, operation, format):
    if operation != "logsumexp":  # |y| is in its limit at every level
        assert _worst(correct, operation, format, "stable")


@pytest.mark.parametrize("correct", CORRECT, ids=lambda each: each.name)
def test_a_correct_implementation_is_a_subject(correct):
    subject = correct.implementation()
    assert set(subject.ops) == set(correct.ops)
    assert subject.dtypes == tuple(correct.formats)
    assert all(correct.expected_level(operation, format) for operation in correct.ops for format in correct.formats)


def test_there_are_at_least_thirty():
    assert len({each.name for each in CORRECT}) >= 30


_SPECIAL = {  # row -> what softmax, log_softmax and logsumexp may give, besides NaN where a +inf stands
    (0.0, np.nan, 1.0): ([np.nan] * 3, [np.nan] * 3, [np.nan]),
    (-np.inf, -np.inf, -np.inf): ([np.nan] * 3, [np.nan] * 3, [-np.inf]),
    (np.inf, 0.0, 1.0): ([1, 0, 0], [0, -np.inf, -np.inf], [np.inf]),
    (3e38, -3e38, 0.0): ([1, 0, 0], [0, -np.inf, -3e38], [3e38]),
    (-np.inf, 0.0, 0.0): ([0, 0.5, 0.5], [-np.inf, -np.log(2), -np.log(2)], [np.log(2)]),
}


@pytest.mark.parametrize("row", _SPECIAL, ids=str)
@pytest.mark.parametrize("correct", [c for c in CORRECT if "float32" in c.formats], ids=lambda each: each.name)
def test_a_correct_implementation_answers_special_values_by_the_table(correct, row):
    x = np.array([row], np.float32)
    for position, operation in enumerate(("softmax", "log_softmax", "logsumexp")):
        if operation in correct.ops:
            got = _called(correct, operation, x, None).ravel()
            right = np.array(_SPECIAL[row][position], np.float64)
            same = np.isclose(got, right, rtol=1e-6, atol=0, equal_nan=True)
            excused = np.isnan(got) & (np.inf in row) & (operation != "logsumexp")
            assert (same | excused).all()


@pytest.mark.parametrize("correct", [c for c in CORRECT if "cross_entropy" in c.ops], ids=lambda each: each.name)
def test_a_label_on_a_masked_class_has_an_infinite_loss(correct):
    x = np.array([[0.0, -np.inf]], formats.lookup(correct.formats[0]).dtype)
    assert _called(correct, "cross_entropy", x, np.array([1])) == np.inf
