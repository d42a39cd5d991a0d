"""A refusal in 16 bits names the field of the contract that would explain it, and only where it would."""

from __future__ import annotations

import numpy as np
import pytest

from softcert import Implementation, certify
from softcert.findings.contract_fields import FIELDS, with_field
from softcert_implementations.contract import Contract


@pytest.mark.parametrize("name", FIELDS)
def test_a_field_is_set_to_the_narrow_format_alone(name):
    terms = Contract().terms("softmax", "float16")
    other = with_field(terms, name)
    changed = {f for f in FIELDS if getattr(other, f) != getattr(terms, f)}
    assert changed == (set(FIELDS) if name == "working_precision" else {name})
    assert getattr(other, name) == "float16"


def test_what_a_contract_says_already_is_not_named():
    terms = Contract({"working_precision": "float16"}).terms("softmax", "float16")
    assert [with_field(terms, name) for name in FIELDS] == [None] * 3


def half(x):
    """Everything in the format of the input, sums and all."""
    e = np.exp(x - x.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True, dtype=x.dtype)


def zeros(x):
    """No field explains zeros."""
    return np.zeros_like(x)


def _judged(function, **keywords):
    implementation = Implementation("mine", {"softmax": function}, ("float16",))
    return certify(implementation, effort="quick", isolation="none", properties=["accuracy"], **keywords)


@pytest.mark.slow
def test_a_named_field_mends_what_it_is_named_for_and_nothing_is_loosened_without_it():
    refused = _judged(half)
    named = {f.id for f in refused.findings if 'working_precision = "float16" this would hold' in f.diagnosis.remedy}
    assert named
    assert refused.verdict == "not certified"
    claimed = _judged(half, contract={"working_precision": "float16"})
    assert not named & {f.id for f in claimed.findings}


@pytest.mark.slow
def test_what_no_field_explains_names_none():
    found = _judged(zeros).findings
    assert found
    assert not any("in the contract" in f.diagnosis.remedy for f in found)
