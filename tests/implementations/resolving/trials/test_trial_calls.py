"""Trial calls: whatever a subject raises is an answer, and answers are handed on."""

import warnings

import numpy as np
import pytest

from softcert_implementations.implementation import Implementation
from softcert_implementations.resolving.resolve import resolve
from softcert_implementations.resolving.trials import trial_calls


def one(function, operation="softmax", **more):
    return Implementation("one", {operation: function}, **more)


def wrong(x):
    return np.full_like(x, np.nan)


def of_a_row(x):
    if x.ndim != 1:
        raise ValueError("one row")
    return x * 1


def test_a_trial_keeps_the_result_or_the_error_and_is_silent():
    def loud(x):
        warnings.warn("loud", stacklevel=1)
        return x

    def exits(x):
        raise SystemExit(3)

    trial = trial_calls.attempt(one(loud), "softmax", "float16")
    assert (trial.ran, trial.shape, trial.error) == (True, (2, 3), "")
    trial = trial_calls.attempt(one(exits), "softmax", "float32")
    assert (trial.ran, trial.shape, trial.error) == (False, None, "SystemExit: 3")


def test_only_an_interruption_is_no_answer():
    def interrupted(x):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        trial_calls.attempt(one(interrupted), "softmax", "float32")


def test_labels_have_the_type_of_the_contract_and_vectors_are_given():
    seen = []

    def loss(x, labels):
        seen.append((labels.dtype.name, labels.tolist()))
        return np.float32(0)

    def product(x, upstream):
        seen.append(upstream.shape)
        return x

    trial_calls.attempt(one(loss, "cross_entropy", label_dtypes="int32"), "cross_entropy", "float32")
    trial_calls.attempt(one(product, "softmax_vjp"), "softmax_vjp", "float32")
    assert seen == [("int32", [2, 0]), (2, 3)]


def test_a_batch_and_its_rows_are_tried_whatever_the_subject_says():
    for batched in (None, True, False):
        assert not trial_calls.attempt_batch(one(of_a_row, batched=batched), "softmax", "float32").ran
        assert trial_calls.attempt_rows(one(of_a_row, batched=batched), "softmax", "float32").ran
    assert trial_calls.attempt(one(of_a_row, batched=False), "softmax", "float32").ran
    assert not trial_calls.attempt(one(of_a_row), "softmax", "float32").ran


@pytest.mark.parametrize(
    ("function", "operation", "reduction", "fit"),
    [
        (wrong, "softmax", "mean", True),
        (lambda x: x[:1], "softmax", "mean", False),
        (lambda x: x[:, 0], "logsumexp", "mean", True),
        (lambda x, y: x[0, 0], "cross_entropy", "mean", True),
        (lambda x, y: x[:, 0], "cross_entropy", "mean", False),
        (lambda x, y: x[:, 0], "cross_entropy", "none", True),
    ],
)
def test_a_trial_fits_by_the_shape_of_its_result(function, operation, reduction, fit):
    subject = one(function, operation, reduction=reduction)
    trial = trial_calls.attempt(subject, operation, "float32")
    assert trial_calls.fits(trial, subject, operation, "float32") is fit


@pytest.mark.parametrize("format", ["float8_e4m3fn", "float8_e5m2", "float16", "float64"])
def test_right_values_are_told_in_every_format(format):
    def softmax(x):
        e = np.exp(x.astype(np.float64))
        return (e / e.sum(axis=-1, keepdims=True)).astype(x.dtype)

    assert trial_calls.attempt_batch(one(softmax), "softmax", format).right
    assert not trial_calls.attempt_batch(
        one(lambda x: softmax(x.reshape(1, -1)).reshape(x.shape)), "softmax", format
    ).right
    assert not trial_calls.attempt_batch(one(lambda x: softmax(x.T).T), "softmax", format).right


@pytest.mark.parametrize(
    ("function", "single"),
    [
        (of_a_row, True),
        (lambda x: x * 1, False),
        (lambda x: x.sum(), False),
        (lambda x: (_ for _ in ()).throw(ValueError()), False),
    ],
)
def test_one_row_is_what_takes_no_batch_and_gives_a_row_for_a_row(function, single):
    assert trial_calls.one_row_only(one(function), "float32") is single


def test_a_loss_that_gives_each_row_of_a_batch_its_own_is_none_of_one_row():
    assert trial_calls.one_row_only(one(lambda x, labels: x[..., 0], "cross_entropy"), "float32") is False
    assert trial_calls.one_row_only(one(lambda x, label: x[int(label)], "cross_entropy"), "float32") is True


def test_one_operation_that_takes_batches_is_enough():
    both = Implementation("both", {"softmax": of_a_row, "log_softmax": lambda x: x * 1})
    assert trial_calls.one_row_only(both, "float32") is False


def test_formats_that_do_not_run_are_left_out_with_the_first_line_of_the_error():
    def only_float32(x):
        if x.dtype != np.float32:
            raise TypeError("not this one\nsecond line")
        return x

    subject = one(only_float32)
    working, notes = trial_calls.working_formats(subject, ("float64", "float32"))
    assert working == ("float32",)
    assert notes == ["format float64 is left out: TypeError: not this one"]
    assert trial_calls.working_formats(subject, ("float64",)) == (("float64",), [])


def test_an_error_whose_text_raises_is_named():
    class BrokenError(Exception):
        def __str__(self):
            raise RuntimeError

    assert trial_calls.error_line(BrokenError()) == "BrokenError: "


def test_a_trial_whose_answer_is_known_is_not_made_again():
    """The process that is judged resolves the subject from the answers of another one: its first call is judged."""
    calls = []

    def softmax(x, dim):
        calls.append(x.shape)
        return x * 1

    with trial_calls.answers() as first:
        resolved = resolve(softmax)
    made = len(calls)
    assert made > 0
    with trial_calls.answers(first.used) as again:
        assert resolve(softmax).inferred == resolved.inferred
    assert (len(calls), again.used) == (made, first.used)


def test_what_is_not_known_is_tried_and_equal_trials_are_answered_in_their_order():
    """Answers are found by operation, format, library, batch and axis; a missing one costs a call, and nothing else."""
    subject = one(of_a_row, batched=True)
    key = ["softmax", "float32", "numpy", True, None, "plain"]
    with trial_calls.answers([[*key, [7], "", "", []], [*key, None, "OSError: no", "", []]]) as kept:
        shapes = [trial_calls.attempt(subject, "softmax", "float32").shape for _ in range(3)]
        assert trial_calls.attempt_rows(subject, "softmax", "float32").shape == (2, 3)
    assert shapes == [(7,), None, None]
    assert [entry[6] for entry in kept.used] == [[7], None, None, [2, 3]]
