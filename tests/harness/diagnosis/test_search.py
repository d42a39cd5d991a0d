"""The search for a model runs as few of them as it can."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.harness.diagnosis.test_similarity import SOFTMAX, candidate, doubled, probe, right

from softcert.diagnosis import candidates, search


class Model:
    """A model that multiplies by a factor, and counts its calls."""

    def __init__(self, factor, **fields):
        self.calls, self.factor = 0, factor
        self.candidate = replace(candidate(self), name=f"times {factor}", **fields)

    def __call__(self, x):
        self.calls += 1
        return SOFTMAX(x) * np.float32(self.factor)


PROBES = [probe(doubled, seed=k, shape=(2, 3 + k)) for k in range(20)] + [probe(right, seed=50)]


@pytest.fixture
def searched(monkeypatch):
    """Searches among groups of models."""

    def search_among(*groups, probes=PROBES, known=0.0):
        grouped = tuple(tuple(m.candidate for m in group) for group in groups)
        monkeypatch.setattr(candidates, "by_weight", lambda operation: grouped)
        return search.search("softmax", probes, known)

    return search_among


def wrong(factor, **fields):
    """As `Model`, and right where the subject is right: on the probe that passes."""
    model = Model(factor, **fields)
    passing = PROBES[-1].call.inputs.x

    def function(x):
        result = model(x)
        return SOFTMAX(x) if np.array_equal(x, passing) else result

    model.candidate = replace(model.candidate, fresh=lambda: function)
    return model


def test_a_model_that_explains_everything_ends_the_search(searched):
    """No model of less weight is run: none could come before it."""
    explaining, other = wrong(2), Model(2, weight=0.97)
    ((score, best),) = searched([explaining], [other])
    assert (score, best.name) == (1.0, "times 2")
    assert explaining.calls == len(PROBES)
    assert other.calls == 0


def test_a_model_that_is_unlike_is_left_after_two_probes(searched):
    """Most models are nothing like the subject."""
    unlike = Model(-1.0)
    assert searched([unlike]) == []
    assert unlike.calls == 2


def test_a_model_that_cannot_come_near_the_best_is_left(searched):
    """Once nine in ten are explained, one that explains less is not run to the end."""
    weaker = wrong(2, weight=0.97)
    weaker.candidate = replace(weaker.candidate, fresh=lambda: lambda x: weaker(x) / np.float32(1 + (x.shape[1] % 2)))
    mostly = wrong(2)
    mostly.candidate = replace(mostly.candidate, fresh=lambda: lambda x: mostly(x) * np.float32(1 + (x.shape[1] == 22)))
    assert len(searched([mostly], [weaker])) == 1
    assert mostly.calls == len(PROBES)
    assert 2 < weaker.calls < len(PROBES)


def test_no_model_is_run_where_a_symptom_explains_more_than_any_model_may(searched):
    """The form of a result is known without models."""
    model = wrong(2)
    assert searched([model], known=1.1) == []
    assert model.calls == 0


def test_constants_between_those_of_the_table_are_fitted(searched):
    """The table has 2.2, the subject 2."""
    near = wrong(2)
    rough = wrong(2.2, near=lambda: [wrong(3).candidate, near.candidate])
    found = searched([rough])
    assert [c.name for _, c in found] == ["times 2", "times 2.2"]


def test_a_family_seen_before_explains_everything_or_nothing(monkeypatch):
    """A model that explains most is left to the whole search."""
    models = [wrong(2, family="factor"), wrong(2.2, family="factor")]
    monkeypatch.setattr(candidates, "by_weight", lambda operation: (tuple(m.candidate for m in models),))
    assert search.explained_by(["factor"], "softmax", PROBES)[1].name == "times 2"
    assert search.explained_by(["other"], "softmax", PROBES) is None
    monkeypatch.setattr(candidates, "by_weight", lambda operation: ((models[1].candidate,),))
    assert search.explained_by(["factor"], "softmax", PROBES) is None
    assert search.explained_by(["factor"], "softmax", PROBES[-1:]) is None
