"""Judging one call: a pure function of the call and its reply.

Nothing here depends on an earlier case, and nothing is recorded; `softcert.engine.tally` does that.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property

from softcert.cases.call import Call
from softcert.cases.case import Case, Layout
from softcert.executors.protocol import OVERWRITTEN, FaultKind, Reply
from softcert.expected.reference import ReferenceCache
from softcert.properties import accuracy
from softcert.properties.check import Check, passed, refused
from softcert.properties.hygiene import check_form
from softcert.properties.invalid_labels import check_invalid_labels
from softcert.properties.judged_call import JudgedCall
from softcert.properties.stacked import JudgedRow
from softcert.properties.states import REPEATABLE
from softcert_implementations.adapters.kinds import PLAIN
from softcert_implementations.contract import ResolvedContract
from softcert_oracle.levels import Level

LAYOUTS = "layouts"
"""The property that an output depends on the values and not on how they lie in memory."""

DECLINED = "declined"
"""Cause of a violation of `completes`: the subject declined a call, and answered others of the same unit."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Judgement:
    """Everything that one call tells. Checks of values are made when they are first asked for.

    Attributes
    ----------
    call
        The call that was made.
    output
        The output beside its reference; None where there is no output of the right form.
    form
        The checks of the reply's form.
    observations
        What was seen beside the result: (kind, text).
    fault
        The kind of fault that came in the place of a result; None for a result, and where an error is right.
    declined
        Why the call could not be made at all, as the harness knows from the form of the request; "" where it was made.
    unavailable
        Why the call could not be made, as the worker or the program says; "" where it was made. ``form`` then holds a
        violation, which counts unless every call of the unit came back so.
    known
        The checks of the values, where they were made with those of other calls.
    """

    call: Call
    output: JudgedCall | None = None
    form: tuple[Check, ...] = ()
    observations: tuple[tuple[str, str], ...] = ()
    fault: FaultKind | None = None
    declined: str = ""
    unavailable: str = ""
    known: JudgedRow | None = None

    @property
    def case(self) -> Case:
        """The recipe."""
        return self.call.case

    @property
    def checks(self) -> tuple[Check, ...]:
        """Every check of the call, at every level."""
        return self.form + self.values()

    def up_to(self, level: Level) -> tuple[Check, ...]:
        """The checks that a level asks for."""
        return self.form + self.values([higher for higher in accuracy.HIGHER if higher <= level])

    def values(self, higher: Iterable[Level] = accuracy.HIGHER) -> tuple[Check, ...]:
        """The checks of the values: at "sound" and "stable", and at the ``higher`` levels."""
        if self.output is None:
            return ()
        if self.stable_accuracy is None or self.stable_accuracy.failed:
            higher = ()
        return (*self._accuracy, *(self._higher(level) for level in higher), *self._structure)

    @cached_property
    def stable_accuracy(self) -> Check | None:
        """The check of accuracy at level "stable"; None where there are no ordinary numbers."""
        if self.known is not None:
            return self.known.stable
        checks = (c for c in self._accuracy if c.property_name == accuracy.PROPERTY and c.level == Level.STABLE)
        return next(checks, None)

    def with_values(self, known: JudgedRow) -> Judgement:
        """The same judgement, with the checks of its values made already."""
        return replace(self, known=known)

    @cached_property
    def rounding(self) -> tuple[int, int]:
        """How many ordinary numbers the output has, and how many of them are not correctly rounded."""
        if self.known is not None:
            return self.known.rounding
        return (0, 0) if self.output is None else accuracy.rounding(self.output)

    @cached_property
    def _accuracy(self) -> tuple[Check, ...]:
        if self.known is not None:
            return *self.known.special, self.known.finite, self.known.sound, self.known.stable
        return () if self.output is None else tuple(accuracy.check(self.output))

    @cached_property
    def _higher_checks(self) -> dict[Level, Check]:
        return {}

    def _higher(self, level: Level) -> Check:
        assert self.output is not None
        if self.known is not None:
            return self.known.accuracy(level)
        if level not in self._higher_checks:
            self._higher_checks[level] = accuracy.check_higher(self.output, level)
        return self._higher_checks[level]

    @cached_property
    def _structure(self) -> tuple[Check, ...]:
        """The structural checks, and in an unusual layout the property of layouts."""
        if self.output is None:
            return ()
        checks = self.known.structure if self.known is not None else ()
        return checks if self.case.layout == Layout.C else (*checks, _layouts((*self._accuracy, *checks)))


def judge(call: Call, terms: ResolvedContract, reply: Reply, references: ReferenceCache) -> Judgement:
    """Judge one reply by its contract and the exact result.

    Parameters
    ----------
    call, reply
        The call that was made and what came back.
    terms
        The contract for the operation and format.
    references
        Where the exact result comes from.

    Returns
    -------
    The checks of the reply at every level, and what they are made from.
    """
    if reply.fault is not None and reply.fault.kind is FaultKind.UNSUPPORTED:
        return Judgement(call=call, observations=reply.observations, declined=reply.fault.message)
    if reply.fault is not None and reply.fault.kind is FaultKind.UNAVAILABLE and call.case.kind != PLAIN:
        # The adapter said so before the subject was called: this library or this machine has no such input.
        return Judgement(call=call, observations=reply.observations, declined=reply.fault.message)
    if reply.fault is not None and reply.fault.kind is FaultKind.UNAVAILABLE:
        return _unavailable(call, terms, reply)
    if reply.fault is not None and call.inputs.exact.size == 0 and terms.empty_batch == "any":
        # An input without rows or classes may be refused, unless the contract promises a result.
        return Judgement(call=call, observations=reply.observations, form=(passed("completes"),))
    output, form = check_form(call, terms, reply, references)
    if any(kind == OVERWRITTEN for kind, _ in reply.observations):
        message = "the result of the call before was overwritten by this one"
        form.append(refused(REPEATABLE, cause="overwritten", message=message))
    return Judgement(
        call=call,
        output=output,
        form=tuple(form),
        observations=reply.observations,
        fault=None if reply.fault is None else FaultKind(reply.fault.kind),
    )


def _unavailable(call: Call, terms: ResolvedContract, reply: Reply) -> Judgement:
    """The judgement of a call that the worker or the program says it cannot run: a violation beside answered calls."""
    assert reply.fault is not None
    text = reply.fault.message or "no reason is given"
    message = f"declined, although other calls of the operation in this format are answered: {text}"
    check = check_invalid_labels(call, terms, reply)  # where the contract refuses them, this is a way to do so
    if check is None:
        empty = call.inputs.exact.size == 0 and terms.empty_batch == "any"
        check = passed("completes") if empty else refused("completes", cause=DECLINED, message=message)
    return Judgement(
        call=call,
        observations=reply.observations,
        form=(check,),
        fault=FaultKind.UNAVAILABLE if check.failed else None,
        unavailable=text,
    )


def _layouts(checks: Iterable[Check]) -> Check:
    """The layout property: it fails as the first check at "stable" or below does."""
    worst = next((c for c in checks if c.failed and c.level <= Level.STABLE), None)
    if worst is None:
        return passed(LAYOUTS)
    return replace(
        worst, property_name=LAYOUTS, checked=1, violated=1, undecided=0, message="", ulp=0.0, histogram=None
    )
