"""The same call gives the same reply, isolated or not."""

import numpy as np
import pytest
from tests.harness.executors.calls import asking, asking_for, asking_with_view, one

from softcert.executors import open_executor
from softcert.executors.in_process import InProcessExecutor
from softcert.executors.process import ProcessExecutor
from softcert.executors.protocol import Array, FaultKind, Request, to_numpy
from softcert_implementations.resolving import entry_points
from softcert_oracle import operations


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (30, "returned a list of 1"),
        (31, "returned None"),
        (32, "returned builtins.str"),
        (36, "of object"),
        (38, "a tuple of 2"),
    ],
)
def test_what_is_no_array_is_a_fault_of_kind_result(misbehaves, code, words):
    fault = misbehaves.run(asking_for(code, (2, 3))).fault
    assert fault.kind is FaultKind.RESULT
    assert words in fault.message


@pytest.mark.parametrize(
    ("code", "format", "shape"),
    [(33, "float32", (2, 1)), (34, "float16", (2, 3)), (35, "python-float", ()), (39, ">f4", (2, 3))],
)
def test_results_are_reported_in_the_shape_and_format_that_they_have(misbehaves, code, format, shape):
    (result,) = misbehaves.run(asking_for(code, (2, 3))).results
    assert (result.format, result.shape) == (format, shape)
    expected = 1.5 if code == 35 else code
    assert np.all(to_numpy(result) == expected)


def test_a_flood_of_results_is_refused_or_carried_whole(misbehaves):
    reply = misbehaves.run(asking_for(37))
    assert (reply.fault.kind is FaultKind.RESULT) if reply.fault else reply.results[0].shape == (60 << 20,)
    assert misbehaves.run(asking_for(0)).fault is None


def test_replies_are_the_same_isolated_or_not():
    subject = entry_points.load("numpy_shifted")
    rng = np.random.default_rng(0)
    with InProcessExecutor(subject) as here, ProcessExecutor("numpy_shifted") as there:
        for operation in operations.CORE:
            for name in subject.dtypes:
                for shape in ((0, 3), (1, 1), (3, 5), (40, 257)):
                    x = (rng.standard_normal(shape) * 30).astype(name)
                    labels = (rng.integers(0, shape[1], shape[0]),) if "cross" in operation else ()
                    request = asking(x, *labels, operation=operation)
                    a, b = here.run(request), there.run(request)
                    assert a.fault == b.fault
                    assert a.observations == b.observations
                    for left, right in zip(a.results or (), b.results or (), strict=True):
                        assert bytes(left.data) == bytes(right.data)
                        assert (left.format, left.shape) == (right.format, right.shape)


@pytest.mark.parametrize("isolation", ["none", "process"])
def test_views_keep_their_strides_and_surroundings(isolation):
    buffer = np.arange(48, dtype=np.float32)
    room = buffer.reshape(6, 8)
    views = {"sliced": room[1:5:2, 2:5], "transposed": room[:3, :2].T, "reversed": room[::-1, ::-1][:2, :3]}
    subject = one(lambda x: np.array([[x.strides[0], x.strides[1], x.sum()]]))
    with open_executor(subject, isolation) as executor:
        for x in views.values():
            reply = executor.run(asking_with_view(x, buffer))
            assert to_numpy(reply.results[0]).tolist() == [[*x.strides, x.sum()]]


@pytest.mark.parametrize("isolation", ["none", "process"])
def test_a_changed_input_is_seen_with_its_new_bytes(isolation):
    def in_place(x):
        x -= 1
        return x

    x = np.array([[1, 2], [3, 4]], np.float32)
    with open_executor(one(in_place), isolation) as executor:
        reply = executor.run(asking(x))
        assert np.frombuffer(reply.after[0], np.float32).tolist() == [0, 1, 2, 3]
        assert x.tolist() == [[1, 2], [3, 4]]


@pytest.mark.parametrize("isolation", ["none", "process"])
def test_a_write_beside_the_view_is_seen(isolation):
    def strays(x):
        np.lib.stride_tricks.as_strided(x, (1, 4), writeable=True)[0, 3] = 7
        return x * 1

    buffer = np.zeros(4, np.float32)
    with open_executor(one(strays), isolation) as executor:
        reply = executor.run(asking_with_view(buffer.reshape(1, 4)[:, :3], buffer))
        assert np.frombuffer(reply.after[0], np.float32).tolist() == [0, 0, 0, 7]


@pytest.mark.parametrize("isolation", ["none", "process"])
def test_a_read_only_array_stays_read_only(isolation):
    def in_place(x):
        x -= 1
        return x

    x = np.ones((1, 2), np.float32)
    array = Array(data=x.tobytes(), format="float32", shape=x.shape, strides=x.strides, writeable=False)
    with open_executor(one(in_place), isolation) as executor:
        fault = executor.run(Request(operation="softmax", format="float32", arrays=(array,))).fault
        assert fault.kind is FaultKind.EXCEPTION
        assert "read-only" in fault.message
