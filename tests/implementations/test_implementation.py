"""Implementation: names from the tables, claims as keywords, and errors that say what to do."""

import pytest

from softcert_implementations.implementation import Implementation
from softcert_oracle.errors import UsageError


def test_aliases_become_operations_and_one_format_may_stand_alone():
    subject = Implementation("mine", {"lse": len, "xent": len}, "float32")
    assert list(subject.ops) == ["logsumexp", "cross_entropy"]
    assert subject.dtypes == ("float32",)
    assert subject.supports("logsumexp", "float32")
    assert not subject.supports("logsumexp", "float64")
    assert not subject.supports("softmax", "float32")


def test_claims_are_fields_of_the_contract():
    subject = Implementation("mine", {"softmax": len}, contract={"exp_ulp": 1, "log_ulp": 1}, log_ulp=2)
    terms = subject.contract.terms("softmax", "float32")
    assert (terms.exp_ulp, terms.log_ulp) == (1, 2)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("", {"softmax": len}), "give a non-empty string"),
        (("mine", {}), "give a mapping"),
        (("mine", {"softmax": 3}), "cannot be called"),
        (("mine", {"sofmax": len}), "Did you mean 'softmax'?"),
        (("mine", {"softmax": len}, ()), "give at least one"),
        (("mine", {"softmax": len}, ("float31",)), "Did you mean 'float32'?"),
    ],
)
def test_mistakes_are_named(arguments, words):
    with pytest.raises(UsageError) as raised:
        Implementation(*arguments)
    assert words in str(raised.value)


def test_an_unknown_claim_is_refused():
    with pytest.raises(UsageError, match="unknown contract field"):
        Implementation("mine", {"softmax": len}, tolerance=1e-3)
