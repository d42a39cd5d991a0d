"""The reference of a call with options: exact results of one or several arrays, limits that nest, bounds on demand."""

from __future__ import annotations

import numpy as np
import pytest
from tests.harness.building import rows_case, terms

from softcert.cases.call import build_call
from softcert.cases.inputs import build
from softcert.expected.option_reference import OptionReference
from softcert_oracle.levels import Level

ROWS = [[0.0, 1.0, 2.0], [1.0, 0.0, 0.5]]


def reference(operation, options, **claims):
    call = build_call(operation, build(rows_case(ROWS, [2, 0], options=options)))
    return OptionReference(call, terms(operation, **claims))


def test_a_temperature_divides_the_logits():
    x = np.array(ROWS) / 2
    e = np.exp(x - x.max(axis=1, keepdims=True))
    exact = reference("softmax", (("temperature", 2.0),)).exact.to_float()
    assert np.allclose(exact, e / e.sum(axis=1, keepdims=True), rtol=1e-15)


def test_several_results_stand_end_to_end():
    gradients = reference("linear_cross_entropy_grad", (("features", (4, "C")),))
    assert gradients.shapes == ((2, 4), (3, 4), (3,))
    assert gradients.exact.shape == (8 + 12 + 3,)
    limit = gradients.limit(Level.STABLE)
    assert limit.numbers.shape == gradients.exact.shape
    assert gradients.vacuous(Level.STABLE).shape == gradients.exact.shape
    places = np.array([0, 8, 22])  # the first of dX and of dW, the last of db
    for (low, high), centre in zip(gradients.refine(places, 200), gradients.exact.to_float()[places], strict=True):
        assert low.mantissa * 2.0**low.exponent == pytest.approx(centre, rel=1e-14)
        assert high.mantissa * 2.0**high.exponent == pytest.approx(centre, rel=1e-14)


@pytest.mark.parametrize("operation", ["softmax", "cross_entropy", "cross_entropy_grad"])
def test_limits_nest_and_are_made_once(operation):
    one = reference(operation, (("temperature", 2.0),))
    sound, stable = (one.limit(level).numbers.to_float() for level in (Level.SOUND, Level.STABLE))
    assert np.all(sound >= stable)
    assert np.all(stable > 0)
    assert one.limit(Level.STABLE) is one.limit(Level.STABLE)


def test_labels_of_ignored_rows_do_not_count():
    ignoring = reference("cross_entropy", (("ignore_index", (-1, "first")),))
    x = np.array(ROWS[1])
    assert float(ignoring.exact.to_float()) == pytest.approx(np.log(np.exp(x).sum()) - x[0])


def test_one_result_has_its_own_shape():
    one = reference("softmax", (("axis", (0, (2,))),))
    assert one.shapes == ((3, 2),)
    assert one.exact.shape == one.limit(Level.STABLE).numbers.shape == one.vacuous(Level.STABLE).shape == (3, 2)
    assert reference("cross_entropy", (("label_smoothing", 0.1),)).shapes == ((),)


def test_the_bounds_of_one_result_lie_around_it():
    one = reference("softmax", (("temperature", 2.0),))
    ((low, high),) = one.refine(np.array([4]), 150)
    for end in (low, high):
        assert end.mantissa * 2.0**end.exponent == pytest.approx(one.exact.to_float()[1, 1], rel=1e-15)


def test_limits_of_several_results_stand_in_their_order():
    gradients = reference("linear_cross_entropy_grad", (("features", (4, "C")),))
    joined = gradients.limit(Level.STABLE).numbers.to_float()
    parts = [part.numbers.to_float().reshape(-1) for part in gradients._limits_of_parts(Level.STABLE)]
    assert [len(part) for part in parts] == [8, 12, 3]
    assert np.array_equal(joined, np.concatenate(parts))
    first = gradients._limits_of_parts(Level.STABLE)[0]
    limit = gradients.limit(Level.STABLE)
    assert (limit.name, limit.formula, limit.parameters) == (first.name, first.formula, first.parameters)


def test_labels_are_those_of_the_call_and_none_where_targets_stand():
    assert reference("cross_entropy", (("label_smoothing", 0.1),)).labels.tolist() == [2, 0]
    assert reference("softmax", (("temperature", 2.0),)).labels is None


def test_the_rows_are_shaped_before_they_are_summed():
    rows = reference("softmax", (("temperature", 2.0),)).rows
    assert rows.x.tolist() == [[0, 0.5, 1], [0.5, 0, 0.25]]
