"""A result beside the exact one in full: which numbers are wrong, which is the worst, and by how much."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from softcert.assertions.given import Given
from softcert.expected.reference import ComputedReference, Reference
from softcert.expected.special_values import Acceptance, acceptance
from softcert_oracle import operations
from softcert_oracle.decide import decisions
from softcert_oracle.decide.distance import Distance, distance
from softcert_oracle.levels import Level
from softcert_oracle.numbers import formats
from softcert_oracle.numbers.enclosure import Decision
from softcert_oracle.reference import truth


class PlainExpected(ComputedReference):
    """The exact results of a plain call; numbers stand in canonical order, with the classes last."""

    def acceptance(self, got: np.ndarray, terms: object) -> Acceptance:
        """What is accepted on special values."""
        return acceptance(self.operation, self.rows, self.labels, self.exact, terms)  # type: ignore[arg-type]

    @property
    def refine(self) -> object:
        """Bounds of the exact results at any precision."""
        return truth.refine(self.operation, self.rows, self.labels, reduction=self.parameters.reduction)


@dataclass(frozen=True, eq=False, kw_only=True)
class Comparison:
    """One result, in canonical order, beside its reference at a level.

    Attributes
    ----------
    call
        What was called.
    got
        float64, of the reference's shape.
    expected
        Exact results, limits, and what is accepted on special values.
    level
        The level that is asked for.
    """

    call: Given
    got: np.ndarray
    expected: Reference
    level: Level

    @cached_property
    def format(self) -> formats.Format:
        """The format of the result."""
        return self.call.terms.result

    @cached_property
    def accepted(self) -> Acceptance:
        """What is accepted on special values."""
        return self.expected.acceptance(self.got, self.call.terms)

    @cached_property
    def distance(self) -> Distance:
        """How far each number lies from the exact one."""
        return distance(self.got, self.expected.exact, self.format)

    @cached_property
    def vacuous(self) -> np.ndarray:
        """Numbers whose limit could not tell a degenerate result from the exact one."""
        if self.level == Level.FAITHFUL:
            return np.zeros(self.got.shape, bool)
        vacuous = np.asarray(self.expected.vacuous(self.level))
        if vacuous.size == self.got.size:
            return vacuous.reshape(self.got.shape)
        return np.broadcast_to(vacuous[:, None] if vacuous.ndim else vacuous, self.got.shape)

    @cached_property
    def answers(self) -> np.ndarray:
        """A `Decision` for each number: whether it is wrong."""
        expected, special = self.expected, self.accepted.applies
        if self.level == Level.FAITHFUL:
            good = decisions.faithful(self.got, expected.exact, self.format, refine=expected.refine)
            answers = np.where(good == Decision.YES, Decision.NO, np.where(good == Decision.NO, Decision.YES, good))
        else:
            limit = expected.limit(self.level).numbers
            answers = decisions.exceeds(
                self.got, expected.exact, limit, self.format, refine=expected.refine, distance=self.distance
            )
        within = self.accepted.holds(self.got) | (np.isfinite(expected.exact.hi) & (answers == Decision.NO))
        return np.where(special, np.where(within, Decision.NO, Decision.YES), answers)

    @cached_property
    def wrong(self) -> np.ndarray:
        """Numbers that are beyond their limit."""
        return np.asarray(self.answers == Decision.YES)

    @property
    def undecided(self) -> int:
        """How many numbers stayed undecided."""
        return int(np.count_nonzero(self.answers == Decision.UNDECIDED))

    @property
    def looked_at(self) -> int:
        """How many numbers tell anything: special ones, and those whose limit is not vacuous."""
        return int(np.count_nonzero(self.accepted.applies | ~self.vacuous))

    @cached_property
    def ratios(self) -> np.ndarray:
        """Error over limit."""
        if self.level == Level.FAITHFUL:
            return np.asarray(decisions.ulp_error(self.got, self.expected.exact, self.format, self.distance)[1])
        with np.errstate(invalid="ignore", divide="ignore"):
            ratios = self.distance.centre.ratio(self.expected.limit(self.level).numbers)
        return np.where(np.isnan(ratios), np.inf, ratios)

    @cached_property
    def worst(self) -> tuple[int, ...]:
        """The index of the worst wrong number, ordinary ones first."""
        ranked = np.where(self.wrong, np.where(self.accepted.applies, 0.0, 1.0 + self.ratios), -1.0)
        return tuple(int(k) for k in np.unravel_index(int(np.argmax(ranked)), self.got.shape))


def compare(call: Given, parts: Sequence[np.ndarray], level: Level) -> Comparison:
    """A call's results beside its reference."""
    if call.plain:
        return _plain(call, parts[0], level)
    from softcert.expected.option_reference import OptionReference

    joined = parts[0] if len(parts) == 1 else np.concatenate([part.reshape(-1) for part in parts])
    return Comparison(call=call, got=joined, expected=OptionReference(call.canonical, call.terms), level=level)


def _plain(call: Given, got: np.ndarray, level: Level) -> Comparison:
    canonical = call.canonical
    assert canonical.x is not None
    labels = canonical.labels
    labels = None if labels is None else np.asarray(labels, np.int64)
    expected = PlainExpected(call.operation, truth.rows(canonical.x), labels, call.terms.limit_parameters)
    by_class = operations.lookup(call.operation).result == "(m, C)"
    flat = np.moveaxis(got, canonical.axis, -1).reshape(canonical.m, canonical.classes) if by_class else got
    if not by_class and not canonical.reduced:
        flat = got.reshape(-1)
    return Comparison(call=call, got=np.array(flat, np.float64), expected=expected, level=level)  # type: ignore[arg-type]
