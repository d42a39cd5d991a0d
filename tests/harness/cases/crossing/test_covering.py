"""Covering arrays meet everything that can meet, keep the rules, and are shipped as the library builds them."""

from __future__ import annotations

import json
from itertools import combinations, product

import pytest

from softcert.cases.crossing import axes, covering, usual
from softcert.cases.effort import EFFORTS
from softcert_oracle.numbers import formats

SPACES = list(usual.usual_spaces())
PAIRS = [space for space in SPACES if space.strength == 2]


def plain(seed=0, strength=2, label_types=("int64",), format="float32"):
    return axes.plain(formats.lookup(format), label_types, strength, seed, EFFORTS["quick"])


@pytest.mark.parametrize("space", PAIRS, ids=covering.digest)
def test_every_pair_that_some_case_can_have_is_met(space):
    points = covering.array(space)
    for a, b in combinations(space.axes, 2):
        met = {(point[a], point[b]) for point in points}
        for values in product(space.axes[a], space.axes[b]):
            assert (values in met) == space.completes(dict(zip((a, b), values, strict=True)))


@pytest.mark.parametrize("space", SPACES, ids=covering.digest)
def test_no_point_breaks_a_rule(space):
    assert not [rule for point in covering.array(space) for rule in space.forbidding(point)]


def test_every_triple_of_the_cheap_axes_is_met():
    space = plain(strength=3)
    points = covering.array(space)
    free = (axes.REGIME, axes.LAYOUT, axes.LABELS)
    met = {tuple(point[a] for a in free) for point in points}
    possible = {v for v in product(*(space.axes[a] for a in free)) if v[2] != "minus inf"}
    assert possible <= met


def test_the_arrays_of_usual_runs_are_shipped():
    assert set(json.loads(covering.SHIPPED.read_text("ascii"))) == {covering.digest(space) for space in SPACES}


@pytest.mark.slow(reason="the library builds an array in four seconds")
def test_a_shipped_array_is_what_the_library_builds():
    space = plain()
    shipped = json.loads(covering.SHIPPED.read_text("ascii"))[covering.digest(space)]
    assert covering.build(space) == shipped


def test_seeds_change_the_points_and_equal_seeds_do_not():
    assert covering.array(plain(seed=3)) == covering.array(plain(seed=3))
    assert covering.array(plain(seed=3)) != covering.array(plain(seed=4))


def test_values_of_another_seed_still_meet_in_every_pair():
    here, other = covering.array(plain()), covering.array(plain(seed=9))
    for a, b in combinations(plain().axes, 2):
        assert {(p[a], p[b]) for p in here} == {(p[a], p[b]) for p in other}


def test_a_format_without_infinity_has_no_infinite_values_and_no_label_on_one():
    space = plain(format="float8_e4m3fn")
    assert set(space.axes[axes.SPECIAL]) == {"none", "nan in a row"}
    assert "minus inf" not in space.axes[axes.LABELS]
