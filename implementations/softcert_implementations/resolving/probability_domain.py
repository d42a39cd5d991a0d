"""The logits for which a function of probabilities can be judged: those whose probabilities are normal numbers.

The smallest probability of C logits within [-B, B] is at least e^(-2B) / C. It is at least N, the smallest normal
number of the format, where 2B <= -log N - log C. For C = 262144, the most classes that are run, that bounds B.
"""

from __future__ import annotations

import dataclasses
import math

from softcert_implementations.call_form import CallForm
from softcert_implementations.implementation import Implementation
from softcert_oracle.numbers import formats

_MOST_CLASSES = 262144
_FIELD = "max_abs_logit"


def largest_logit(format: str) -> int:
    """The bound B of a format, a whole number; 1 where the format has no normal number for so many classes.

    >>> largest_logit("float32"), largest_logit("float64"), largest_logit("float16")
    (37, 347, 1)
    """
    return max(1, math.floor((-math.log(formats.lookup(format).smallest_normal) - math.log(_MOST_CLASSES)) / 2))


def with_domain(subject: Implementation) -> Implementation:
    """With the bound in the contract, for operations that take probabilities, where it says nothing of its own."""
    if _FIELD in subject.contract.given:
        return subject
    bounds = {
        f"{operation}/{format}": largest_logit(format)
        for operation in subject.ops
        for format in subject.dtypes
        if CallForm.parsed(subject.contract.value("call", operation, format)).inputs == "probabilities"
    }
    if not bounds:
        return subject
    shown = ", ".join(f"{bound} in {key.partition('/')[2]}" for key, bound in bounds.items())
    note = f"{_FIELD} {shown}: beyond, probabilities are no normal numbers"
    return dataclasses.replace(
        subject, contract=subject.contract.updated({_FIELD: bounds}), inferred=(*subject.inferred, note)
    )
