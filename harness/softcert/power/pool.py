"""The pool of inputs that tells a defect from a change that changes nothing: far larger than the battery.

Dense random sizes come first, then the battery of effort "thorough". The original's results are computed once for all
mutants of an operation and kept as digests. A mutant that gives the same bits needs no judging; a result that differs
is judged like any other, and the first that leaves its limit ends the search.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from softcert.cases import domain
from softcert.cases.battery import battery
from softcert.cases.call import Call, build_call
from softcert.cases.case import Case
from softcert.cases.effort import EFFORTS
from softcert.cases.inputs import build
from softcert.cases.layouts import LAYOUTS
from softcert.engine import blocks
from softcert.engine.caller import Caller
from softcert.engine.judge import Judgement, judge
from softcert.executors import open_executor
from softcert.executors.protocol import OVERWRITTEN, FaultKind, Reply
from softcert.expected.reference import ReferenceCache
from softcert_implementations.contract import ResolvedContract
from softcert_implementations.implementation import Implementation
from softcert_oracle.errors import UsageError
from softcert_oracle.levels import Level

POOL_VERSION = 1
RANDOM_CASES = 600
_MOST_CLASSES = (1 << 13, 1 << 18)
_MOST_ELEMENTS = 1 << 13
"""Sizes are drawn up to the first number of classes, each eighth up to the second; rows as far as the elements go. Some
five million logits in all with the battery, so that a subject which loops in Python takes minutes and not hours."""
_BLOCK = 64  # cases judged at once
_DENSE = (("ordinary", ()), ("ordinary", (("scale", 4.0),)), ("ordinary", (("scale", 20.0),)))


@dataclass(frozen=True, kw_only=True)
class Departure:
    """Where a mutant leaves its limit: the case, and the failing check in words."""

    case: Case
    words: str


def cases(operation: str, format: str, terms: ResolvedContract, seed: int) -> tuple[Case, ...]:
    """The pool: dense random sizes in all magnitudes and layouts, and the battery of effort "thorough"."""
    whole = battery(operation, format, EFFORTS["thorough"], terms, seed)
    return tuple(dict.fromkeys((*_dense(format, whole, seed), *whole)))


def _dense(format: str, whole: list[Case], seed: int) -> Iterator[Case]:
    """Sizes drawn evenly in their logarithms; every second one in the magnitude of a drawn case of the battery."""
    rng = np.random.default_rng([seed, 8191])
    finite = [c for c in whole if c.rows is None and not c.options and c.rows_count * c.classes > 1]
    for number in range(RANDOM_CASES):
        classes = int(np.exp(rng.uniform(0, np.log(_MOST_CLASSES[number % 8 == 0]))))
        rows = int(np.exp(rng.uniform(0, np.log(max(_MOST_ELEMENTS // classes, 1) + 1))))
        model = finite[rng.integers(len(finite))]
        regime, parameters = (model.regime, model.parameters) if number % 2 else _DENSE[number // 2 % len(_DENSE)]
        yield Case.of(
            regime,
            max(rows, 1),
            classes,
            format,
            parameters,
            layout=str(rng.choice(LAYOUTS)),
            labels=model.labels,
            label_dtype=model.label_dtype,
            seed=int(rng.integers(1 << 30)),
        )


class Pool:
    """The pool of one operation and format of one original, with the original's results.

    Parameters
    ----------
    original
        The subject before any change, with the one operation and format.
    operation, format
        What is called.
    seed
        Fixes the cases.
    references
        Exact results, shared with other pools.
    """

    def __init__(
        self, original: Implementation, operation: str, format: str, seed: int, references: ReferenceCache
    ) -> None:
        self.operation, self.references = operation, references
        self.terms = original.contract.terms(operation, format)
        self.cases = cases(operation, format, self.terms, seed)
        self._original = original
        self.both_fail: Departure | None = None
        """The first case on which the last mutant failed and the original fails too: it tells nothing of the mutant."""
        self.late: Departure | None = None
        """The first case on which the last mutant gave no result in time. Cases are large: slow is not wrong."""
        with open_executor(original) as executor:
            caller = Caller(executor)
            self.results = [_digest(reply) for _, reply in self._replies(caller)]

    def departure(self, mutant: Implementation) -> Departure | None:
        """The first case on which a mutant leaves its limit, or gives no result of the right form; None if none."""
        self.both_fail = self.late = None
        block: list[Judgement] = []
        largest = 1  # a plain defect shows in the first case that differs; what remains is judged many at once
        with open_executor(mutant) as executor:
            for number, (call, reply) in enumerate(self._replies(Caller(executor))):
                if self.results[number] is not None and _digest(reply) == self.results[number]:
                    continue
                block.append(judge(call, self.terms, reply, self.references))
                if len(block) >= largest or executor.given_up:
                    if found := self._first_failing(block):
                        return found
                    block, largest = [], min(2 * largest, _BLOCK)
                if executor.given_up:
                    return None if self.late else Departure(case=call.case, words="completes: given up")
        return self._first_failing(block)

    def _first_failing(self, block: list[Judgement]) -> Departure | None:
        """The first judgement that fails, on a case on which the original does not."""
        for judgement in blocks.evaluate(self.operation, block)[0]:
            words = _failing(judgement)
            if not words:
                continue
            found = Departure(case=judgement.case, words=words)
            if words.startswith(_LATE):
                self.late = self.late or found
            elif not self._original_fails(judgement.call):
                return found
            else:
                self.both_fail = self.both_fail or found
        return None

    def _replies(self, caller: Caller) -> Iterator[tuple[Call, Reply]]:
        for case in self.cases:
            if domain.outside_by_shape(case, self.terms):
                continue
            try:
                inputs = build(case)
            except UsageError:  # a magnitude that has no such size
                continue
            if domain.outside(inputs, self.terms):
                continue
            call = build_call(self.operation, inputs)
            yield call, caller(call)

    def _original_fails(self, call: Call) -> bool:
        with open_executor(self._original) as executor:
            reply = Caller(executor)(call)
        return bool(_failing(judge(call, self.terms, reply, self.references)))


_LATE = f"completes: {FaultKind.HANG}"


def _failing(judgement: Judgement) -> str:
    """The first check that level "stable" asks for and that fails, in words; "" if all hold."""
    for check in judgement.up_to(Level.STABLE):
        if check.failed and check.level <= Level.STABLE:
            text = check.message or f"{check.ratio:.3g} times the limit at {check.index}"
            return f"{check.property_name}: {check.cause or 'value'}, {text}"
    return f"completes: {judgement.unavailable}" if judgement.unavailable else ""


def _digest(reply: Reply) -> bytes | None:
    """What a result was, to the bit; None for a fault, a changed input or an overwritten result."""
    if reply.results is None or reply.after or any(kind == OVERWRITTEN for kind, _ in reply.observations):
        return None
    told = hashlib.blake2b(digest_size=16)
    for array in reply.results:
        told.update(f"{array.format} {array.shape} {array.strides} {array.offset} ".encode())
        told.update(array.data)
    return told.digest()
