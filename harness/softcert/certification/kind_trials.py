"""Kinds of inputs that a contract does not claim, tried on a few small cases when everything else is done.

A subject that raises has refused them, and nothing is said. One that answers, and answers wrongly, is an observation
with its input; no verdict depends on it. The trials of a unit end at the first call that ends the subject's process.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from softcert.cases.call import Call, build_call
from softcert.cases.case import Case
from softcert.cases.claims import input_kinds
from softcert.cases.inputs import Inputs
from softcert.engine import blocks
from softcert.engine.judge import Judgement, judge
from softcert.engine.session import Session
from softcert.executors.protocol import FaultKind, Reply, to_numpy
from softcert.findings import sentences
from softcert_implementations.contract import ResolvedContract
from softcert_oracle.levels import Level
from softcert_oracle.numbers import formats

OBSERVED = "input kind"
"""The kind of the observations."""

_ENDS = (FaultKind.CRASH, FaultKind.EXIT, FaultKind.HANG, FaultKind.MEMORY, FaultKind.PROTOCOL)
_VALUES = frozenset({"accuracy", "finite", "special_values", "result_shape", "input_unchanged"})
_KIND = "<kind>"  # in a text that several kinds may share
_SHOWN = 4  # numbers of a result


@dataclass(frozen=True)
class _Seen:
    """What a call told: why it is wrong, or "", and whether another one of the kind is worth it."""

    text: str = ""
    refused: bool = False
    ended: bool = False


def try_unclaimed(session: Session) -> None:
    """Call the subject of a session with the kinds that its contract does not claim; what is wrong is observed.

    Parameters
    ----------
    session
        A session that has run. Only its observations gain anything.
    """
    kinds_by_text: dict[str, list[str]] = {}
    for kind in input_kinds.KINDS:
        if kind in session.terms.claimed_kinds or not input_kinds.applies(kind, session.operation):
            continue
        seen = _of_kind(session, kind)
        if seen.text:
            kinds_by_text.setdefault(seen.text, []).append(kind)
        if seen.ended:
            break
    for text, kinds in kinds_by_text.items():
        session.tally.observations[OBSERVED, text.replace(_KIND, " or ".join(kinds), 1)] += 1


def _of_kind(session: Session, kind: str) -> _Seen:
    """What the first call of a kind tells that is wrong or is refused; otherwise that of the last."""
    seen = _Seen()
    for case in input_kinds.trials(kind, formats.lookup(session.terms.format)):
        inputs = session.admit(case)
        seen = _Seen() if isinstance(inputs, str) else _tried(session, inputs)
        if seen.text or seen.refused:
            break
    return seen


def _tried(session: Session, inputs: Inputs) -> _Seen:
    call = build_call(session.operation, inputs)
    reply = session.caller(call)
    if reply.fault is not None:
        if reply.fault.kind in _ENDS:
            return _Seen(f"{_given(call)}: {reply.fault.kind}: {reply.fault.message}", ended=True)
        return _Seen(refused=True)
    assert reply.results is not None
    format = reply.results[0].format
    if format not in formats.FORMATS and not format.startswith((">", "python")):
        what = "that type" if format == call.case.kind else format
        return _Seen(f"{_given(call)} gives {_got(reply)} of {what}")
    terms = _as_answered(session.terms, format)
    judged = blocks.evaluate(session.operation, [judge(call, terms, reply, session.references)])[0][0]
    wrong = next((c for c in judged.up_to(Level.STABLE) if c.failed and c.property_name in _VALUES), None)
    if wrong is None:
        return _Seen()
    if wrong.property_name in ("result_shape", "input_unchanged"):
        return _Seen(f"{_given(call)}: {wrong.message}")
    return _Seen(f"{_given(call)} gives {_got(reply)}{_of(format, inputs.case)}; exact: {_exact(judged)}")


def _as_answered(terms: ResolvedContract, format: str) -> ResolvedContract:
    """The contract by which an answer is judged that nothing was claimed of: that of the format that came."""
    own, came = formats.lookup(terms.result_format), formats.FORMATS.get(format)
    if came is None or came.precision >= own.precision:
        return terms
    return ResolvedContract(
        operation=terms.operation,
        format=came.name,
        reduction=terms.reduction,
        working_precision=came.name,
        sum_format=came.name,
        saved_format=came.name,
    )


def _given(call: Call) -> str:
    """The call in words, with its logits and what they were given as."""
    x = call.inputs.exact
    rows = x.tolist() if x.size <= 16 else sentences.row_text(x[0])
    return f"{call.operation} of {rows} given as {_KIND}, which the contract does not claim,"


def _got(reply: Reply) -> str:
    assert reply.results is not None
    values = np.asarray(to_numpy(reply.results[0])).reshape(-1)[:_SHOWN].tolist()
    return "[" + ", ".join(f"{v:.6g}" if isinstance(v, float) else f"{v}" for v in values) + "]"


def _of(format: str, case: Case) -> str:
    return "" if format == case.format else f" of {format}"


def _exact(judged: Judgement) -> str:
    assert judged.output is not None
    return sentences.row_text(judged.output.expected.exact.to_float().reshape(-1)[:_SHOWN])
