"""One call: arguments, rows, keywords and options as they reach the function, and what its result becomes."""

import numpy as np
import pytest

from softcert_implementations.adapters import NotAnArrayError, View
from softcert_implementations.adapters.calling import PYTHON_FLOAT, call
from softcert_implementations.implementation import Implementation
from softcert_oracle.errors import UsageError

X = np.array([[0, 1, 2], [3, 4, 5]], np.float32)
LABELS = np.array([2, 0])


def called(function, *arrays, operation="softmax", batched=True, keywords=None, options=None, **claims):
    subject = Implementation("subject", {operation: function}, batched=batched, **claims)
    views = [View.of(a) for a in arrays or (X,)]
    named = {k: View.of(a) for k, a in (keywords or {}).items()}
    return call(subject, operation, "float32", views, named, options)


def test_a_batch_is_one_call_with_arrays_keywords_and_options():
    def function(x, labels, *, weight, axis):
        return x * weight + labels[:, None] + axis

    outcome = called(function, X, LABELS, keywords={"weight": X[0]}, options={"axis": -1})
    assert outcome.results[0].tolist() == (X * X[0] + LABELS[:, None] - 1).tolist()
    assert outcome.formats == ("float64",)
    assert outcome.read_back == {}


def test_a_function_of_one_row_is_called_for_each_and_keywords_by_row_are_cut():
    seen = []

    def function(x, label, *, mask, weight):
        seen.append((x.tolist(), int(label), mask.tolist(), weight.tolist()))
        return x

    mask = np.array([[True, False, True], [False, True, False]])
    outcome = called(function, X, LABELS, batched=False, keywords={"mask": mask, "weight": X[0]})
    assert outcome.results[0].tolist() == X.tolist()
    assert seen == [(X[i].tolist(), LABELS[i], mask[i].tolist(), X[0].tolist()) for i in range(2)]


@pytest.mark.parametrize(("operation", "shape"), [("softmax", (0, 3)), ("logsumexp", (0,))])
def test_no_rows_give_an_empty_result_of_the_operations_shape(operation, shape):
    outcome = called(lambda x: 1 / 0, X[:0], operation=operation, batched=False)
    assert (outcome.results[0].shape, outcome.formats) == (shape, ("float32",))


def test_rows_of_different_kinds_are_no_batch():
    with pytest.raises(NotAnArrayError, match=r"different kinds .*: float32 \(2,\), float32 \(3,\)"):
        called(lambda x: x if x[0] else x[:2], batched=False)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "returned None: does the function end without a return"),
        ([1.0, 2.0], "returned a list of 2, not one array"),
        ((X,), "returned a tuple of 1, not one array"),
        (10**400, "beyond the range of float64"),
        ("text", "not a NumPy array"),
    ],
)
def test_what_is_no_array_says_what_it_is(value, words):
    with pytest.raises(NotAnArrayError, match=words):
        called(lambda x: value)


@pytest.mark.parametrize("value", [3, 3.0])
def test_a_python_number_is_a_scalar_of_a_format_of_its_own(value):
    outcome = called(lambda x: value, operation="logsumexp")
    assert (outcome.results[0].shape, float(outcome.results[0]), outcome.formats) == ((), 3, (PYTHON_FLOAT,))
    assert called(lambda x: np.float32(3), operation="logsumexp").formats == ("float32",)


def test_an_operation_of_several_results_wants_them_as_a_tuple():
    operation = "linear_cross_entropy_grad"
    outcome = called(lambda x: (x, x[0], 1.0), operation=operation)
    assert [r.shape for r in outcome.results] == [(2, 3), (3,), ()]
    assert outcome.formats == ("float32", "float32", PYTHON_FLOAT)
    for wrong in (X, (X, X)):
        with pytest.raises(NotAnArrayError, match="has 3 results, as a tuple"):
            called(lambda x, wrong=wrong: wrong, operation=operation)


def test_an_operation_that_is_not_there_is_refused():
    with pytest.raises(UsageError, match="operation='logsumexp': subject has softmax"):
        call(Implementation("subject", {"softmax": len}), "logsumexp", "float32", [])


def test_device_surroundings_and_read_back_are_those_of_the_library(monkeypatch):
    from contextlib import contextmanager
    from dataclasses import replace

    from softcert_implementations.adapters import Argument, calling
    from softcert_implementations.adapters.libraries.numpy import ADAPTER

    events = []

    def argument(raw, device):
        events.append(device)
        made = ADAPTER.argument(raw, device)
        return Argument(made.value, lambda: b"after" + bytes([len(raw.shape)]))

    @contextmanager
    def surroundings(format):
        events.append(format)
        yield
        events.append("left")

    library = replace(ADAPTER, argument=argument, surroundings=surroundings)
    monkeypatch.setattr(calling, "adapter", lambda name: library)
    outcome = called(lambda x, weight: x, keywords={"weight": X[0]}, device="gpu:1")
    assert events == ["float32", "gpu:1", "gpu:1", "left"]
    assert {i: read() for i, read in outcome.read_back.items()} == {0: b"after\x02", 1: b"after\x01"}
