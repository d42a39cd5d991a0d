"""Requests and replies as messages: what one side lays into the arenas, the other side finds."""

import json

import numpy as np
import pytest
from tests.harness.executors.calls import asking, asking_with_view

from softcert.executors.protocol import Array, FaultKind, Request, to_numpy
from softcert.executors.transport.messages import put_request, reply_of, request_of, views
from softcert.executors.transport.shared_memory import PAGE, Arena, aligned


@pytest.fixture
def arenas():
    pair = Arena("requests"), Arena("replies")
    yield pair
    for arena in pair:
        arena.close()


def sent(request, arena):
    """The message as it arrives: through JSON."""
    return json.loads(json.dumps(put_request(request, arena)))


def answer(**fields):
    return {
        "results": [["float32", [0], 0, 0]],
        "fault": None,
        "observations": [],
        "seconds": 0.25,
        "read_back": {},
        **fields,
    }


def test_a_request_arrives_as_it_was(arenas):
    x, labels = np.arange(6, dtype=np.float32).reshape(2, 3), np.array([2, 0])
    weight = Array.of(np.array([1, 2, 3], np.float32))
    request = Request(
        operation="cross_entropy",
        format="float32",
        arrays=(Array.of(x), Array.of(labels)),
        keywords={"weight": weight},
        options={"reduction": "sum", "ignore_index": -100},
    )
    message = sent(request, arenas[0])
    arrays = views(message, arenas[0].bytes)
    arrived = request_of(message, arrays)
    assert (arrived.operation, arrived.format, arrived.options) == (
        "cross_entropy",
        "float32",
        {"reduction": "sum", "ignore_index": -100},
    )
    assert [to_numpy(a).tolist() for a in arrived.arrays] == [x.tolist(), labels.tolist()]
    assert list(arrived.keywords) == ["weight"]
    assert to_numpy(arrived.keywords["weight"]).tolist() == [1, 2, 3]


def test_every_array_starts_at_a_page_boundary(arenas):
    message = sent(asking(np.zeros((3, 5), np.float32), np.zeros(3, np.int64)), arenas[0])
    assert [entry[5] % PAGE for entry in message["arrays"]] == [0, 0]
    for view in views(message, arenas[0].bytes):
        assert np.frombuffer(view.data, np.uint8).__array_interface__["data"][0] % PAGE == 0


def test_a_view_arrives_with_strides_offset_and_permission(arenas):
    buffer = np.arange(12, dtype=np.float32)
    x = buffer.reshape(3, 4)[::-1, 1:3]
    x.flags.writeable = False
    (view,) = views(sent(asking_with_view(x, buffer), arenas[0]), arenas[0].bytes)
    assert (view.strides, view.offset, view.writeable) == ((-16, 4), 36, False)
    assert bytes(view.data) == buffer.tobytes()


def test_a_request_larger_than_the_arena_makes_it_grow(arenas):
    x = np.ones((300, 1000), np.float32)
    message = sent(asking(x), arenas[0])
    assert message["request"] == arenas[0].place()
    assert np.array_equal(to_numpy(views(message, arenas[0].bytes)[0]), x)


def test_results_are_copies_in_c_order(arenas):
    x = np.zeros((2, 3), np.float32)
    request = asking(x)
    put_request(request, arenas[0])
    values = np.arange(6, dtype=np.float32)
    arenas[1].bytes[PAGE : PAGE + 24] = values.view(np.uint8)
    reply = reply_of(answer(results=[["float32", [2, 3], PAGE, 24]]), request, *arenas)
    arenas[1].bytes[:] = 0
    (result,) = reply.results
    assert (result.format, result.shape, result.strides) == ("float32", (2, 3), (12, 4))
    assert to_numpy(result).tolist() == [[0, 1, 2], [3, 4, 5]]
    assert (reply.fault, reply.after, reply.seconds) == (None, {}, 0.25)


@pytest.mark.parametrize(("shape", "strides"), [([], ()), ([0, 3], (3, 1)), ([2, 0], (1, 1)), ([4], (8,))])
def test_results_without_elements_or_axes_keep_their_shape(arenas, shape, strides):
    request = asking(np.zeros((1, 2)))
    put_request(request, arenas[0])
    size = 8 * int(np.prod(shape))
    (result,) = reply_of(answer(results=[["float64", shape, 0, size]]), request, *arenas).results
    assert result.shape == tuple(shape)
    assert to_numpy(result).shape == tuple(shape)


def test_a_fault_has_no_results(arenas):
    request = asking(np.zeros((1, 2), np.float32))
    put_request(request, arenas[0])
    message = answer(fault=["exception", "ValueError: no", "trace"], observations=[["stdout", "text"]])
    reply = reply_of(message, request, *arenas)
    assert reply.results is None
    assert (reply.fault.kind, reply.fault.message, reply.fault.detail) == (
        FaultKind.EXCEPTION,
        "ValueError: no",
        "trace",
    )
    assert reply.observations == (("stdout", "text"),)


def test_arguments_that_the_subject_changed_come_back(arenas):
    x, labels = np.zeros((1, 2), np.float32), np.zeros(3, np.int64)
    request = asking(x, labels)
    put_request(request, arenas[0])
    arenas[0].bytes[aligned(8) + 1] = 5
    assert reply_of(answer(), request, *arenas).after == {1: b"\x00\x05" + b"\x00" * 22}


def test_arguments_elsewhere_are_read_from_the_replies(arenas):
    x, labels = np.zeros((1, 2), np.float32), np.zeros(1, np.int64)
    request = asking(x, labels)
    put_request(request, arenas[0])
    arenas[1].bytes[PAGE : PAGE + 8] = 6
    assert reply_of(answer(read_back={"0": [PAGE, 8]}), request, *arenas).after == {0: b"\x06" * 8}
