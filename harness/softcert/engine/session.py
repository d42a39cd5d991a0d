"""One operation in one format of one subject: recipe, inputs, call, reply, judgement, tally. Data flows one way.

The fixed battery runs first, then the relations; `softcert.engine.hypothesis_search` and
`softcert.engine.hill_climbing` draw further cases through the same session.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from functools import partial

from softcert.cases import domain
from softcert.cases.call import Call, build_call
from softcert.cases.case import Case
from softcert.cases.effort import Effort
from softcert.cases.inputs import Inputs
from softcert.engine import blocks
from softcert.engine.caller import Caller
from softcert.engine.judge import Judgement, judge
from softcert.engine.run_control import RunControl
from softcert.engine.tally import RunTally
from softcert.expected.reference import ReferenceCache
from softcert.properties import relations, states
from softcert.properties.hygiene import check_form
from softcert.properties.judged_call import JudgedCall
from softcert.properties.relations import Comparison
from softcert_implementations.contract import ResolvedContract

FIRST_BLOCK = 1
BLOCK_CASES = 512
BLOCK_ELEMENTS = 1 << 18
"""How many cases are judged at once, at first and at most, and about the most logits: enough to share what
judging costs by the call, and some tens of megabytes."""

Progress = Callable[[int, int], None]
"""Called with the number of cases done and of all cases."""


@dataclass(frozen=True, eq=False, kw_only=True)
class _Step:
    """A call of a plan.

    ``opens``: the number of the case that it is the first call of; ``compare``: with that one; ``closes``: whether it
    is the last call of its case.
    """

    call: Call
    opens: int | None = None
    compare: states.Compare | None = None
    closes: bool = False


@dataclass(kw_only=True)
class Session:
    """What is needed to judge one operation in one format.

    Attributes
    ----------
    caller
        Calls the subject.
    operation, terms
        The operation, and the contract for it in one format.
    references
        Exact results, shared by the units and subjects of a run.
    partners
        The contracts of the subject's operations in this format, by operation: relations compare with them.
    tally
        Where judgements are recorded.
    control
        When the subject is given up.
    observer
        Told every judgement once it is recorded.
    """

    caller: Caller
    operation: str
    terms: ResolvedContract
    references: ReferenceCache
    partners: Mapping[str, ResolvedContract]
    tally: RunTally
    control: RunControl = field(default_factory=RunControl)
    observer: Callable[[Sequence[Judgement]], None] | None = None
    _pending: list[Judgement] = field(default_factory=list, init=False)
    _comparisons: list[tuple[Case, Comparison]] = field(default_factory=list, init=False)
    _elements: int = field(default=0, init=False)

    def admit(self, case: Case) -> Inputs | str:
        """The inputs of a case, built once; or the reason why it lies outside the contract's domain.

        Raises
        ------
        UsageError
            For a recipe that cannot be built.
        """
        return self._admitted(case, self.terms)

    def judge(self, inputs: Inputs) -> Judgement:
        """Call the subject on some inputs and judge the reply. Nothing is recorded.

        Raises
        ------
        UsageError
            For options that do not fit the operation.
        """
        return blocks.evaluate(self.operation, [self._called(inputs)])[0][0]

    def _called(self, inputs: Inputs) -> Judgement:
        """Call the subject on some inputs; the values of the reply are not judged yet."""
        call = build_call(self.operation, inputs)
        return judge(call, self.terms, self.caller(call), self.references)

    def run(self, inputs: Inputs) -> Judgement:
        """Judge some inputs and record the judgement."""
        return self.run_block([inputs])[0]

    def run_block(self, inputs: Iterable[Inputs]) -> list[Judgement]:
        """Call the subject on some inputs, judge the replies together, and record them in order.

        Ends early where the subject is given up. What was called is judged and recorded in any case, also where the
        user stops the run.
        """
        steps = (_Step(call=build_call(self.operation, i)) for i in inputs)
        judged: list[Judgement] = []
        try:
            self._pending.extend(judgement for _, judgement in self._made(steps))
        finally:
            judged = self.settle()
        return judged

    def settle(self) -> list[Judgement]:
        """Judge and record, in the order of the calls, what was called and is not judged yet."""
        pending, comparisons = self._pending, self._comparisons
        self._pending, self._comparisons, self._elements = [], [], 0
        judged, table = blocks.evaluate(self.operation, pending)
        self.tally.record_all(judged, table)
        for case, comparison in comparisons:
            outcome = comparison()
            if outcome is not None:
                self.tally.record_checks(case, (outcome,))
        if self.observer is not None:
            self.observer(judged)
        return judged

    def output(self, operation: str, case: Case) -> JudgedCall | None:
        """The output of an operation on a case; None where there is none, or the case lies outside the domain.

        A call of this session's operation is judged and recorded by `settle`; a partner's is only made.
        """
        terms = self.partners.get(operation, self.terms)
        inputs = self._admitted(case, terms)
        if isinstance(inputs, str):
            return None
        if operation == self.operation:
            judgement = self._called(inputs)
            self.control.record(judgement)
            self._pending.append(judgement)
            return judgement.output
        call = build_call(operation, inputs)
        if operation != self.operation:
            return check_form(call, terms, self.caller(call), self.references)[0]
        judgement = judge(call, terms, self.caller(call), self.references)
        self.control.record(judgement)
        self._pending.append(judgement)
        return judgement.output

    def run_battery(self, cases: Sequence[Case], progress: Progress) -> Iterator[Case]:
        """Call the cases in order, judge them in blocks, and yield each one when it is judged.

        The first block is one case, so that a plain defect is seen at once; each further one is twice as large, up to
        `BLOCK_CASES` cases or `BLOCK_ELEMENTS` logits. Ends early where the subject is given up. What was called is
        judged and recorded in any case, also where the user stops the run.
        """
        block: list[Case] = []
        largest, first = FIRST_BLOCK, None
        try:
            for step, judgement in self._made(self._planned(cases)):
                if step.opens is not None:
                    first = judgement
                    self.tally.domain.record_planned(judgement.case)
                    progress(step.opens + 1, len(cases))
                    block.append(judgement.case)
                self._pending.append(judgement)
                self._elements += judgement.call.inputs.exact.size
                if self.control.exhausted:
                    self.tally.domain.not_run["given up: the subject hung or ended its process again and again"] += 1
                    block.pop()
                elif first is not None and step.compare is not None:
                    self._compare_later(first, judgement, step.compare)
                if step.closes and (len(block) >= largest or self._elements >= BLOCK_ELEMENTS):
                    self.settle()
                    yield from block
                    block, largest = [], min(2 * largest, BLOCK_CASES)
            self.settle()
            yield from block
        finally:
            self.settle()

    def _planned(self, cases: Sequence[Case]) -> Iterator[_Step | str]:
        """The calls of a battery in their order, and why cases are left out."""
        for number, case in enumerate(cases):
            inputs = self.admit(case)
            if isinstance(inputs, str):
                yield inputs
                continue
            others = [(self.admit(step.case), step.compare) for step in states.steps(inputs)]
            followers = [
                _Step(call=build_call(self.operation, other), compare=compare)
                for other, compare in others
                if not isinstance(other, str)
            ]
            steps = [_Step(call=build_call(self.operation, inputs), opens=number), *followers]
            yield from steps[:-1]
            yield replace(steps[-1], closes=True)

    def _made(self, steps: Iterable[_Step | str]) -> Generator[tuple[_Step, Judgement]]:
        """Make the calls, some of them ahead, and yield each with what its reply tells.

        Ends where the subject is given up.
        """
        waiting: deque[_Step | str] = deque()

        def calls() -> Iterator[Call]:
            for step in steps:
                waiting.append(step)
                if not isinstance(step, str):
                    yield step.call

        with closing(self.caller.ahead(calls())) as replies:
            for reply in replies:
                step = self._next(waiting)
                assert step is not None
                judgement = judge(step.call, self.terms, reply, self.references)
                self.control.record(judgement)
                yield step, judgement
                if self.control.exhausted:
                    return
        self._next(waiting)

    def _next(self, waiting: deque[_Step | str]) -> _Step | None:
        """The next step that is a call; the cases left out before it are counted."""
        while waiting:
            step = waiting.popleft()
            if not isinstance(step, str):
                return step
            self.tally.domain.left_out[step] += 1
        return None

    def _compare_later(self, first: Judgement, second: Judgement, compare: states.Compare) -> None:
        """Compare two outputs when they are judged, at the next `settle`."""
        if first.output is not None and second.output is not None:
            self._comparisons.append((first.case, partial(compare, first.output, second.output)))

    def run_relations(self, effort: Effort) -> None:
        """Run the relations on base cases that are short dyadic numbers, all calls before the comparisons."""
        bases = relations.bases(self.terms.format, effort.relations)
        offered = frozenset(self.partners)
        try:
            for compared in relations.comparisons(self.operation, self.output, offered, bases):
                self._comparisons.append(compared)
        finally:
            self.settle()

    def _admitted(self, case: Case, terms: ResolvedContract) -> Inputs | str:
        if reason := domain.outside_by_shape(case, terms):
            return reason
        inputs = self.references.cases.inputs(case)
        return domain.outside_by_values(inputs, terms) or inputs
