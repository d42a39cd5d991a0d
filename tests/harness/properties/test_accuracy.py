"""Outputs against the exact result: by level, by kind of wrong number, and by the table of special values."""

from __future__ import annotations

import numpy as np
import pytest
from tests.harness.building import call_of, exact_of, judged

from softcert.properties import accuracy
from softcert_oracle.levels import Level

CALL = call_of("softmax", [[0.0, 1.0, 2.0], [3.0, -1.0, 0.5]])


def checks(got, call=CALL, **claims):
    return {(c.property_name, c.level): c for c in accuracy.check(judged(call, got, **claims))}


def changed(index, value, call=CALL):
    got = exact_of(call)
    got[index] = value
    return got


def test_a_right_output_passes_at_every_level():
    output = judged(CALL, exact_of(CALL).astype(np.float32))
    assert not any(c.failed for c in accuracy.check(output))
    assert not any(accuracy.check_higher(output, level).failed for level in accuracy.HIGHER)


@pytest.mark.parametrize(
    ("ulps", "broken"), [(0, set()), (2, {"faithful"}), (20, {"stable"}), (2**20, {"stable", "sound"})]
)
def test_the_size_of_an_error_decides_the_level(ulps, broken):
    right = exact_of(CALL).astype(np.float32)
    right[0, 2] += ulps * np.spacing(right[0, 2])
    output = judged(CALL, right)
    failed = {c.level for c in accuracy.check(output) if c.property_name == "accuracy" and c.failed}
    if not failed:  # the levels above "stable" are checked for stable outputs only
        failed = {level for level in accuracy.HIGHER if accuracy.check_higher(output, level).failed}
    assert failed == broken


def test_an_output_within_stable_is_within_sound():
    found = checks(exact_of(CALL))
    stable, sound = found["accuracy", Level.STABLE], found["accuracy", Level.SOUND]
    assert (sound.violated, sound.checked, sound.ratio) == (0, stable.checked, stable.ratio)
    assert sound.histogram is None
    assert stable.histogram.sum() == 6


@pytest.mark.parametrize(("value", "cause"), [(np.nan, "nan"), (np.inf, "infinity"), (0.0, "zero"), (0.9, "value")])
def test_a_wrong_number_has_the_cause_that_it_shows(value, cause):
    found = checks(changed((1, 0), value))
    check = found["accuracy", Level.SOUND]
    assert (check.failed, check.cause, check.index) == (True, cause, (1, 0))
    assert any(c.failed for (name, _), c in found.items() if name == "finite") is (cause != "value")


def test_a_zero_below_the_limit_is_no_finding():
    call = call_of("cross_entropy", [[20.0, 0.0]], [0])
    assert float(exact_of(call)) > 0
    assert not any(c.failed for c in accuracy.check(judged(call, 0.0)))
    assert accuracy.check_higher(judged(call, 0.0), Level.ACCURATE).failed


def test_the_limit_and_the_error_are_given_in_ulp():
    check = checks(changed((0, 2), exact_of(CALL)[0, 2] * 1.5))["accuracy", Level.STABLE]
    assert check.unit == "ulp"
    assert check.measured == pytest.approx(check.limit * check.ratio)
    assert check.measured > 1e6


def test_a_special_row_is_held_to_the_table():
    call = call_of("softmax", [[np.inf, 0.0], [1.0, 1.0]])
    assert not checks([[1, 0], [0.5, 0.5]], call)["special_values", Level.SOUND].failed
    wrong = checks([[0.5, 0.5], [0.5, 0.5]], call)["special_values", Level.SOUND]
    assert (wrong.cause, wrong.index, wrong.violated) == ("one +inf: value", (0, 0), 2)
    assert wrong.message == "one +inf: accepted 1 or nan"
    assert checks([[np.nan, np.nan], [0.5, 0.5]], call, special_values="limit")["special_values", Level.SOUND].failed


def test_rows_without_an_ordinary_number_have_no_accuracy():
    call = call_of("softmax", [[np.nan, 0.0]])
    assert {name for name, _ in checks([[np.nan, np.nan]], call)} == {"special_values"}
