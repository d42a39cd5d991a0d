"""Whether a candidate reproduces one finding: the same property fails on the finding's own witness, in the same way.

A cause is printed only for findings that it reproduces: its trigger admits the witness, its model fails there in the
same property, and gives what the subject gives. What raises, hangs or returns another shape is reproduced only by what
does the same.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from enum import IntEnum
from functools import cached_property

import numpy as np

from softcert.cases.call import Call, build_call
from softcert.cases.case import Case, State
from softcert.cases.inputs import build
from softcert.certification.result import UnitResult
from softcert.diagnosis.candidates import CandidateDefect
from softcert.diagnosis.probes import Probe
from softcert.diagnosis.running import Answer, Function, Stand
from softcert.diagnosis.similarity import NEAR, silently
from softcert.engine import blocks
from softcert.engine.judge import Judgement
from softcert.expected.reference import ReferenceCache
from softcert.findings.collect import OF_SEVERAL_CALLS, FindingEvidence
from softcert.properties import relations, states
from softcert.properties.check import Check
from softcert.properties.hygiene import RETURNS
from softcert.properties.judged_call import JudgedCall
from softcert_implementations.bundled import numpy_shifted
from softcert_oracle import operations
from softcert_oracle.errors import UsageError
from softcert_oracle.levels import Level
from softcert_oracle.numbers import formats

FORM = frozenset({"completes", "result_format", "result_shape", "input_unchanged"})
"""Properties of a reply's form: no value can explain that they fail."""

_MOST = 0.9  # share of the wrong elements that must agree
_LIKE = 2.0  # errors whose sizes differ by less than this factor are alike
_NOISE = 4  # elements from which on errors without a direction are compared by their size
_SAME_SIZE = 0.1  # share by which the violations of a relation may differ


class Agreement(IntEnum):
    """How a model's output agrees with the subject's."""

    NONE = 0
    ALIKE = 1
    """Errors of the same kind, direction and about the same size."""
    SAME = 2
    """The same errors, but for rounding."""
    BITS = 3
    """The same bits."""


@np.errstate(all="ignore")
def agreement(probe: Probe, got: np.ndarray, at: tuple[int, ...] = ()) -> Agreement:
    """How an output agrees with the subject's on a probe; ``at`` is the element that a finding is about.

    Parameters
    ----------
    probe
        A call with what the subject gave, exact results and limits.
    got
        A model's output of the same shape, float64.
    at
        An element that must agree, whatever the others do.
    """
    theirs = probe.got
    if theirs is None:
        return Agreement.NONE
    equal = (got == theirs) | (np.isnan(got) & np.isnan(theirs))
    if equal.all():
        return Agreement.BITS
    counted = probe.wrong_there | probe.wrong(got)
    if not counted.any():
        counted = np.ones(equal.shape, bool)
    ours_off, theirs_off = got - probe.exact, theirs - probe.exact
    small, large = np.minimum(*(sizes := (np.abs(ours_off), np.abs(theirs_off)))), np.maximum(*sizes)
    # Beside an exact result that is infinite or huge any two numbers have the same error: they are compared themselves.
    scale = np.minimum(large, np.maximum(np.abs(got), np.abs(theirs)))
    allowed = np.minimum(np.nan_to_num(probe.limit, posinf=0.0), large) + NEAR * scale
    near = equal | (np.isfinite(got - theirs) & (np.abs(got - theirs) <= allowed))
    near &= equal | (probe.wrong_there == probe.wrong(got))  # what is right never agrees with what is wrong
    if _mostly(near, counted, at):
        return Agreement.SAME
    kind = (np.isfinite(got) == np.isfinite(theirs)) & (np.isnan(got) == np.isnan(theirs))
    kind &= np.sign(ours_off) == np.sign(theirs_off)
    finite = np.isfinite(large)
    like = near | (kind & finite & (small * _LIKE >= large) & (np.abs(got - theirs) <= scale))
    if _mostly(like, counted, at) or (_holds(like, at) and _noise(ours_off[counted], theirs_off[counted])):
        return Agreement.ALIKE
    return Agreement.NONE


def far_off(probe: Probe, got: np.ndarray, at: tuple[int, ...]) -> bool:
    """Whether one element alone shows that `agreement` is less than `Agreement.SAME`: a look at a few numbers.

    The arguments are `agreement`'s. False says nothing.
    """
    theirs = probe.got
    if theirs is None or _outside(got, at):
        return theirs is None
    g, t, exact, limit = (float(a[at]) for a in (got, theirs, probe.exact, probe.limit))
    if g == t or (math.isnan(g) and math.isnan(t)):
        return False
    if not math.isfinite(g - t):
        return True
    large = max(abs(g - exact), abs(t - exact))
    if not math.isfinite(large):
        return False
    allowed = min(limit, large) if math.isfinite(limit) else large
    return abs(g - t) > allowed + NEAR * min(large, max(abs(g), abs(t)))


def _outside(values: np.ndarray, at: tuple[int, ...]) -> bool:
    return len(at) != values.ndim or any(k >= n for k, n in zip(at, values.shape, strict=True))


def _holds(flags: np.ndarray, at: tuple[int, ...]) -> bool:
    """Whether a flag is up at an element; where there is no such element, yes."""
    return _outside(flags, at) or bool(flags[at])


def _mostly(flags: np.ndarray, counted: np.ndarray, at: tuple[int, ...]) -> bool:
    return _holds(flags, at) and bool(flags[counted].mean() >= _MOST)


def _noise(ours: np.ndarray, theirs: np.ndarray) -> bool:
    """Whether errors in both directions are of one size: rounding to fewer bits."""
    if ours.size < _NOISE or not (np.isfinite(ours).all() and np.isfinite(theirs).all()):
        return False
    if any((errors > 0).all() or (errors < 0).all() for errors in (ours, theirs)):
        return False
    small, large = sorted(float(np.sqrt(np.mean(errors * errors))) for errors in (ours, theirs))
    return 0 < large <= _LIKE * small


class Reproduction:
    """One finding, ready to be compared with candidates.

    Parameters
    ----------
    unit
        The unit that the finding is of.
    finding
        The finding.
    references
        Where exact results come from.
    """

    def __init__(self, unit: UnitResult, finding: FindingEvidence, references: ReferenceCache) -> None:
        self.unit, self.finding, self.references = unit, finding, references
        call = finding.witness.call
        expected = references.of(call, unit.terms)
        exact = expected.exact.to_float()
        output = finding.output
        got = output.got if output is not None else unit.tally.evidence.outputs.get(call.case)
        of_form = finding.property_name in FORM
        self.probe = Probe(
            call=call,
            exact=exact,
            limit=expected.limit(min(finding.level, Level.ACCURATE)).numbers.to_float(),
            got=None if of_form else got,
            failed_properties=frozenset({finding.property_name}) if of_form else frozenset(),
            reduction=unit.terms.reduction,
            largest=formats.lookup(unit.terms.result_format).largest,
            accepted=expected.acceptance(exact if got is None else got, unit.terms),
        )
        self._stand = Stand(self.probe)

    @property
    def comparable(self) -> bool:
        """Whether the subject's output on the witness is known, so that any model can be held against it."""
        return self.probe.got is not None and self.finding.property_name not in OF_SEVERAL_CALLS

    def by(self, candidate: CandidateDefect) -> Agreement:
        """How a candidate reproduces the finding; `Agreement.NONE` where it does not."""
        finding, call = self.finding, self.finding.witness.call
        if candidate.accounts_for is not None:
            accounted = candidate.accounts_for(finding.property_name, self.probe)
            return Agreement.ALIKE if accounted else Agreement.NONE
        if not candidate.takes(call.case) or not candidate.admits(call):
            return Agreement.NONE
        with silently():
            if finding.property_name in OF_SEVERAL_CALLS:
                return self._by_relation(candidate)
            answer = self._stand.run(candidate, candidate.fresh())
            if finding.property_name in FORM:
                return self._by_form(answer)
            return self._by_values(answer)

    def _by_form(self, answer: Answer) -> Agreement:
        """A fault or a form is reproduced by the same exception, shape or type; a hang or a crash by no model."""
        name, cause = self.finding.property_name, self.finding.cause
        if name not in answer.failed_properties:
            return Agreement.NONE
        same = {
            "completes": bool(answer.raised) and cause == f"exception: {answer.raised}",
            "result_shape": answer.shape is not None and self.finding.check.message.startswith(f"shape {answer.shape}"),
            "result_format": cause in (f"{RETURNS}{answer.dtype}", "result"),
            "input_unchanged": True,
        }[name]
        return Agreement.SAME if same else Agreement.NONE

    def _by_values(self, answer: Answer) -> Agreement:
        if answer.got is None:
            return Agreement.NONE
        at = self.finding.check.index
        if self._textbook is not None and np.array_equal(answer.got, self._textbook, equal_nan=True):
            return Agreement.NONE  # the error is that of the format, not the model's own
        found = agreement(self.probe, answer.got, at)
        if found == Agreement.NONE or not self._fails_alike(self._checks(answer.got)):
            return Agreement.NONE
        return found

    @cached_property
    def _textbook(self) -> np.ndarray | None:
        """What the textbook algorithm gives on the witness in the format itself; None where it is not defined."""
        function = numpy_shifted.IMPLEMENTATION.ops.get(self.unit.operation)
        return None if function is None or self.probe.call.has_options else self._stand.run_on_copies(function).got

    def _checks(self, got: np.ndarray) -> Iterator[Check]:
        judgement = Judgement(call=self.finding.witness.call, output=self._judged(self.finding.witness.call, got))
        yield from blocks.evaluate(self.unit.operation, [judgement])[0][0].checks

    def _judged(self, call: Call, got: np.ndarray) -> JudgedCall:
        expected = self.references.of(call, self.unit.terms)
        return JudgedCall(call=call, terms=self.unit.terms, got=got, expected=expected)

    def _fails_alike(self, checks: Iterator[Check]) -> Check | None:
        """The check that fails as the finding's does: the same property, for the same cause."""
        wanted = self.finding
        failing = (c for c in checks if c.failed and c.level <= wanted.level)
        return next((c for c in failing if (c.property_name, c.cause) == (wanted.property_name, wanted.cause)), None)

    def _by_relation(self, candidate: CandidateDefect) -> Agreement:
        """A relation is reproduced where the model's own outputs violate it by as much."""
        check = self._fails_alike(self._related(candidate, candidate.fresh()))
        if check is None:
            return Agreement.NONE
        mine, theirs = check.measured, self.finding.check.measured
        if mine == theirs or abs(mine - theirs) <= _SAME_SIZE * max(abs(mine), abs(theirs)):
            return Agreement.SAME
        small, large = sorted((abs(mine), abs(theirs)))
        return Agreement.ALIKE if large <= _LIKE * small else Agreement.NONE

    def _related(self, candidate: CandidateDefect, function: Function) -> Iterator[Check]:
        operation, case = self.unit.operation, self.finding.case

        def run(name: str, other: Case) -> JudgedCall | None:
            try:
                return self._called(candidate, function, name, other)
            except UsageError:
                return None

        if case.state != State.ONCE:
            first = run(operation, case)
            if first is not None:
                yield from states.check(run, first)
            return
        for _, check in relations.check(operation, run, frozenset(operations.OPERATIONS), [case]):
            yield check

    def _called(self, candidate: CandidateDefect, function: Function, operation: str, case: Case) -> JudgedCall | None:
        """The model's output; the exact result of an operation that the model does not compute."""
        call = build_call(operation, build(case))
        expected = self.references.of(call, self.unit.terms)
        exact = expected.exact.to_float()
        if operation != self.unit.operation:
            return JudgedCall(call=call, terms=self.unit.terms, got=exact, expected=expected)
        probe = replace(
            self.probe,
            call=call,
            exact=exact,
            limit=np.zeros(exact.shape),
            got=None,
            accepted=None,
            failed_properties=frozenset(),
        )
        got = Stand(probe).run(candidate, function).got
        return None if got is None else JudgedCall(call=call, terms=self.unit.terms, got=got, expected=expected)
