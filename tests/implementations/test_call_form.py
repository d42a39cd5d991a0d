"""Forms of calls as text: what is said, what is plain, what is refused."""

import pytest

from softcert_implementations.call_form import CHOICES, PLAIN, CallForm, given
from softcert_implementations.contract import Contract
from softcert_oracle.errors import UsageError


@pytest.mark.parametrize("name", CHOICES)
def test_every_choice_survives_its_text(name):
    for value in CHOICES[name]:
        form = CallForm(**{name: value})
        assert CallForm.parsed(form.text) == form
        assert form.deviations == (value != CHOICES[name][0])


def test_plain_says_every_part_and_nothing_says_none():
    assert set(given("plain")) == {*CHOICES, "result"}
    assert given("") == {}
    assert CallForm.parsed("") == CallForm.parsed("plain") == PLAIN
    assert PLAIN.text == "plain"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("labels=onehot", "Did you mean 'one-hot'"),
        ("lables=one-hot", "Did you mean 'labels'"),
        ("one-hot", "unknown part of a call's form"),
        (3, "give a text such as 'labels=one-hot'"),
        (None, "give a text"),
        ({"default": "labels=one-hot", "softmax": "nothing"}, "unknown part"),
    ],
)
def test_what_is_no_form_is_refused_with_what_is_accepted(text, told):
    with pytest.raises(UsageError, match=told):
        Contract({"call": text})


def test_operations_may_have_forms_of_their_own():
    contract = Contract({"call": {"cross_entropy": "labels=one-hot"}})
    assert contract.terms("cross_entropy", "float32").call == "labels=one-hot"
    assert contract.terms("softmax", "float32").call == ""
    assert contract.deviations() == {"call": {"cross_entropy": "labels=one-hot"}}
