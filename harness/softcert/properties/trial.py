"""One call of a subject, and all that is needed to judge it: input, output, truth, what is accepted where."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from softcert.cases import invalid_labels
from softcert.cases.case import Case
from softcert.cases.inputs import Inputs
from softcert.cases.option_call import optioned, prepare
from softcert.executors.protocol import Array, Executor, Reply, Request, to_numpy
from softcert.expected import option_special_values
from softcert.expected.option_reference import OptionTruth
from softcert.expected.reference import LIBRARY, Truth
from softcert.expected.special_values import Acceptance, acceptance
from softcert.properties import option_hygiene
from softcert.properties.check import Check
from softcert_implementations.contract import Terms
from softcert_oracle import operations
from softcert_oracle.decide import decisions
from softcert_oracle.decide.distance import Distance, distance
from softcert_oracle.numbers import formats

_SCALAR_FORMATS = ("python-float", "python-int")  # a scalar may be a Python number: its value is taken as it is


class Caller:
    """Calls a subject through an executor, and counts."""

    def __init__(self, executor: Executor) -> None:
        self.executor = executor
        self.calls = 0
        self.seconds = 0.0

    def __call__(self, operation: str, inputs: Inputs) -> Reply:
        """One call on these inputs. The executor gives the first one of each shape the time that a compiler needs."""
        reply = self.executor.run(to_request(operation, inputs))
        self.calls += 1
        self.seconds += reply.seconds
        return reply


def to_request(operation: str, inputs: Inputs) -> Request:
    """The request for one operation on these inputs: its arguments in the order of the table of operations."""
    if optioned(operation, inputs.case):
        return prepare(operation, inputs.case).request
    given = {"x": inputs.logits, "labels": inputs.label_array}
    arrays = tuple(given[a.name]() for a in operations.lookup(operation).arguments)
    return Request(operation, inputs.case.format, arrays)


@dataclass(frozen=True, eq=False)
class Trial:
    """An output of the right shape beside its truth. ``got``: the results, converted exactly to float64."""

    operation: str
    inputs: Inputs
    terms: Terms
    got: np.ndarray
    truth: Truth | OptionTruth

    @property
    def case(self) -> Case:
        """The recipe."""
        return self.inputs.case

    @cached_property
    def result_format(self) -> formats.Format:
        """The format in which results are judged."""
        return formats.lookup(self.terms.result_format)

    @cached_property
    def distance(self) -> Distance:
        """How far each result lies from the exact value."""
        return distance(self.got, self.truth.reference, self.result_format)

    @cached_property
    def ulps(self) -> np.ndarray:
        """Upper bounds of the errors in ulp, float64."""
        return decisions.ulp_error(self.got, self.truth.reference, self.result_format, self.distance)[1]

    def exceeds(self, level: str) -> np.ndarray:
        """Where the limit of a level is exceeded: an array of `Decision`."""
        truth = self.truth
        return decisions.exceeds(
            self.got, truth.reference, truth.limit(level).numbers, self.result_format, truth.refine, self.distance
        )

    @cached_property
    def accepted(self) -> Acceptance:
        """What special values decide."""
        if isinstance(self.truth, OptionTruth):
            return option_special_values.acceptance(self.truth, self.got)
        return acceptance(self.operation, self.truth.rows, self.truth.labels, self.truth.reference, self.terms)


def expected_shape(operation: str, m: int, C: int, reduction: str) -> tuple[int, ...]:
    """The shape of a result, from the table of operations; losses that are not reduced have one a row."""
    result = operations.lookup(operation).result
    if result == "()":
        return (m,) if reduction == "none" else ()
    return {"(m, C)": (m, C), "(m,)": (m,)}[result]


def take(operation: str, inputs: Inputs, terms: Terms, reply: Reply) -> tuple[Trial | None, list[Check]]:
    """A trial where there is an output to judge, and the checks of hygiene on the way to it."""
    if (invalid := invalid_labels.judged(operation, inputs, terms, reply)) is not None:
        return None, [invalid]
    fault = reply.fault
    if fault is not None and fault.kind == "result":
        return None, [_passed("completes"), _refused("result_format", "result", fault.message)]
    if fault is not None:
        cause = f"{fault.kind}: {fault.message.split(':')[0][:60]}" if fault.kind == "exception" else fault.kind
        return None, [_refused("completes", cause, f"{fault.kind}: {fault.message}")]
    assert reply.results is not None
    if optioned(operation, inputs.case):
        return _take_with_options(operation, inputs, terms, reply)
    result = reply.results[0]
    checks = [_passed("completes"), _unchanged(reply), _format(result, terms, operation)]
    m, C = inputs.x.shape
    wanted = expected_shape(operation, m, C, terms.reduction)
    if result.shape != wanted:
        message = f"shape {result.shape}, expected {wanted}"
        return None, [*checks, _refused("result_shape", "shape", message)]
    checks.append(_passed("result_shape"))
    got = numbers(result)
    if got is None:
        return None, checks
    return Trial(operation, inputs, terms, got, LIBRARY.truth(operation, inputs, terms)), checks


def _take_with_options(
    operation: str, inputs: Inputs, terms: Terms, reply: Reply
) -> tuple[Trial | None, list[Check]]:  # fmt: skip
    """As `take`, for a call with options: one result or several, which are judged end to end."""
    assert reply.results is not None
    truth = OptionTruth(operation, inputs, terms)
    written = option_hygiene.overwritten(truth.prepared, reply)
    unchanged = _passed("input_unchanged")
    if written:
        unchanged = _refused("input_unchanged", "overwritten", f"{', '.join(written)} was written to")
    checks = [_passed("completes"), unchanged]
    parts = []
    for result, wanted in zip(reply.results, truth.shapes, strict=True):
        checks.append(_format(result, terms, operation))
        if result.shape != wanted:
            return None, [*checks, _refused("result_shape", "shape", f"shape {result.shape}, expected {wanted}")]
        if (got := numbers(result)) is None:
            return None, checks
        parts.append(got)
    checks.append(_passed("result_shape"))
    if option_hygiene.not_in_out(truth.prepared, reply, reply.results[0]):
        checks.append(_refused("result_shape", "out", "out does not hold the result"))
    got = parts[0] if len(parts) == 1 else np.concatenate([part.reshape(-1) for part in parts])
    return Trial(operation, inputs, terms, got, truth), checks


def numbers(result: Array) -> np.ndarray | None:
    """The values as float64 (exact for every format of ours); None for what holds no real numbers."""
    if result.format in _SCALAR_FORMATS:
        return np.ndarray(result.shape, np.float64, result.data).copy()
    values = to_numpy(result)
    if result.format in formats.FORMATS or values.dtype.kind in "iufb":
        with np.errstate(invalid="ignore"):
            return np.asarray(values.astype(np.float64))
    return None


def _passed(property: str) -> Check:
    return Check(property, "sound", 1)


def _refused(property: str, cause: str, message: str) -> Check:
    return Check(property, "sound", 1, 1, ratio=float("inf"), cause=cause, message=message)


def _unchanged(reply: Reply) -> Check:
    if not reply.after:
        return _passed("input_unchanged")
    which = ", ".join(f"argument {k}" for k in sorted(reply.after))
    return _refused("input_unchanged", "overwritten", f"{which} (or the memory around it) was written to")


def _format(result: Array, terms: Terms, operation: str) -> Check:
    wanted = terms.result_format
    if result.format == wanted or (result.format in _SCALAR_FORMATS and result.shape == ()):
        return _passed("result_format")
    return _refused("result_format", f"returns {result.format}", f"format {result.format}, expected {wanted}")


def same_bits(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Where two float64 arrays are equal bit for bit, NaNs of any kind being equal."""
    return np.asarray((a == b) & (np.signbit(a) == np.signbit(b)) | (np.isnan(a) & np.isnan(b)))
