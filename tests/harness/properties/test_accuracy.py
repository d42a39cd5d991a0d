"""Outputs against the exact result: by level, by kind of wrong number, and by the table of special values."""

from __future__ import annotations

from dataclasses import replace

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


class Changed:
    """A reference of which some parts are others."""

    def __init__(self, reference, **parts):
        self.reference = reference
        self.__dict__.update(parts)

    def __getattr__(self, name):
        return getattr(self.reference, name)


def described(got, call=CALL, **claims):
    return [(c.property_name, str(c.level), c.cause, c.failed) for c in accuracy.check(judged(call, got, **claims))]


def test_a_right_output_has_three_checks():
    assert described(exact_of(CALL)) == [
        ("finite", "stable", "", False),
        ("accuracy", "sound", "", False),
        ("accuracy", "stable", "", False),
    ]


def test_an_output_that_is_not_stable_may_be_sound():
    # Logits of a thousand, moved by a few ulps, give probabilities that differ by a thousandth.
    call = call_of("softmax", [[1000.0, 1001.0]])
    got = exact_of(call) + 1.5 * judged(call, exact_of(call)).limits(Level.STABLE)
    assert described(got, call) == [
        ("finite", "stable", "", False),
        ("accuracy", "sound", "", False),
        ("accuracy", "stable", "value", True),
    ]


def test_numbers_that_are_not_finite_are_told_before_zeros_and_counted_once_each():
    got = exact_of(CALL)
    got[0, 0], got[0, 1], got[1, 1] = 0.0, np.inf, np.nan
    check = checks(got)["finite", Level.SOUND]
    assert (check.violated, check.checked, check.ratio) == (3, 6, np.inf)
    assert (check.cause, check.index) == ("nan", (1, 1))
    got[1, 1] = 0.5
    assert checks(got)["finite", Level.SOUND].cause == "infinity"


def test_a_zero_within_the_limit_is_finite():
    call = call_of("cross_entropy", [[20.0, 0.0]], [0])
    check = checks(0.0, call)["finite", Level.STABLE]
    assert (check.failed, check.checked, check.ratio, check.cause) == (False, 1, 0.0, "")


def test_a_value_below_the_limit_that_is_exactly_zero_is_no_suspect():
    call = call_of("softmax", [[0.0, 0.0]])
    assert not any(c.failed for c in accuracy.check(judged(call, [[0.5, 0.5]])))


@pytest.mark.parametrize(
    ("vacuous", "checked"), [([True, False], 3), ([[False, False, True], [True, True, True]], 2), ([False, False], 6)]
)
def test_elements_whose_limit_says_nothing_are_not_looked_at(vacuous, checked):
    output = judged(CALL, np.full((2, 3), 7.0))
    output = replace(output, expected=Changed(output.expected, vacuous=lambda level: np.array(vacuous)))
    stable = accuracy.check(output)[-1]
    assert (stable.checked, stable.violated, stable.histogram.sum()) == (checked, checked, checked)
    assert not np.array(np.broadcast_to(np.array(vacuous).reshape(2, -1), (2, 3)))[stable.index]


def test_an_output_whose_limits_say_nothing_is_vacuous():
    output = judged(CALL, np.full((2, 3), 7.0))
    output = replace(output, expected=Changed(output.expected, vacuous=lambda level: np.ones(2, bool)))
    sound, stable = accuracy.check(output)[-2:]
    assert (stable.checked, stable.cause, stable.failed) == (0, "vacuous", False)
    assert (sound.checked, sound.failed, sound.cause) == (0, False, "")


def test_vacuous_numbers_of_a_vector_stand_for_themselves():
    output = judged(call_of("logsumexp", [[0.0, 1.0], [2.0, 3.0]]), [9.0, 9.0])
    output = replace(output, expected=Changed(output.expected, vacuous=lambda level: np.array([True, False])))
    assert (accuracy.check(output)[-1].violated, accuracy.check(output)[-1].index) == (1, (1,))


@pytest.mark.parametrize("value", [np.nan, 0.5])
def test_the_limit_is_given_in_ulp_of_the_exact_value_whatever_the_error(value):
    call = call_of("softmax", [[0.0, 0.0]])
    check = checks([[0.5, value]], call)["accuracy", Level.STABLE]
    ulp = 2.0**-24  # of float32 below 1/2, and the exact value is no more than that
    limit = judged(call, [[0.5, 0.5]]).limits(Level.STABLE)[0, 1]
    assert check.limit in (limit / ulp, limit / ulp / 2)


def test_the_largest_error_of_the_output_stands_beside_the_worst_element():
    got = exact_of(CALL)
    got[0, 2] += 3 * 2.0**-24
    got[1, 1] = np.nan
    check = checks(got)["accuracy", Level.STABLE]
    assert check.ulp == np.inf
    assert check.index == (1, 1)
    got[1, 1] = exact_of(CALL)[1, 1]
    assert checks(got)["accuracy", Level.STABLE].ulp == pytest.approx(3, rel=1e-6)


def test_the_limit_of_faithful_rounding_is_one_ulp():
    right = accuracy.check_higher(judged(call_of("softmax", [[0.0, 0.0]]), [[0.5, 0.5]]), Level.FAITHFUL)
    assert (right.limit, right.measured, right.failed, right.unit) == (1.0, 0.0, False, "ulp")
    off = exact_of(CALL)
    off[0, 2] += 3 * 2.0**-24
    wrong = accuracy.check_higher(judged(CALL, off.astype(np.float32)), Level.FAITHFUL)
    assert (wrong.limit, wrong.failed, wrong.index, wrong.histogram) == (pytest.approx(1), True, (0, 2), None)
    assert wrong.measured == pytest.approx(3, abs=0.6)


def test_faithful_rounding_is_decided_by_bounds_where_the_enclosure_is_too_wide():
    output = judged(CALL, exact_of(CALL).astype(np.float32))
    wide = replace(output.expected.exact, radius=np.full((2, 3), 2.0**-20))
    output = replace(output, expected=Changed(output.expected, exact=wide))
    assert accuracy.check_higher(output, Level.FAITHFUL).undecided == 0


def test_special_elements_are_no_ordinary_numbers_and_the_other_way_round():
    call = call_of("softmax", [[1.0, 0.0], [np.inf, 0.0]])
    found = checks([[0.1, 0.1], [1, 0]], call)
    assert (found["accuracy", Level.STABLE].checked, found["finite", Level.SOUND].checked) == (2, 2)
    assert (found["special_values", Level.SOUND].checked, found["special_values", Level.SOUND].ratio) == (2, 0.0)
    output = judged(call, [[exact_of(call)[0, 0], exact_of(call)[0, 1]], [0.3, 0.3]])
    assert not any(accuracy.check_higher(output, level).failed for level in (Level.ACCURATE,))
    wrong = checks(output.got, call)["special_values", Level.SOUND]
    assert (wrong.index, wrong.cause, wrong.ratio) == ((1, 0), "one +inf: value", np.inf)


@pytest.mark.parametrize(
    ("got", "cause"), [(np.log(2) / 2, ""), (np.nan, ""), (0.7, "one +inf: value"), (np.inf, "one +inf: infinity")]
)
def test_a_mean_beside_a_label_on_infinity_is_an_ordinary_number_or_nan(got, cause):
    call = call_of("cross_entropy", [[0.0, 0.0], [np.inf, 0.0]], [0, 0])
    check = checks(np.float32(got), call)["special_values", Level.SOUND]
    assert (check.cause, check.index) == (cause, ())


@pytest.mark.parametrize(("got", "failed"), [(np.inf, False), (np.nan, False), (5.0, True)])
def test_a_mean_that_is_infinite_is_held_to_the_table_alone(got, failed):
    call = call_of("cross_entropy", [[0.0, np.inf]], [0])
    assert checks(got, call)["special_values", Level.SOUND].failed is failed


def test_elements_that_are_not_looked_at_have_no_error():
    call = call_of("softmax", [[0.0, 0.0], [np.inf, 0.0]])
    output = judged(call, [[0.5, 0.5], [0.3, 0.3]])
    for check in (accuracy.check(output)[-1], accuracy.check_higher(output, Level.FAITHFUL)):
        assert (check.ratio, check.measured, check.ulp, check.index[0]) == (0.0, 0.0, 0.0, 0)


@pytest.mark.parametrize(("operation", "said"), [("softmax", True), ("log_softmax", False)])
def test_a_nan_in_the_place_of_an_exact_zero_is_inaccurate_alone(operation, said):
    # One class has probability 1 and log-probability 0.
    found = checks([[np.nan]], call_of(operation, [[3.0]]))
    assert {c.failed for (name, _), c in found.items() if name == "finite"} == {said}
    assert found["accuracy", Level.SOUND].failed


def test_only_ordinary_numbers_are_counted_where_some_are_not_finite():
    found = checks([[np.nan, 0.1], [1, 0]], call_of("softmax", [[1.0, 0.0], [np.inf, 0.0]]))
    assert (found["finite", Level.SOUND].checked, found["finite", Level.SOUND].violated) == (2, 1)


def test_a_limit_that_exists_is_refused_where_the_contract_says_nan():
    found = checks([[1, 0]], call_of("softmax", [[np.inf, 0.0]]), special_values="nan")
    assert found["special_values", Level.SOUND].message == "one +inf: accepted nan"


def test_each_special_row_has_its_own_name():
    call = call_of("softmax", [[np.nan, 0.0], [np.inf, 0.0]])
    check = checks([[np.nan, np.nan], [0.3, 0.3]], call)["special_values", Level.SOUND]
    assert (check.index, check.cause) == ((1, 0), "one +inf: value")
