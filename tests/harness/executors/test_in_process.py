"""The executor without isolation: its arrays, its faults, and what it leaves behind."""

import numpy as np
import pytest
from tests.harness.executors.calls import asking, asking_with_view, one

from softcert.executors.in_process import InProcessExecutor
from softcert.executors.protocol import OVERWRITTEN, FaultKind, to_numpy
from softcert_implementations.implementation import Implementation
from softcert_oracle.errors import UsageError
from softcert_oracle.numbers import formats


@pytest.mark.parametrize("name", formats.FORMATS)
@pytest.mark.parametrize("arrays", ["numpy", "torch"])
def test_every_bit_pattern_travels_unchanged(name, arrays):
    if arrays == "torch":
        pytest.importorskip("torch")
    form = formats.lookup(name)
    patterns = np.arange(2 ** min(form.bits, 16), dtype=np.uint64) << np.uint64(max(0, form.bits - 16))
    x = patterns.astype(form.unsigned).view(form.dtype).reshape(-1, 16)
    identity = Implementation("identity", {"softmax": lambda x: x}, (name,), arrays=arrays, batched=True)
    with InProcessExecutor(identity) as executor:
        reply = executor.run(asking(x))
    (result,) = reply.results
    assert result.format == name
    assert bytes(result.data) == x.tobytes()


def test_torch_refuses_what_it_cannot_express():
    pytest.importorskip("torch")
    buffer = np.arange(12, dtype=np.float32)
    reversed_rows = buffer.reshape(3, 4)[:, ::-1]
    with InProcessExecutor(one(lambda x: x * 1, arrays="torch")) as executor:
        fault = executor.run(asking_with_view(reversed_rows, buffer)).fault
        assert fault.kind is FaultKind.UNSUPPORTED
        assert fault.message == "torch has no negative strides"
        kept = executor.run(asking_with_view(buffer.reshape(3, 4)[:, 1:3], buffer))
        assert to_numpy(kept.results[0]).tolist() == [[1, 2], [5, 6], [9, 10]]


def test_a_function_of_one_row_is_mapped():
    def softmax(x):
        assert x.ndim == 1
        e = np.exp(x - x.max())
        return e / e.sum()

    def cross_entropy(x, label):
        return float(np.log(np.exp(x - x.max()).sum()) + x.max() - x[label])

    subject = Implementation("rows", {"softmax": softmax, "cross_entropy": cross_entropy}, batched=False)
    x = np.array([[0, 0], [0, 1]], np.float32)
    with InProcessExecutor(subject) as executor:
        p = to_numpy(executor.run(asking(x)).results[0])
        assert p.shape == (2, 2)
        assert p[0].tolist() == [0.5, 0.5]
        (loss,) = executor.run(asking(x, np.array([0, 1]), operation="cross_entropy")).results
        assert (loss.format, loss.shape) == ("python-float", (2,))
        (none,) = executor.run(asking(np.zeros((0, 2), np.float32))).results
        assert none.shape == (0, 2)


def test_an_operation_that_is_not_there_is_unavailable_and_a_usage_error_of_the_subject_is_an_exception():
    def softmax(x):
        raise UsageError("the subject's own")

    with InProcessExecutor(one(softmax)) as executor:
        missing = executor.run(asking(np.zeros((1, 2), np.float32), operation="logsumexp")).fault
        assert (missing.kind, missing.message) == (FaultKind.UNAVAILABLE, "subject has no logsumexp")
        own = executor.run(asking(np.zeros((1, 2), np.float32))).fault
        assert (own.kind, own.message) == (FaultKind.EXCEPTION, "UsageError: the subject's own")


def test_a_missing_library_is_one_sentence():
    with InProcessExecutor(one(lambda x: x, arrays="mlx")) as executor:
        fault = executor.run(asking(np.zeros((1, 2), np.float32))).fault
    if fault is None:
        pytest.skip("MLX is installed here")
    assert fault.kind is FaultKind.UNAVAILABLE
    assert fault.message == "the array library mlx.core is not installed; install it with: pip install mlx"


def reusing(buffer):
    def softmax(x):
        buffer[: x.size] = x.ravel()
        return buffer[: x.size].reshape(x.shape)

    return softmax


def test_a_result_buffer_that_is_used_again_is_observed():
    x = np.zeros((1, 4), np.float32)
    with InProcessExecutor(one(reusing(np.zeros(8, np.float32)))) as executor:
        assert executor.run(asking(x)).observations == ()
        ((kind, text),) = executor.run(asking(x + 1)).observations
    assert kind == OVERWRITTEN
    assert "an earlier call returned" in text


def test_the_results_of_one_executor_are_none_of_another():
    subject = one(reusing(np.zeros(8, np.float32)))
    x = np.zeros((1, 4), np.float32)
    with InProcessExecutor(subject) as first, InProcessExecutor(subject) as second:
        assert first.run(asking(x)).observations == ()
        assert second.run(asking(x + 1)).observations == ()


def test_arguments_start_at_a_page_boundary():
    subject = one(lambda x: np.array([[x.__array_interface__["data"][0] % 4096]]))
    with InProcessExecutor(subject) as executor:
        for _ in range(3):
            assert to_numpy(executor.run(asking(np.zeros((3, 5), np.float32))).results[0]).item() == 0


def test_ctrl_c_in_a_call_is_the_users_and_leaves_a_usable_executor(capfd):
    def softmax(x):
        if x[0, 0]:
            raise KeyboardInterrupt
        return x

    with InProcessExecutor(one(softmax)) as executor:
        with pytest.raises(KeyboardInterrupt):
            executor.run(asking(np.ones((1, 2), np.float32)))
        print("stdout is back")
        assert capfd.readouterr().out == "stdout is back\n"
        assert executor.run(asking(np.zeros((1, 2), np.float32))).fault is None


def test_no_death_is_counted_here():
    with InProcessExecutor(one(lambda x: 1 / 0)) as executor:
        for _ in range(10):
            assert executor.run(asking(np.zeros((1, 2), np.float32))).fault.kind is FaultKind.EXCEPTION
        assert (executor.deaths, executor.given_up) == (0, False)
