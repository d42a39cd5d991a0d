"""The domain of functions of probabilities."""

import numpy as np
import pytest

from softcert_implementations.resolving.probability_domain import largest_logit
from softcert_implementations.resolving.resolve import resolve
from softcert_oracle.numbers import formats


@pytest.mark.parametrize("format", ["float64", "float32", "bfloat16"])
def test_no_probability_within_the_bound_is_below_the_normal_numbers(format):
    bound, smallest = largest_logit(format), formats.lookup(format).smallest_normal
    assert np.exp(-2.0 * bound) / 262144 >= smallest > np.exp(-2.0 * (bound + 1)) / 262144


def nll(probs, labels):
    return -np.log(probs[np.arange(len(labels)), labels]).mean()


def test_it_is_claimed_for_functions_of_probabilities_alone():
    subject = resolve(nll, op="cross_entropy")
    assert subject.contract.terms("cross_entropy", "float32").max_abs_logit == 37
    assert subject.contract.terms("cross_entropy", "float64").max_abs_logit == 347
    assert any("no normal numbers" in note for note in subject.inferred)
    own = resolve(nll, op="cross_entropy", contract={"max_abs_logit": 5})
    assert own.contract.terms("cross_entropy", "float32").max_abs_logit == 5
    plain = resolve(lambda x: np.exp(x) / np.exp(x).sum(-1, keepdims=True), op="softmax")
    assert "max_abs_logit" not in plain.contract.given
