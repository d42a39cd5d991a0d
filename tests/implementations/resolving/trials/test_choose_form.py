"""Forms of calls: conventions of the field are found by values, and no mistake is taken for a convention."""

import math

import numpy as np
import pytest

from softcert_implementations.implementation import Implementation
from softcert_implementations.resolving.resolve import resolve
from softcert_implementations.resolving.trials import trial_calls
from softcert_implementations.resolving.trials.choose_form import adapted as adapted_by_trial
from softcert_implementations.resolving.trials.choose_form import explanations


def one(function, operation="softmax", **more):
    return Implementation("one", {operation: function}, **more)


def test_the_first_axis_keyword_that_gives_the_shape_is_taken():
    class Builtin:
        """A callable without a readable signature that wants its axis by the keyword ``axis``."""

        __signature__ = "unreadable"

        def __call__(self, x, **options):
            if set(options) != {"axis"}:
                raise TypeError(f"unexpected {sorted(options)}")
            return np.max(x, **options)

    adapted = adapted_by_trial(one(Builtin(), "logsumexp"), "logsumexp", "float32")
    assert adapted.ops["logsumexp"].axis == "axis"
    runs_only = adapted_by_trial(one(Builtin()), "softmax", "float32")  # (2,) is no shape of a softmax
    assert runs_only.ops["softmax"].axis == "axis"

    class Never:
        __signature__ = "unreadable"

        def __call__(self, *arguments, **options):
            raise RuntimeError

    never = Never()
    assert adapted_by_trial(one(never), "softmax", "float32").ops["softmax"] is never


def test_an_axis_is_chosen_by_the_values_where_several_give_the_shape():
    """MLX's softmax and log-sum-exp have no signature, and take the whole array where no axis is given."""

    class Whole:
        __signature__ = "unreadable"

        def __init__(self, function):
            self.function = function

        def __call__(self, x, axis=None):
            return self.function(x, axis)

    def softmax(x, axis):
        e = np.exp(x)
        return e / e.sum(axis=axis, keepdims=True)

    def logsumexp(x, axis):
        return np.log(np.exp(x).sum(axis=axis))

    for operation, function in (("softmax", softmax), ("logsumexp", logsumexp)):
        found = adapted_by_trial(one(Whole(function), operation), operation, "float32")
        assert found.ops[operation].axis == "axis"
        assert trial_calls.attempt_batch(found, operation, "float32").right
        assert not trial_calls.one_row_only(found, "float32")


def test_where_no_axis_gives_the_values_the_shape_decides():
    """A wrong function is called as a right one would be: a trial excuses nothing."""

    class Wrong:
        __signature__ = "unreadable"

        def __call__(self, x, axis=None):
            return x * 0

    plain = Wrong()
    assert adapted_by_trial(one(plain), "softmax", "float32").ops["softmax"] is plain


def probabilities(x, axis=-1):
    e = np.exp(x - x.max(axis, keepdims=True))
    return e / e.sum(axis, keepdims=True)


def plain(x, labels):
    return -np.log(probabilities(x))[np.arange(len(x)), labels].mean()


def one_hot(x, t):
    return -(t * np.log(probabilities(x))).sum() / len(x)


def one_hot_first(t, x):
    return -(t * np.log(probabilities(x))).sum() / len(x)


def labels_before(a, b):
    return plain(b, a)


def classes_first(scores, y):
    return -np.log(probabilities(scores, 0))[y, np.arange(scores.shape[1])].mean()


def classes_first_one_hot(scores, t):
    return -(t * np.log(probabilities(scores, 0))).sum() / scores.shape[1]


def with_gradient(x, labels):
    return plain(x, labels), probabilities(x)


def with_cache(x, labels):
    return {"cache": x, "loss": plain(x, labels)}


def of_probabilities(y_pred, y):
    return -np.log(y_pred)[np.arange(len(y)), y].mean()


def nll_loss(input, target):
    return -input[np.arange(len(target)), target].mean()


def of_lists(rows, labels):
    if not isinstance(rows, list):
        raise TypeError("rows must be a list")
    sums = [math.log(math.fsum(map(math.exp, row))) for row in rows]
    return sum(s - row[y] for s, row, y in zip(sums, rows, labels, strict=True)) / len(rows)


LOSSES = [
    (plain, ""),
    (one_hot, "labels=one-hot"),
    (one_hot_first, "order=labels first, labels=one-hot"),
    (labels_before, "order=labels first"),
    (classes_first, "classes=first"),
    (classes_first_one_hot, "labels=one-hot, classes=first"),
    (with_gradient, "result=0"),
    (with_cache, "result=loss"),
    (of_probabilities, "inputs=probabilities"),
    (nll_loss, "inputs=log-probabilities"),
    (of_lists, "values=lists"),
]


@pytest.mark.parametrize(("function", "form"), LOSSES, ids=[f.__name__ for f, _ in LOSSES])
def test_a_convention_of_the_field_is_found_by_its_values(function, form):
    subject = resolve(function, op="cross_entropy")
    assert subject.contract.value("call", "cross_entropy", "float32") == form
    assert subject.batched is True
    assert not form or any(form in note for note in subject.inferred)
    assert trial_calls.attempt_batch(subject, "cross_entropy", "float32").right


@pytest.mark.parametrize(("function", "form"), LOSSES[1:], ids=[f.__name__ for f, _ in LOSSES[1:]])
def test_a_form_that_is_said_is_not_asked_for(function, form):
    subject = resolve(function, op="cross_entropy", call=form)
    assert subject.contract.value("call", "cross_entropy", "float32") == form
    assert trial_calls.attempt_batch(subject, "cross_entropy", "float32").right


def test_a_gradient_has_its_own_form():
    def gradient(x, t):
        return None, (probabilities(x) - t) / len(x)

    subject = resolve({"cross_entropy": with_gradient, "cross_entropy_grad": gradient})
    assert subject.contract.given["call"] == {
        "cross_entropy": "result=0",
        "cross_entropy_grad": "labels=one-hot, result=1",
    }


def test_a_wrong_loss_of_one_hot_labels_is_called_with_them():
    subject = resolve(lambda x, t: -(t * np.log(probabilities(x))).sum(), op="cross_entropy")
    assert subject.contract.value("call", "cross_entropy", "float32") == "labels=one-hot"
    assert trial_calls.attempt_batch(subject, "cross_entropy", "float32").reading == "sum"


MISTAKES = [
    (lambda x: probabilities(x, 0), "softmax", ["classes=first"]),
    (lambda x, y: -np.log(x)[np.arange(len(x)), y].mean(), "cross_entropy", ["inputs=probabilities"]),
    (lambda x, y: -np.log(probabilities(x))[np.arange(len(x)), y - 1].mean(), "cross_entropy", ["labels=one-based"]),
    (lambda x, y: -np.log(probabilities(x))[np.arange(len(x)), y].sum(), "cross_entropy", []),
    (lambda x: probabilities(x) * 1.5, "softmax", []),
]


@pytest.mark.parametrize(("function", "operation", "said"), MISTAKES)
def test_a_mistake_is_never_taken_for_a_convention_but_said(function, operation, said):
    subject = resolve(function, op=operation)
    assert subject.contract.value("call", operation, "float32") == ""
    assert explanations(subject, operation, "float32") == said
    assert [note for note in subject.inferred if "--call" in note] == [
        f"{operation}: with --call {text} the values of a trial call would be right; say so if that is what it takes"
        for text in said
    ]
    for text in said:
        told = resolve(function, op=operation, call=text)
        assert trial_calls.attempt_batch(told, operation, "float32").right


def test_plain_is_the_word_for_no_search():
    calls = []

    def loss(x, labels):
        calls.append(labels.shape)
        raise ValueError

    resolve(loss, op="cross_entropy", dtypes="float32", arrays="numpy", batched=True, call="plain")
    assert len(calls) <= 1  # the shape of the loss is looked at, nothing else


def test_sizes_that_the_contract_asks_for_are_tried():
    seen = set()

    def softmax(x):
        seen.add(x.shape)
        if x.shape[-1] % 8:
            raise ValueError("a multiple of 8")
        return probabilities(x)

    subject = resolve(softmax, contract={"classes_multiple_of": 8})
    assert seen == {(2, 8)}
    assert trial_calls.attempt_batch(subject, "softmax", "float32").right


@pytest.mark.parametrize(("function", "form"), LOSSES[1:6], ids=[f.__name__ for f, _ in LOSSES[1:6]])
def test_an_implementation_is_called_as_it_is_declared_and_told_what_would_fit(function, form):
    subject = resolve(one(function, "cross_entropy"))
    assert "call" not in subject.contract.given
    assert [note for note in subject.inferred if f"with call={form!r} its values would be right" in note]
    told = resolve(one(function, "cross_entropy", call=form))
    assert trial_calls.attempt_batch(told, "cross_entropy", "float32").right
    assert not [note for note in told.inferred if "its values would be right" in note]
