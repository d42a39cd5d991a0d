"""The form of a reply: completed, arguments unchanged, format, shape, ``out`` written.

What passes is a `JudgedCall`, whose values the other properties look at.
"""

from __future__ import annotations

import numpy as np

from softcert.cases.call import OUT, Call
from softcert.executors.protocol import PYTHON_FLOAT, Array, Fault, Reply, to_numpy
from softcert.expected.reference import ReferenceCache
from softcert.properties import input_kinds
from softcert.properties.check import Check, passed, refused
from softcert.properties.invalid_labels import check_invalid_labels
from softcert.properties.judged_call import JudgedCall
from softcert_implementations.contract import ResolvedContract
from softcert_oracle.numbers import formats

RETURNS = "returns "
"""How the cause begins where a result has another format: "returns float64"."""

_COMPLETES, _UNCHANGED = passed("completes"), passed("input_unchanged")
_RIGHT_FORMAT, _RIGHT_SHAPE = passed("result_format"), passed("result_shape")


def check_form(
    call: Call, terms: ResolvedContract, reply: Reply, references: ReferenceCache
) -> tuple[JudgedCall | None, list[Check]]:
    """Check the form of a reply.

    Parameters
    ----------
    call, reply
        The call and what came back; arguments that were written to stand in ``reply.after``.
    terms
        The contract: result format, reduction, promises for labels out of range.
    references
        Where the exact results of the call come from.

    Returns
    -------
    The call with its output, or None where there is no output to judge, and the checks made on the way.
    """
    if (invalid := check_invalid_labels(call, terms, reply)) is not None:
        return None, [invalid]
    if reply.fault is not None:
        return None, _of_fault(reply.fault)
    assert reply.results is not None
    expected = references.of(call, terms)
    checks = [_COMPLETES, _unchanged(call, reply)]
    parts = []
    for result, shape in zip(reply.results, expected.shapes, strict=False):
        checks.append(_format(result, terms, call.case.kind))
        wanted = input_kinds.shape_of(call.case, shape)
        if result.shape != wanted:
            return None, [*checks, _wrong_shape(f"shape {result.shape}, expected {wanted}")]
        if (values := numbers(result)) is None:
            return None, checks
        parts.append(input_kinds.rounded(call.case, values, terms.result_format).reshape(shape))
    if len(reply.results) < len(expected.shapes):
        message = f"{len(reply.results)} results, expected {len(expected.shapes)}"
        return None, [*checks, _wrong_shape(message)]
    checks.append(_RIGHT_SHAPE)
    if _out_differs(call, reply):
        checks.append(refused("result_shape", cause="out", message="out does not hold the result"))
    got = parts[0] if len(parts) == 1 else np.concatenate([part.reshape(-1) for part in parts])
    return JudgedCall(call=call, terms=terms, got=got, expected=expected), checks


def numbers(result: Array) -> np.ndarray | None:
    """The values as float64 (exact for each of our formats); None for what holds no real numbers."""
    values = to_numpy(result)
    if result.format in (PYTHON_FLOAT, *formats.FORMATS) or values.dtype.kind in "iufb":
        with np.errstate(invalid="ignore"):
            return np.array(values, dtype=np.float64)
    return None


def _of_fault(fault: Fault) -> list[Check]:
    if fault.kind == "result":
        return [_COMPLETES, refused("result_format", cause="result", message=fault.message)]
    cause = f"{fault.kind}: {fault.message.split(':')[0][:60]}" if fault.kind == "exception" else str(fault.kind)
    return [refused("completes", cause=cause, message=f"{fault.kind}: {fault.message}")]


def _wrong_shape(message: str) -> Check:
    return refused("result_shape", cause="shape", message=message)


def _format(result: Array, terms: ResolvedContract, kind: str) -> Check:
    wanted = terms.result_format
    if input_kinds.right_format(kind, result.format, wanted) or result.format == PYTHON_FLOAT:
        return _RIGHT_FORMAT
    message = f"format {result.format}, expected {wanted}"
    return refused("result_format", cause=f"{RETURNS}{result.format}", message=message)


def _unchanged(call: Call, reply: Reply) -> Check:
    names = overwritten(call, reply)
    if not names:
        return _UNCHANGED
    message = f"{', '.join(names)} (or the memory around it) was written to"
    return refused("input_unchanged", cause="overwritten", message=message)


def overwritten(call: Call, reply: Reply) -> list[str]:
    """Arguments and options that were written to and may not be. Around ``out`` nothing may be written either."""
    if not reply.after:
        return []
    sent = list(call.sent.items())
    names = []
    for k in sorted(reply.after):
        name, array = sent[k]
        if name != OUT:
            names.append(name)
        elif not np.array_equal(_around(array, bytes(array.data)), _around(array, reply.after[k])):
            names.append(f"memory around {name}")
    return names


def _out_differs(call: Call, reply: Reply) -> bool:
    """Whether an ``out`` array was given and does not hold, bit for bit, what was returned."""
    if OUT not in call.request.keywords or not reply.results:
        return False
    out = call.request.keywords[OUT]
    view = _view(out, reply.after.get(list(call.sent).index(OUT), bytes(out.data)))
    returned = to_numpy(reply.results[0])
    if returned.shape != view.shape or returned.dtype != view.dtype:
        return True
    return np.ascontiguousarray(returned).tobytes() != np.ascontiguousarray(view).tobytes()


def _view(array: Array, data: bytes | bytearray) -> np.ndarray:
    return to_numpy(
        Array(data=data, format=array.format, shape=array.shape, strides=array.strides, offset=array.offset)
    )


def _around(array: Array, data: bytes) -> np.ndarray:
    """The bytes outside the view; the view's own bytes are 0."""
    buffer = bytearray(data)
    _view(array, buffer)[...] = 0
    return np.frombuffer(bytes(buffer), np.uint8)
