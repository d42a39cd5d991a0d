"""A call whose output has the right form, beside its reference: what the properties look at."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from softcert.cases.call import Call
from softcert.cases.case import Case
from softcert.cases.inputs import Inputs
from softcert.expected.reference import Reference
from softcert.expected.special_values import Acceptance
from softcert_implementations.contract import ResolvedContract
from softcert_oracle.decide import decisions
from softcert_oracle.decide.distance import Distance, distance
from softcert_oracle.levels import Level
from softcert_oracle.numbers import formats


@dataclass(frozen=True, eq=False, kw_only=True)
class JudgedCall:
    """An output of the right shape beside its reference.

    Attributes
    ----------
    call
        The call that was made, with its inputs.
    terms
        The contract that it is judged by.
    got
        The results, converted exactly to float64; of several results one vector, end to end.
    expected
        The exact results, the limits and the accepted special values.
    """

    call: Call
    terms: ResolvedContract
    got: np.ndarray
    expected: Reference

    @property
    def operation(self) -> str:
        """The operation's name."""
        return self.call.operation

    @property
    def inputs(self) -> Inputs:
        """The inputs of the call."""
        return self.call.inputs

    @property
    def case(self) -> Case:
        """The recipe."""
        return self.call.case

    @cached_property
    def result_format(self) -> formats.Format:
        """The format in which results are judged."""
        return self.terms.result

    @cached_property
    def distance(self) -> Distance:
        """How far each result lies from the exact value."""
        return distance(self.got, self.expected.exact, self.result_format)

    @cached_property
    def ulps(self) -> np.ndarray:
        """Upper bounds of the errors in ulp, float64."""
        return decisions.ulp_error(self.got, self.expected.exact, self.result_format, self.distance)[1]

    @cached_property
    def accepted(self) -> Acceptance:
        """Which results are accepted on special values."""
        return self.expected.acceptance(self.got, self.terms)

    def exceeds(self, level: Level) -> np.ndarray:
        """Where the limit of a level is exceeded: an array of `Decision`."""
        return decisions.exceeds(
            self.got,
            self.expected.exact,
            self.expected.limit(level).numbers,
            self.result_format,
            refine=self.expected.refine,
            distance=self.distance,
        )

    def limits(self, level: Level) -> np.ndarray:
        """The limits of a level as float64, in the result's shape; of accepted special values, their rounding."""
        limits = self.expected.limit(level).numbers.to_float()
        slack = self.accepted.slack
        if slack is None or not self.accepted.applies.any():
            return limits
        exact = self.expected.exact.to_float()
        special = self.accepted.applies & np.isfinite(exact)
        return np.where(special, limits + slack.relative * np.abs(exact) + slack.absolute, limits)


def same_bits(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Where two float64 arrays are equal bit for bit, NaNs of any kind being equal."""
    return np.asarray((a == b) & (np.signbit(a) == np.signbit(b)) | (np.isnan(a) & np.isnan(b)))
