"""Memory around an array is read and written at offsets, and never outside the buffer."""

from __future__ import annotations

import numpy as np
import pytest

from softcert_implementations.gallery import memory


def _buffer():
    return np.arange(12, dtype=np.float32).reshape(3, 4)


@pytest.mark.parametrize(
    ("view", "first"),
    [
        (lambda b: b, 0),
        (lambda b: b[1:, 1:], 5),
        (lambda b: b[::-1], 8),
        (lambda b: b[:, ::-1], 3),
        (lambda b: b.T, 0),
        (lambda b: b[1:].reshape(-1)[2:], 6),
    ],
)
def test_the_owner_is_the_whole_buffer_and_the_place_of_the_first_element(view, first):
    buffer = _buffer()
    flat, start = memory.owner(view(buffer))
    assert flat.tolist() == buffer.ravel().tolist()
    assert start == first


def test_an_array_over_bytes_has_them_for_its_owner():
    data = bytearray(np.arange(5, dtype=np.float64).tobytes())
    flat, start = memory.owner(np.frombuffer(data, np.float64)[2:])
    assert (flat.tolist(), start) == ([0, 1, 2, 3, 4], 2)


def test_addresses_outside_the_buffer_read_as_zero():
    row = _buffer()[2]
    assert memory.read(row, np.array([-9, -8, -1, 0, 3, 4])).tolist() == [0, 0, 7, 8, 11, 0]


def test_a_write_beside_the_view_arrives_and_one_outside_the_buffer_does_not():
    buffer = _buffer()
    memory.write(buffer[:, :2], np.array([2, 100, -1]), np.array([50, 60, 70], np.float32))
    assert buffer[0].tolist() == [0, 1, 50, 3]
    assert buffer.sum() == np.arange(12).sum() + 48


def test_memory_that_may_not_be_written_stays():
    buffer = _buffer().copy()
    buffer.flags.writeable = False
    memory.write(buffer, np.array([0]), np.array([9], np.float32))
    assert buffer[0, 0] == 0


def test_offsets_are_those_of_the_strides():
    assert memory.offsets((2, 3), (10, -1)).tolist() == [[0, -1, -2], [10, 9, 8]]
