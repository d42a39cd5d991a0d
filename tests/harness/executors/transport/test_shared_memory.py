"""Arenas: one memory under two mappings, with a name and without, before and after they grow."""

import os

import numpy as np
import pytest

from softcert.executors.transport.shared_memory import PAGE, Arena, Mapped, aligned


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
