"""Each model of the gallery does what it says: right where it says so, wrong on its witness."""

from __future__ import annotations

import pytest
from tests.implementations.gallery.crude_judge import judge, ordinary

from softcert_implementations.gallery import CORRECT, DEFECTS, DEGENERATE, FAMILIES, VARIANTS, by_family
from softcert_implementations.gallery.defects import REMEDIES
from softcert_oracle import operations

_EVERY = [
    pytest.param(defect, format, id=f"{defect.name}-{format}")
    for defect in (*DEFECTS, *VARIANTS, *DEGENERATE)
    for format in defect.formats
]
_QUIET = [each for each in _EVERY if each.values[0].ordinary is not None]


def _given(defect, made):
    labelled = operations.OPERATIONS[defect.operation].takes_labels
    return {name: value for name, value in made.items() if name != "labels" or labelled}


@pytest.mark.parametrize(("defect", "format"), _EVERY)
def test_a_defect_is_wrong_on_its_witness(defect, format):
    made = _given(defect, defect.witness(format))
    reason = judge(defect, format, made)
    assert reason


@pytest.mark.parametrize(("defect", "format"), _QUIET)
def test_a_defect_is_right_off_its_trigger(defect, format):
    made = _given(defect, ordinary(defect, format))
    reason = judge(defect, format, made, native=True)
    assert reason == ""


def test_names_are_unique_in_the_whole_gallery():
    names = [each.name for each in (*DEFECTS, *VARIANTS, *DEGENERATE, *CORRECT)]
    assert sorted(names) == sorted(set(names))


def test_the_gallery_has_twice_as_many_defects_as_are_known_from_trackers():
    known = [each for each in DEFECTS if "#" in each.reference]
    assert len(DEFECTS) >= 2 * len(known)


def test_families_and_defects_keep_their_order():
    # The order decides ties in the diagnosis, and is that of docs/defects.md.
    assert [family.name for family in FAMILIES][:7] == [
        "no max shift",
        "global max",
        "max clamped at 0",
        "wrong shift",
        "logits clamped",
        "wrong axis",
        "squeezed dimension",
    ]
    assert list(by_family()) == [family.name for family in FAMILIES]
    assert [defect for members in by_family().values() for defect in members] == list(DEFECTS)


def test_every_family_has_one_remedy():
    assert list(REMEDIES) == [family.name for family in FAMILIES]
    assert all(REMEDIES.values())
