"""Each model of the gallery does what it says: right where it says so, wrong on its witness."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from tests.implementations.gallery.gallery_judging import judge, ordinary

from softcert_implementations.gallery import CORRECT, DEFECTS, DEGENERATE, VARIANTS, by_family
from softcert_implementations.gallery import __main__ as gallery_page
from softcert_oracle import operations
from softcert_oracle.errors import UsageError

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


def test_every_variant_names_a_family_that_the_models_have():
    assert {each.family for each in VARIANTS} <= set(by_family())


def test_the_page_of_defects_is_up_to_date():
    page = Path(__file__).parents[3] / "docs" / "defects.md"
    assert page.read_text(encoding="utf-8") == gallery_page.page()


def test_every_defect_is_a_subject_in_each_of_its_formats():
    for defect in (*DEFECTS, *VARIANTS, *DEGENERATE):
        for format in defect.formats:
            subject = defect.implementation(format)
            assert subject.dtypes == (format,)
            assert list(subject.ops) == [defect.operation]


def test_a_format_that_a_defect_does_not_have_is_refused():
    defect = next(each for each in DEFECTS if each.formats == ("float32",))
    with pytest.raises(UsageError, match="float64"):
        defect.implementation("float64")


def test_defects_that_remember_start_afresh_for_each_subject():
    defect = next(each for each in DEFECTS if each.name == "softmax_cached_by_shape")
    first, second = defect.fresh(), defect.fresh()
    first(np.array([[0.0, 9.0]], np.float32))
    assert np.all(second(np.array([[1.0, 1.0]], np.float32)) == 0.5)


def test_the_gallery_has_twice_as_many_defects_as_are_known_from_trackers():
    known = [each for each in DEFECTS if "#" in each.reference]
    assert len(DEFECTS) >= 2 * len(known)


def test_all_degenerate_implementations_exist_for_all_core_operations():
    kinds = {each.name.removeprefix(f"{each.operation}_") for each in DEGENERATE}
    assert {(each.operation, each.name.removeprefix(f"{each.operation}_")) for each in DEGENERATE} == {
        (operation, kind) for operation in operations.CORE for kind in kinds
    }
    assert len(kinds) >= 8
