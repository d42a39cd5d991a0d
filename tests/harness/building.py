"""What the harness's tests build by hand: calls, replies, judged calls and sessions, without any executor's process."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import numpy as np

from softcert.cases.call import Call, build_call
from softcert.cases.case import Case
from softcert.cases.inputs import build, explicit
from softcert.engine.caller import Caller
from softcert.engine.judge import Judgement, judge
from softcert.engine.session import Session
from softcert.engine.tally import RunTally
from softcert.executors.protocol import Array, Fault, FaultKind, Reply, Request, to_numpy
from softcert.expected.reference import ReferenceCache
from softcert.properties.judged_call import JudgedCall
from softcert_implementations.contract import Contract, ResolvedContract

REFERENCES = ReferenceCache()
"""Exact results that all tests of one process share."""


def terms(operation: str = "softmax", format: str = "float32", **claims: Any) -> ResolvedContract:
    """The contract with these claims, for one operation and format."""
    return Contract(claims).terms(operation, format)


def rows_case(rows: object, labels: object = None, format: str = "float32", **fields: Any) -> Case:
    """A case whose logits are written out; ``rows`` (m, C)."""
    x = np.array(rows, dtype=np.float64)
    case = explicit(Case.of("ordinary", *x.shape, format), x, None if labels is None else np.array(labels))
    return case.with_(**fields) if fields else case


def call_of(operation: str, rows: object, labels: object = None, format: str = "float32") -> Call:
    """A call on logits that are written out."""
    given = [0] * len(np.array(rows)) if labels is None else labels
    return build_call(operation, build(rows_case(rows, given, format)))


def reply_of(result: object, format: str = "float32", **fields: Any) -> Reply:
    """A reply with one result."""
    return Reply(results=(Array.of(np.asarray(result, dtype=format)),), **fields)


def fault_reply(kind: FaultKind, message: str = "it failed") -> Reply:
    """A reply with a fault in the place of a result."""
    return Reply(fault=Fault(kind, message))


def exact_of(call: Call, **claims: Any) -> np.ndarray:
    """The exact result of a call, rounded to float64."""
    contract = terms(call.operation, call.case.format, **claims)
    return REFERENCES.of(call, contract).exact.to_float()


def judged(call: Call, got: object, **claims: Any) -> JudgedCall:
    """A call with an output."""
    contract = terms(call.operation, call.case.format, **claims)
    expected = REFERENCES.of(call, contract)
    return JudgedCall(call=call, terms=contract, got=np.asarray(got, dtype=np.float64), expected=expected)


def judgement_of(call: Call, got: object, **claims: Any) -> Judgement:
    """The judgement of a result in the format of the call."""
    contract = terms(call.operation, call.case.format, **claims)
    return judge(call, contract, reply_of(got, call.case.format), REFERENCES)


class FakeExecutor:
    """Calls functions in this process; what a function returns may be a `Reply` already."""

    def __init__(self, functions: Mapping[str, Callable[..., Any]]) -> None:
        self.functions = functions
        self.requests: list[Request] = []
        self.given_up = False
        self.deaths = 0

    def run(self, request: Request) -> Reply:
        """One call."""
        self.requests.append(request)
        arrays = [np.array(to_numpy(a)) for a in request.arrays]
        with np.errstate(all="ignore"):
            result = self.functions[request.operation](*arrays)
        return result if isinstance(result, Reply) else reply_of(result, request.format)

    def run_all(self, requests: Iterable[Request]) -> Iterator[Reply]:
        """Each call when its reply is asked for."""
        return map(self.run, requests)

    def close(self) -> None:
        """Nothing to release."""

    def __enter__(self) -> FakeExecutor:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()


def session_of(function: Callable[..., Any], operation: str = "softmax", **claims: Any) -> Session:
    """A session over one function, in float32."""
    contract = terms(operation, **claims)
    return Session(
        caller=Caller(FakeExecutor({operation: function})),
        operation=operation,
        terms=contract,
        references=REFERENCES,
        partners={operation: contract},
        tally=RunTally(operation, "float32"),
    )


def softmax(x: np.ndarray) -> np.ndarray:
    """The textbook softmax."""
    e = np.exp(x - x.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)
