"""Arenas: one memory under two mappings, with a name and without, before and after they grow."""

import os

import numpy as np
import pytest

from softcert.executors.transport.shared_memory import PAGE, Arena, Bench, Mapped, Ring, aligned, differ


@pytest.fixture(params=[False, True], ids=["unnamed", "named"])
def arena(request):
    arena = Arena("test", 100, named=request.param)
    yield arena
    arena.close()


@pytest.mark.parametrize(("nbytes", "pages"), [(0, 0), (1, 1), (PAGE, 1), (PAGE + 1, 2)])
def test_sizes_are_whole_pages(nbytes, pages):
    assert aligned(nbytes) == pages * PAGE


def test_both_ends_see_the_same_bytes(arena):
    mapped = Mapped(arena.descriptor)
    mapped.follow(*arena.place())
    arena.bytes[:4] = [1, 2, 3, 4]
    assert mapped.bytes[:4].tolist() == [1, 2, 3, 4]
    mapped.bytes[-1] = 9
    assert arena.bytes[-1] == 9


def test_an_arena_starts_at_a_page_boundary(arena):
    assert arena.bytes.__array_interface__["data"][0] % PAGE == 0
    assert arena.size == arena.bytes.size == PAGE


def test_a_grown_arena_is_followed_and_old_arrays_stay_valid(arena):
    mapped = Mapped(arena.descriptor)
    mapped.follow(*arena.place())
    arena.bytes[0] = 7
    kept = mapped.bytes[:1]
    arena.reserve(5 * PAGE)
    assert arena.size >= 5 * PAGE
    mapped.follow(*arena.place())
    arena.bytes[-1] = 8
    assert mapped.bytes.size == arena.size
    assert mapped.bytes[-1] == 8
    assert kept[0] == 7


def test_room_that_is_there_changes_nothing(arena):
    arena.bytes[0] = 7
    place = arena.place()
    arena.reserve(PAGE)
    assert arena.place() == place
    assert arena.bytes[0] == 7


def test_following_the_same_place_maps_nothing_anew(arena):
    mapped = Mapped(arena.descriptor)
    mapped.follow(*arena.place())
    before = mapped.bytes
    mapped.follow(*arena.place())
    assert mapped.bytes is before


def test_places_of_a_ring_lie_apart_until_they_are_free():
    """Of any sizes, in any order of taking and freeing."""
    ring, random = Ring(1000), np.random.default_rng(0)
    taken, refused = [], 0
    for _ in range(20_000):
        size = int(random.integers(1, 400))
        if taken and random.integers(2):
            ring.free()
            taken.pop(0)
        start = ring.take(size)
        if start is None:
            refused += 1
            assert taken
            continue
        assert 0 <= start <= ring.size - size
        assert all(start + size <= first or end <= start for first, end in taken)
        if random.integers(8):
            taken.append((start, start + size))
        else:
            ring.give_back()
    assert refused
    ring.clear()
    assert ring.empty
    assert ring.take(1000) == 0
    assert ring.take(1) is None


def test_a_place_is_free_again_when_the_ring_is_empty():
    ring = Ring(10)
    assert (ring.take(6), ring.take(6)) == (0, None)
    ring.free()
    assert ring.take(10) == 0


def test_arguments_lie_where_those_of_the_call_before_lay(arena):
    """A subject that kept its argument finds the next one in it, and what it kept stays valid when the memory grows."""
    arena.reserve(1 << 20)
    arena.bytes[:] = np.arange(arena.size) % 251
    bench = Bench()
    bench.lay(arena.bytes[5:105])
    kept = bench.bytes[:4]
    assert kept.tolist() == [5, 6, 7, 8]
    bench.lay(arena.bytes[50:150])
    assert kept.tolist() == [50, 51, 52, 53]
    bench.lay(arena.bytes[7 : 7 + (1 << 19)])
    assert np.array_equal(bench.bytes[: 1 << 19], arena.bytes[7 : 7 + (1 << 19)])
    assert kept.tolist() == [50, 51, 52, 53]
    assert bench.read(1, 2) == bytes([8, 9])


@pytest.mark.parametrize("size", [19, PAGE, 600_003])
def test_one_byte_that_differs_is_found_wherever_it_lies(size):
    one = np.arange(size, dtype=np.uint32).astype(np.uint8)
    for place in {0, 1, size // 2, (1 << 17) - 1, 1 << 17, size - 4, size - 1}:
        if place < size:
            other = one.copy()
            assert not differ(one, other)
            other[place] ^= 1
            assert differ(one, other)
            assert not differ(one[:place], other[:place])


def test_a_closed_arena_leaves_no_file():
    arena = Arena("test", named=True)
    paths = [arena.path]
    arena.reserve(1 << 20)
    paths.append(arena.path)
    assert len(set(paths)) == 2
    assert all(map(os.path.exists, paths))
    arena.close()
    arena.close()
    assert not any(map(os.path.exists, paths))
    assert np.array_equal(arena.bytes, [])
