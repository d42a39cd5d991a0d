"""One call: what a subject raises becomes the right fault, and its arrays are aligned and its heap poisoned."""

import numpy as np
import pytest
from tests.harness.executors.calls import asking, one

from softcert.executors.protocol import OVERWRITTEN, FaultKind
from softcert.executors.transport.captured_text import TEXT_LIMIT
from softcert.executors.transport.shared_memory import PAGE
from softcert.executors.worker import invoke as module
from softcert.executors.worker.invoke import PreviousResults, describe, fault_of, invoke, private
from softcert.executors.worker.side_effects import Streams
from softcert_implementations.adapters import NotAnArrayError, UnavailableError, UnsupportedError, View
from softcert_implementations.adapters.calling import Outcome

X = np.zeros((1, 4), np.float32)


@pytest.fixture
def call():
    """Invoke a function on an array."""
    streams, previous = Streams(), PreviousResults()

    def call(function, x=X):
        with streams:
            return invoke(one(function), asking(x), [View.of(x)], streams, previous)

    yield call
    streams.close()


def raising(error):
    def softmax(x):
        raise error

    return softmax


ITSELF = "the subject itself raised an error of the adapters, for an input that it claims: "


class UnreadableError(Exception):
    """An exception whose text raises."""

    def __str__(self):
        raise RuntimeError


@pytest.mark.parametrize(
    ("error", "kind", "message"),
    [
        (ValueError("no"), FaultKind.EXCEPTION, "ValueError: no"),
        (AssertionError(), FaultKind.EXCEPTION, "AssertionError"),
        (UnreadableError(), FaultKind.EXCEPTION, "UnreadableError: (its text cannot be shown)"),
        (SystemExit(3), FaultKind.EXIT, "the subject called sys.exit(3)"),
        (MemoryError(), FaultKind.MEMORY, "MemoryError"),
        (RuntimeError("CUDA out of memory"), FaultKind.MEMORY, "RuntimeError: CUDA out of memory"),
        (UnsupportedError("no views"), FaultKind.DECLINED, f"{ITSELF}no views"),
        (UnavailableError("not installed"), FaultKind.DECLINED, f"{ITSELF}not installed"),
        (NotAnArrayError("returned None"), FaultKind.RESULT, "returned None"),
        (GeneratorExit(), FaultKind.EXCEPTION, "GeneratorExit"),
    ],
)
def test_an_exception_is_the_fault_of_its_kind(call, error, kind, message):
    done = call(raising(error))
    assert done.outcome is None
    assert (done.fault.kind, done.fault.message) == (kind, message)


def test_ctrl_c_is_the_users(call):
    with pytest.raises(KeyboardInterrupt):
        call(raising(KeyboardInterrupt()))


def test_the_traceback_begins_with_the_subject(call):
    detail = call(raising(ValueError("no"))).fault.detail
    assert detail.startswith("  File ")
    assert "in softmax" in detail.splitlines()[0]
    assert "worker/invoke.py" not in detail
    assert "calling.py" not in detail


def test_a_long_message_is_cut():
    assert len(describe(ValueError("x" * 10 * TEXT_LIMIT))) == TEXT_LIMIT


def test_an_operation_that_the_subject_lacks_is_unavailable():
    streams = Streams()
    request = asking(X, operation="logsumexp")
    done = invoke(one(abs), request, [View.of(X)], streams, PreviousResults())
    streams.close()
    assert (done.fault.kind, done.fault.message) == (FaultKind.UNAVAILABLE, "subject has no logsumexp")


def test_the_seconds_are_those_of_the_subject(call, monkeypatch):
    ticks = iter([10.0, 12.5])
    monkeypatch.setattr(module.time, "perf_counter", lambda: next(ticks))
    assert call(lambda x: x * 1).seconds == 2.5


def outcome(*results):
    return Outcome(results, tuple(r.dtype.name for r in results))


def test_only_a_result_that_changes_afterwards_is_overwritten(call):
    buffer = np.zeros((1, 4), np.float32)

    def softmax(x):
        buffer[...] = x
        return buffer

    assert call(softmax).observations == ()
    assert call(softmax).observations == ()  # the same values again: nobody can tell
    assert [kind for kind, _ in call(softmax, X + 1).observations] == [OVERWRITTEN]


def test_a_fresh_result_in_each_call_is_none_that_is_overwritten(call):
    for i in range(3):
        assert call(lambda x: x + 1, X + i).observations == ()


def test_a_result_inside_the_input_is_not_watched():
    previous = PreviousResults()
    x = np.zeros((1, 4), np.float32)
    previous.watch(
        outcome(x[:, :2]), [View(data=x.view(np.uint8).ravel().data, format="float32", shape=(1, 4), strides=(16, 4))]
    )
    x += 1
    assert not previous.changed_between()


def test_large_results_are_not_watched():
    previous = PreviousResults()
    large = np.zeros(1 << 17, np.uint8)
    previous.watch(outcome(large), [])
    large += 1
    assert not previous.changed_between()
    small = np.zeros(16, np.uint8)
    previous.watch(outcome(small), [])
    small += 1
    assert previous.changed_between()


def test_results_of_the_last_calls_are_watched_and_each_write_is_told_once():
    previous = PreviousResults()
    results = [np.zeros(4, np.uint8) for _ in range(5)]
    for result in results:
        previous.watch(outcome(result), [])
    results[1] += 1
    assert previous.changed_by_call()
    assert not previous.changed_by_call()
    results[4] += 1
    assert previous.changed_between()
    assert not previous.changed_between()


def test_the_first_results_are_watched_to_the_end():
    previous = PreviousResults()
    first = np.zeros(4, np.uint8)
    previous.watch(outcome(first), [])
    for _ in range(100):
        assert not previous.changed_between()
        previous.watch(outcome(np.zeros(4, np.uint8)), [])
    first += 1
    assert sum(previous.changed_between() for _ in range(32)) == 1


def test_a_private_buffer_is_an_aligned_copy():
    data = np.arange(100, dtype=np.uint8)
    for _ in range(5):
        buffer = private(data.data)
        assert buffer.__array_interface__["data"][0] % PAGE == 0
        assert np.array_equal(buffer, data)
        buffer[0] = 200
        assert data[0] == 0


def test_the_heap_is_filled_with_nan_before_the_call(call, monkeypatch):
    asked = []
    monkeypatch.setattr(module, "poison_heap", asked.append)
    call(lambda x: x * 1)
    assert asked == [X.nbytes]


def test_poison_is_a_nan_in_every_format():
    from softcert_oracle.numbers import formats

    for form in formats.FORMATS.values():
        assert np.isnan(np.full(8, 0xFF, np.uint8).view(form.dtype).astype(np.float64)).all(), form.name


def test_an_exception_without_frames_has_no_trace():
    assert fault_of(ValueError("never raised")).detail == ""
