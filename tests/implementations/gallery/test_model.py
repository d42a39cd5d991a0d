"""Models become subjects: a defect or a correct implementation with its formats, claims and levels."""

from __future__ import annotations

import numpy as np
import pytest

from softcert_implementations.gallery import DEFECTS, DEGENERATE, VARIANTS, Correct, Family
from softcert_implementations.gallery.witness import rows
from softcert_oracle.errors import UsageError
from softcert_oracle.levels import Level


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


def _registered(function, **more):
    family = Family("some family", "Do it right.")
    family.defect("float32 float16", trigger="any input", behaves="does nothing", witness=rows([0]), **more)(function)
    return family.members[0]


def test_the_operation_is_the_longest_that_the_name_begins_with():
    def cross_entropy_grad_nothing(x, labels):
        return x

    defect = _registered(cross_entropy_grad_nothing)
    assert (defect.name, defect.operation) == ("cross_entropy_grad_nothing", "cross_entropy_grad")
    assert (defect.formats, defect.remedy) == (("float32", "float16"), "Do it right.")
    assert cross_entropy_grad_nothing.__doc__ == "Does nothing."


def test_a_name_that_begins_with_no_operation_is_refused():
    def nothing(x):
        return x

    with pytest.raises(UsageError, match="'nothing' begins with no operation"):
        _registered(nothing)
    assert _registered(nothing, op="softmax").operation == "softmax"


def test_an_option_that_a_defect_needs_is_claimed():
    def softmax_nothing(x, *, temperature=1.0):
        return x

    assert _registered(softmax_nothing, option="temperature").implementation().contract.terms(
        "softmax", "float32"
    ).options == ("temperature",)


def test_a_model_gives_no_floating_point_warnings():
    def softmax_of_zero(x):
        return x / 0

    assert np.isnan(_registered(softmax_of_zero).fresh()(np.zeros((1, 1)))).all()


def _correct(level):
    return Correct(name="mine", ops={}, formats=("float16", "float32"), level=level, note="")


@pytest.mark.parametrize(
    ("operation", "format", "expected"),
    [
        ("softmax", "float16", Level.SOUND),
        ("softmax", "float32", Level.ACCURATE),
        ("logsumexp", "float16", Level.FAITHFUL),
        ("logsumexp", "float32", Level.STABLE),
    ],
)
def test_the_most_specific_level_counts(operation, format, expected):
    levels = {
        "softmax/float16": Level.SOUND,
        "softmax": Level.ACCURATE,
        "float16": Level.FAITHFUL,
        "default": Level.STABLE,
    }
    assert _correct(levels).expected_level(operation, format) is expected


def test_a_level_that_is_not_stated_is_refused():
    with pytest.raises(UsageError, match="no level for logsumexp in float16"):
        _correct({"softmax": Level.SOUND}).expected_level("logsumexp", "float16")
