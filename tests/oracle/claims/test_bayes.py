"""A finite probability table: Bayes' rule holds in it, and the versions that leave something out do not."""

from __future__ import annotations

import pytest
import sympy as sp

from softcert_oracle.claims import bayes
from softcert_oracle.symbolic import prove


def holds(parts: object) -> bool:
    return prove("a statement", parts, method="none").holds  # type: ignore[arg-type]


def test_the_table_is_a_distribution_and_scores_are_deterministic() -> None:
    assert bayes.probability(lambda w, x, y: True) == 1
    assert len(list(bayes.table())) == 8
    assert [bayes.score(w, x) for w in (0, 1) for x in (0, 1)] == [0, 0, 0, 1]
    given = bayes.probability(lambda w, x, y: y == 1, lambda w, x, y: (w, x) == (1, 1))
    assert given == bayes.CORRECT[1]


def test_the_evidence_is_a_sum_over_the_weights() -> None:
    w, x = bayes.PRIOR[1], bayes.INPUT[1]
    assert holds(bayes.evidence(x * ((1 - w) * bayes.CORRECT[0] + w * bayes.CORRECT[1])))
    assert not holds(bayes.evidence(x * bayes.CORRECT[1]))


@pytest.mark.parametrize("argument", [bayes.posterior_ratio, bayes.product_rule])
def test_the_prior_and_the_condition_belong_into_the_rule(argument: object) -> None:
    assert callable(argument)
    assert holds(argument(True))
    assert not holds(argument(False))


def test_a_score_given_the_weight_has_no_prior() -> None:
    assert holds(bayes.score_given_weight(False))
    assert not holds(bayes.score_given_weight(True))


def test_the_label_given_input_and_weight_chooses_as_the_data_do_and_the_score_does_not() -> None:
    assert holds(bayes.same_choice("y|X"))
    assert not holds(bayes.same_choice("f,y"))


def test_the_likeliest_weight_is_the_most_probable_only_under_an_even_prior() -> None:
    assert holds(bayes.maximum_likelihood(True))
    assert not holds(bayes.maximum_likelihood(False))


def test_probabilities_that_add_up_to_one_are_put_in() -> None:
    assert bayes.normal(bayes.PRIOR[0] + bayes.PRIOR[1]) == 1
    assert bayes.normal(bayes.INPUT[0]) == 1 - bayes.INPUT[1]
    assert bayes.normal(sp.Integer(3)) == 3
