"""One operation in one format of one subject: recipe, inputs, call, reply, judgement, tally. Data flows one way.

The fixed battery runs first, then the relations; `softcert.engine.hypothesis_search` and
`softcert.engine.hill_climbing` draw further cases through the same session.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from softcert.cases import domain
from softcert.cases.call import build_call
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
"""How many cases are judged at once, at first and at most, and about the most logits: enough to share what judging costs by the call,
and some tens of megabytes."""

Progress = Callable[[int, int], None]
"""Called with the number of cases done and of all cases."""


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
    """

    caller: Caller
    operation: str
    terms: ResolvedContract
    references: ReferenceCache
    partners: Mapping[str, ResolvedContract]
    tally: RunTally
    control: RunControl = field(default_factory=RunControl)
    _pending: list[Judgement | tuple[Case, Comparison]] = field(default_factory=list, init=False)
    _pending_elements: int = field(default=0, init=False)

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
        call = build_call(self.operation, inputs)
        return judge(call, self.terms, self.caller(call), self.references)

    def run(self, inputs: Inputs) -> Judgement:
        """Judge some inputs and record the judgement."""
        judgement = self.judge(inputs)
        self.tally.record(judgement)
        self.control.record(judgement)
        return judgement

    def _call_now(self, inputs: Inputs) -> Judgement:
        """Call the subject on some inputs. The reply's values are judged and recorded by `settle`, with others."""
        judgement = self.judge(inputs)
        self.control.record(judgement)
        self._pending.append(judgement)
        self._pending_elements += inputs.exact.size
        return judgement

    def settle(self) -> list[Judgement]:
        """Judge and record, in the order of the calls, what was called and is not judged yet; give the judgements."""
        pending, self._pending, self._pending_elements = self._pending, [], 0
        judgements = blocks.evaluate([entry for entry in pending if isinstance(entry, Judgement)])
        judged = iter(judgements)
        for entry in pending:
            if isinstance(entry, Judgement):
                self.tally.record(next(judged))
            else:
                case, comparison = entry
                self.tally.record_checks(case, (comparison(),))
        return judgements

    def run_block(self, block: Iterable[Inputs]) -> list[Judgement]:
        """Call the subject on some inputs, judge the replies together, and record the judgements in that order.

        Ends early with a call that gives a fault, and where the subject is given up. What was called is judged and
        recorded in any case, also where the user stops the run.
        """
        judgements: list[Judgement] = []
        try:
            for inputs in block:
                if self.control.exhausted or self._call_now(inputs).fault is not None:
                    break
        finally:
            judgements = self.settle()
        return judgements

    def output(self, operation: str, case: Case) -> JudgedCall | None:
        """The output of an operation on a case; None where there is none, or the case lies outside the domain.

        A call of this session's operation is judged and recorded by `settle`; a partner's is only made.
        """
        terms = self.partners.get(operation, self.terms)
        inputs = self._admitted(case, terms)
        if isinstance(inputs, str):
            return None
        if operation == self.operation:
            return self._call_now(inputs).output
        call = build_call(operation, inputs)
        return check_form(call, terms, self.caller(call), self.references)[0]

    def run_battery(self, cases: list[Case], progress: Progress) -> Iterator[Case]:
        """Call the cases in order, judge them in blocks, and yield each one when it is judged.

        The first block is one case, so that a plain defect is seen at once; each further one is twice as large, up to
        `BLOCK_CASES` cases or `BLOCK_ELEMENTS` logits. Ends early where the subject is given up. What was called is
        judged and recorded in any case, also where the user stops the run.
        """
        block: list[Case] = []
        largest = FIRST_BLOCK
        try:
            for number, case in enumerate(cases):
                inputs = self.admit(case)
                if isinstance(inputs, str):
                    self.tally.domain.left_out[inputs] += 1
                    continue
                self.tally.domain.record_planned(case)
                self._call_with_state(inputs)
                progress(number + 1, len(cases))
                if self.control.exhausted:
                    self.tally.domain.not_run["given up: the subject hung or ended its process again and again"] += 1
                    return
                block.append(case)
                if len(block) >= largest or self._pending_elements >= BLOCK_ELEMENTS:
                    self.settle()
                    yield from block
                    block, largest = [], min(2 * largest, BLOCK_CASES)
            self.settle()
            yield from block
        finally:
            self.settle()

    def _call_with_state(self, inputs: Inputs) -> None:
        output = self._call_now(inputs).output
        if output is not None:
            for comparison in states.comparisons(self.output, output):
                self._pending.append((inputs.case, comparison))

    def run_relations(self, effort: Effort) -> None:
        """Run the relations on base cases that are short dyadic numbers, all calls before the comparisons."""
        bases = relations.bases(self.terms.format, effort.relations)
        offered = frozenset(self.partners)
        try:
            for compared in relations.comparisons(self.operation, self.output, offered, bases):
                self._pending.append(compared)
        finally:
            self.settle()

    def _admitted(self, case: Case, terms: ResolvedContract) -> Inputs | str:
        if reason := domain.outside_by_shape(case, terms):
            return reason
        inputs = self.references.cases.inputs(case)
        return domain.outside_by_values(inputs, terms) or inputs
