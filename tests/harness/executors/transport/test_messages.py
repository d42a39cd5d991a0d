"""Requests and replies as messages: what one side lays into the arenas, the other side finds."""

import json

import numpy as np
import pytest
from tests.harness.executors.calls import asking, asking_with_view

from softcert.executors.protocol import Array, FaultKind, Request, to_numpy
from softcert.executors.transport.messages import Place, put_request, reply_of, request_of, space, views
from softcert.executors.transport.shared_memory import PAGE, Arena, Bench, Mapped
from softcert.executors.transport.untrusted import ProtocolError


@pytest.fixture
def arenas():
    pair = Arena("requests"), Arena("replies")
    yield pair
    for arena in pair:
        arena.close()


def sent(request, arena, start=0):
    """The message as it arrives, through JSON, and the worker's memory with its bytes."""
    message = json.loads(json.dumps(put_request(request, arena, start)))
    size, path, begin, nbytes = message["request"]
    mapped, bench = Mapped(arena.descriptor), Bench()
    mapped.follow(size, path)
    bench.lay(mapped.bytes[begin : begin + nbytes])
    return message, bench.bytes


def place(arenas, start=0):
    return Place(arenas[1].map, start, arenas[1].size - start)


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
    message, memory = sent(request, arenas[0], start=2 * PAGE)
    arrays = views(message, memory)
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
    request = asking(np.zeros((3, 5), np.float32), np.zeros(3, np.int64))
    message, memory = sent(request, arenas[0])
    assert [entry[5] for entry in message["arrays"]] == [0, PAGE]
    assert space(request) == 2 * PAGE
    for view in views(message, memory):
        assert np.frombuffer(view.data, np.uint8).__array_interface__["data"][0] % PAGE == 0


def test_a_view_arrives_with_strides_offset_and_permission(arenas):
    buffer = np.arange(12, dtype=np.float32)
    x = buffer.reshape(3, 4)[::-1, 1:3]
    x.flags.writeable = False
    (view,) = views(*sent(asking_with_view(x, buffer), arenas[0]))
    assert (view.strides, view.offset, view.writeable) == ((-16, 4), 36, False)
    assert bytes(view.data) == buffer.tobytes()


def test_results_are_copies_in_c_order(arenas):
    x = np.zeros((2, 3), np.float32)
    request = asking(x)
    values = np.arange(6, dtype=np.float32)
    arenas[1].bytes[3 * PAGE : 3 * PAGE + 24] = values.view(np.uint8)
    reply = reply_of(answer(results=[["float32", [2, 3], PAGE, 24]]), request, place(arenas, 2 * PAGE))
    arenas[1].bytes[:] = 0
    (result,) = reply.results
    assert (result.format, result.shape, result.strides) == ("float32", (2, 3), (12, 4))
    assert to_numpy(result).tolist() == [[0, 1, 2], [3, 4, 5]]
    assert (reply.fault, reply.after, reply.seconds) == (None, {}, 0.25)


@pytest.mark.parametrize(("shape", "strides"), [([], ()), ([0, 3], (3, 1)), ([2, 0], (1, 1)), ([4], (8,))])
def test_results_without_elements_or_axes_keep_their_shape(arenas, shape, strides):
    request = asking(np.zeros((1, 2)))
    size = 8 * int(np.prod(shape))
    (result,) = reply_of(answer(results=[["float64", shape, 0, size]]), request, place(arenas)).results
    assert result.shape == tuple(shape)
    assert to_numpy(result).shape == tuple(shape)


def test_a_fault_has_no_results(arenas):
    request = asking(np.zeros((1, 2), np.float32))
    message = answer(fault=["exception", "ValueError: no", "trace"], observations=[["stdout", "text"]])
    reply = reply_of(message, request, place(arenas))
    assert reply.results is None
    assert (reply.fault.kind, reply.fault.message, reply.fault.detail) == (
        FaultKind.EXCEPTION,
        "ValueError: no",
        "trace",
    )
    assert reply.observations == (("stdout", "text"),)


def test_results_beyond_the_place_of_their_call_are_refused(arenas):
    """There lie the results of other calls."""
    narrow = Place(arenas[1].map, PAGE, PAGE)
    request = asking(np.zeros((1, 2), np.float32))
    for start in (PAGE, -PAGE):
        with pytest.raises(ProtocolError):
            reply_of(answer(results=[["float32", [2, 3], start, 24]]), request, narrow)
        with pytest.raises(ProtocolError):
            reply_of(answer(read_back={"0": [start, 8]}), request, narrow)


def test_arguments_that_the_subject_changed_come_back(arenas):
    """Those that it has written to, and those that lived elsewhere, where they differ from the request."""
    x, labels = np.zeros((1, 2), np.float32), np.zeros(1, np.int64)
    request = asking(x, labels)
    arenas[1].bytes[PAGE : PAGE + 8] = 6
    fields = answer(read_back={"0": [PAGE, 8], "1": [2 * PAGE, 8]})
    assert reply_of(fields, request, place(arenas)).after == {0: b"\x06" * 8}
    assert reply_of(answer(), request, place(arenas)).after == {}
