"""Models are run on the arrays of a probe, which they leave whole for the next."""

from __future__ import annotations

import numpy as np
import pytest
from tests.harness.diagnosis.test_similarity import SOFTMAX, candidate, doubled, probe

from softcert.diagnosis.candidates import CandidateDefect, by_weight
from softcert.diagnosis.running import Stand


def in_place(x):
    x[...] = SOFTMAX(x)
    return x


def reader(function):
    return CandidateDefect(name="", family="", operation="softmax", fresh=lambda: function, behaves="", reads_only=True)


@pytest.mark.parametrize("declared", [candidate(in_place), reader(in_place)])
def test_a_model_that_writes_into_its_input_leaves_it_whole_for_the_next(declared):
    """Also where it is said to leave its arguments alone."""
    case = probe(doubled)
    before = case.call.inputs.x.copy()
    answer = Stand(case).run(declared, in_place)
    assert answer.failed_properties == {"input_unchanged"}
    assert np.allclose(answer.got, case.exact)
    assert np.array_equal(case.call.inputs.x, before)


def test_what_a_model_raises_and_what_it_returns_in_another_form_are_its_answer():
    """As for a subject: the call is not completed, or the result has another shape or format."""
    stand = Stand(probe(doubled))

    def failed(function):
        return Stand.run(stand, reader(function), function).failed_properties

    assert failed(lambda x: 1 / 0) == {"completes"}
    assert failed(lambda x: SOFTMAX(x)[0]) == {"result_shape"}
    assert failed(lambda x: SOFTMAX(x).astype(np.float64)) == {"result_format"}


def test_an_answer_is_no_view_of_the_arguments():
    """A model may return its argument; the next model changes nothing of what is kept."""
    stand = Stand(probe(doubled))
    answer = stand.run(reader(lambda x: x), lambda x: x)
    assert np.array_equal(answer.got, stand.probe.call.inputs.x)
    assert answer.got.flags.writeable


def test_the_groups_of_models_fall_by_weight_with_the_gallery_first():
    """An explanation seen in real code comes before one that a mechanism makes up."""
    groups = by_weight("logsumexp")
    weights = [group[0].weight for group in groups]
    assert weights == sorted(weights, reverse=True)
    assert all(c.weight == group[0].weight for group in groups for c in group)
    assert not any(c.reads_only for c in groups[0])
    assert all(c.reads_only for group in groups[1:] for c in group)
