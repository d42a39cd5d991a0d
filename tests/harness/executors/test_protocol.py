"""The protocol: every executor satisfies it, and arrays keep their bytes, views and surroundings."""

import numpy as np
import pytest
from tests.harness.executors.calls import asking, asking_with_view

from softcert.executors import open_executor
from softcert.executors.programs.program import ProgramExecutor
from softcert.executors.protocol import (
    PYTHON_FLOAT,
    Array,
    Executor,
    FaultKind,
    Request,
    changed_buffers,
    to_numpy,
)
from softcert_implementations.resolving import entry_points


@pytest.mark.parametrize("kind", ["in process", "process", "program"])
def test_every_executor_satisfies_the_protocol(kind):
    opened: Executor
    if kind == "program":
        opened = ProgramExecutor(["true"])
    else:
        opened = open_executor(entry_points.load("numpy_shifted"), "none" if kind == "in process" else "process")
    with opened as executor:
        assert isinstance(executor, Executor)
        assert executor.given_up is False
        assert executor.deaths == 0
        with pytest.raises(AttributeError):
            executor.given_up = True


def test_the_protocol_has_what_certification_reads():
    assert {"run", "close", "given_up", "deaths"} <= set(dir(Executor))


def test_fault_kinds_are_the_words_of_the_documents():
    words = [
        "exception",
        "crash",
        "exit",
        "hang",
        "memory",
        "result",
        "protocol",
        "declined",
        "unavailable",
        "unsupported",
    ]
    assert [str(kind) for kind in FaultKind] == words
    assert f"{FaultKind.HANG}" == "hang" == FaultKind.HANG


def test_an_array_without_a_buffer_is_a_copy_in_c_order():
    values = np.arange(6, dtype=np.float32).reshape(2, 3).T
    array = Array.of(values)
    assert (array.shape, array.strides, array.offset) == ((3, 2), (8, 4), 0)
    values[0, 0] = 99
    assert to_numpy(array).tolist() == [[0, 3], [1, 4], [2, 5]]


def test_an_array_of_no_axis_keeps_its_shape():
    assert Array.of(np.float64(1.5).reshape(())).shape == ()


def test_a_view_travels_with_its_surroundings():
    buffer = np.arange(12, dtype=np.float32)
    view = buffer.reshape(3, 4)[::-1, 1:3]
    view.flags.writeable = False
    array = Array.of(view, buffer.view(np.uint8))
    assert (array.strides, array.offset, array.writeable) == ((-16, 4), 36, False)
    assert bytes(array.data) == buffer.tobytes()
    assert to_numpy(array).tolist() == view.tolist()


def test_a_python_number_is_float64():
    array = Array(data=np.float64(1.5).tobytes(), format=PYTHON_FLOAT, shape=(), strides=())
    assert to_numpy(array) == 1.5
    assert to_numpy(array).dtype == np.float64


def test_keywords_come_after_the_positional_arrays():
    x, weight = Array.of(np.zeros((1, 2), np.float32)), Array.of(np.ones(2, np.float32))
    request = Request(operation="cross_entropy", format="float32", arrays=(x,), keywords={"weight": weight})
    assert request.all_arrays() == (x, weight)


@pytest.mark.parametrize("place", [0, 7, 8, 15, 16, 18])
def test_one_changed_byte_is_found_wherever_it_lies(place):
    x = np.zeros(19, np.uint8)
    now = x.copy()
    now[place] = 1
    assert changed_buffers(asking(x), [now]) == {0: now.tobytes()}
    assert changed_buffers(asking(x), [x]) == {}


def test_only_the_changed_argument_is_reported():
    x, labels = np.zeros((1, 2), np.float32), np.zeros(1, np.int64)
    buffers = [x.view(np.uint8).ravel(), np.ones(8, np.uint8)]
    assert changed_buffers(asking(x, labels), buffers) == {1: b"\x01" * 8}
    with pytest.raises(ValueError, match="zip"):
        changed_buffers(asking(x, labels), buffers[:1])


def test_a_change_beside_the_view_counts():
    buffer = np.zeros(4, np.float32)
    request = asking_with_view(buffer.reshape(1, 4)[:, :3], buffer.copy())
    now = np.array([0, 0, 0, 7], np.float32)
    assert changed_buffers(request, [now.view(np.uint8)]) == {0: now.tobytes()}
