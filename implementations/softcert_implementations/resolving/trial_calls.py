"""Trial calls: small arrays tell the array library, the axis keyword, the formats, and whether rows go one by one.

The arrays are 2 x 3 and harmless; only shapes and types of the results are looked at, never their values, so a
trial cannot excuse a wrong function. Trials run where the subject runs: under isolation, in its own process.
"""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from softcert_implementations.adapters import UnavailableError, View, adapter
from softcert_implementations.adapters.base import numpy_dtype
from softcert_implementations.adapters.calling import Outcome, call
from softcert_implementations.contract import Contract
from softcert_implementations.implementation import Implementation
from softcert_implementations.resolving.inference import Call
from softcert_oracle import operations
from softcert_oracle.numbers import formats

_X = ((0.5, -1.0, 2.0), (1.0, 0.0, -0.25))  # exact in every format down to float8
_LABELS = (2, 0)
_SHAPES = {"(m, C)": (2, 3), "(m,)": (2,), "()": ()}


@dataclass(frozen=True)
class TrialCall:
    """How a trial call went: the outcome, or what was raised."""

    outcome: Outcome | None
    error: BaseException | None = None

    @property
    def ran(self) -> bool:
        """Whether arrays came back."""
        return self.outcome is not None

    def shape(self) -> tuple[int, ...] | None:
        """The shape of the first result."""
        return self.outcome.results[0].shape if self.outcome else None


def attempt(implementation: Implementation, operation: str, format: str, rows: bool = True) -> TrialCall:
    """One call on the trial arrays; with ``rows`` False on a single row, as a function of one row takes it."""
    x = np.array(_X).astype(numpy_dtype(format))
    arguments = [View.of(x)]
    if operations.OPERATIONS[operation].takes_labels:
        label_type = implementation.contract.terms(operation, format).label_dtypes[0]
        arguments.append(View.of(np.array(_LABELS, label_type)))
    if operations.OPERATIONS[operation].takes_vectors:
        arguments.append(View.of(x))
    subject = replace_batched(implementation, rows)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return TrialCall(call(subject, operation, format, arguments))
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # noqa: BLE001 (a subject may raise anything, SystemExit included)
            return TrialCall(None, error)


def replace_batched(implementation: Implementation, batched: bool | None) -> Implementation:
    """The same implementation with another ``batched``."""
    return changed(implementation, batched=batched)


def changed(implementation: Implementation, **fields: Any) -> Implementation:
    """The same implementation with some fields changed."""
    names = ("name", "ops", "dtypes", "arrays", "batched", "contract", "description", "spec", "inferred")
    return Implementation(**{**{n: getattr(implementation, n) for n in names}, **fields})


def expected(operation: str, reduction: str = "mean") -> tuple[int, ...] | None:
    """The shape that the operation's result has on the trial arrays; None where it is not one of them."""
    if operation == "cross_entropy" and reduction == "none":
        return (2,)
    return _SHAPES.get(operations.OPERATIONS[operation].result)


def fits(trial: TrialCall, implementation: Implementation, operation: str, format: str) -> bool:
    """Whether a trial ran and gave the shape that the operation has."""
    return trial.ran and trial.shape() == expected(
        operation, implementation.contract.terms(operation, format).reduction
    )


def with_axis(
    implementation: Implementation, operation: str, candidates: tuple[str | None, ...], format: str, swap: bool
) -> tuple[Implementation, str | None, bool]:
    """The implementation with the first axis keyword that works for one operation; the keyword; whether any did."""
    function = implementation.ops[operation]
    if len(candidates) == 1:
        wrapped = _wrapped(function, candidates[0], swap)
        return changed(implementation, ops={**implementation.ops, operation: wrapped}), candidates[0], True
    runs: list[tuple[Implementation, str | None]] = []
    for axis in candidates:
        wrapped = _wrapped(function, axis, swap)
        tried = changed(implementation, ops={**implementation.ops, operation: wrapped})
        for rows in (True, False):
            trial = attempt(tried, operation, format, rows)
            if fits(trial, tried, operation, format):
                return tried, axis, True
            if trial.ran:
                runs.append((tried, axis))
    if runs:
        return (*runs[0], True)
    first = candidates[0]
    wrapped = _wrapped(function, first, swap)
    return changed(implementation, ops={**implementation.ops, operation: wrapped}), first, False


def _wrapped(function: Callable[..., Any], axis: str | None, swap: bool) -> Callable[..., Any]:
    return function if axis is None and not swap else Call(function, axis, swap)


def one_row_only(implementation: Implementation, format: str) -> bool:
    """Whether every operation takes single rows and none takes a batch, by the shapes of the results."""
    answers = set()
    for operation in implementation.ops:
        whole = attempt(implementation, operation, format)
        if fits(whole, implementation, operation, format):
            return False
        single = attempt(implementation, operation, format, rows=False)
        if not single.ran or single.shape() not in (_mapped_shape(operation), None):
            return False
        if whole.ran and whole.shape() == _mapped_shape(operation):
            return False
        answers.add(operation)
    return bool(answers)


def _mapped_shape(operation: str) -> tuple[int, ...]:
    return (2, 3) if "C" in operations.OPERATIONS[operation].result else (2,)


def working_formats(implementation: Implementation, candidates: tuple[str, ...]) -> tuple[tuple[str, ...], list[str]]:
    """Those formats in which some operation runs, with a sentence for each that is left out; all where none runs."""
    kept, notes = [], []
    for format in candidates:
        trials = [attempt(implementation, o, format, implementation.batched is not False) for o in implementation.ops]
        if any(t.ran for t in trials):
            kept.append(format)
        else:
            notes.append(f"format {format} is left out: {_said(trials[0].error)}")
    return (tuple(kept), notes) if kept else (candidates, [])


def with_gradient(implementation: Implementation, format: str) -> Implementation:
    """With the framework's first and second derivative of the loss, where there is a loss, no gradient, and they exist.

    Both take an upstream gradient, so that a backward pass which ignores it shows.
    """
    library = adapter(implementation.arrays)
    if (
        library.differentiate is None
        or "cross_entropy" not in implementation.ops
        or "cross_entropy_grad" in implementation.ops
    ):
        return implementation
    loss = implementation.ops[_LOSS]
    gradient = library.differentiate(loss)
    found = _derived(implementation, "cross_entropy_grad", gradient, format, f"differentiate {_LOSS}")
    if "cross_entropy_grad" not in found.ops:
        return found
    found = changed(found, contract=_with_option(found.contract, "cross_entropy_grad", "upstream"))
    # Half the loss, and the result doubled: so the backward pass that is differentiated has an upstream gradient too.
    half = library.differentiate(lambda x, *rest, **options: loss(x, *rest, **options) * 0.5)
    twice = library.differentiate(half)

    def second(x: Any, labels: Any, upstream: Any, **options: Any) -> Any:
        return twice(x, labels, upstream=upstream, **options) * 2

    found = _derived(found, _SECOND, second, format, f"differentiate {_LOSS} twice")
    narrow = [f for f in found.dtypes if formats.lookup(f).bits < 32]
    if _SECOND not in found.ops or not narrow:
        return found
    # What a framework composes for a second derivative rounds each step to the format.
    claims = {f"{_SECOND}/{name}": name for name in narrow}
    return changed(found, contract=_claiming(found.contract, "working_precision", claims))


_LOSS, _SECOND = "cross_entropy", "cross_entropy_hvp"


def _derived(
    implementation: Implementation, operation: str, function: Callable[..., Any], format: str, doing: str
) -> Implementation:
    """With a derived operation, where a trial call of it runs, and a sentence either way."""
    library = implementation.arrays
    tried = changed(implementation, ops={**implementation.ops, operation: function})
    trial = attempt(tried, operation, format, implementation.batched is not False)
    if trial.ran:
        note = f"{operation} by {library}'s differentiation of {_LOSS}"
        return changed(tried, inferred=(*tried.inferred, note))
    note = f"no {operation}: {library} cannot {doing} ({_said(trial.error)})"
    return changed(implementation, inferred=(*implementation.inferred, note))


def _with_option(contract: Contract, operation: str, option: str) -> Contract:
    """The contract with one more option for an operation."""
    own = contract.terms(operation, "float32").options
    return _claiming(contract, "options", {operation: tuple(dict.fromkeys((*own, option)))})


def _claiming(contract: Contract, field: str, claims: Mapping[str, Any]) -> Contract:
    """The contract with a field claimed for single operations, whatever it says of the others."""
    given = contract.given.get(field, {})
    others = given if isinstance(given, Mapping) else {"default": given}
    return contract.updated({field: {**others, **claims}})


def _said(error: BaseException | None) -> str:
    text = ""
    with contextlib.suppress(Exception):
        text = str(error).strip().split("\n")[0][:200]
    return f"{type(error).__name__}: {text}"


def library_of(build: Callable[[str], Implementation], hints: Mapping[str, str], format: str) -> tuple[str, str]:
    """The array library of a subject, and why: the first candidate in which its operations run.

    ``build`` gives the implementation as it would be in a library. Without a hint NumPy is tried first: code
    for NumPy often runs on tensors by accident, code for tensors hardly ever on NumPy arrays.
    """
    candidates = list(dict.fromkeys([*(["numpy"] if "numpy" in hints or not hints else []), *hints]))
    if not hints:
        candidates += [name for name in ("torch", "jax") if _loaded(name)]
    best, ran = candidates[0], 0
    for name in candidates:
        try:
            adapter(name).check()
        except UnavailableError:
            continue
        subject = build(name)
        count = sum(_runs(subject, operation, format) for operation in subject.ops)
        if count > ran:
            best, ran = name, count
    if not ran:
        return best, f"{hints.get(best, 'the default')}; no trial call succeeded"
    return best, hints.get(best, "a trial call succeeded")


def _runs(subject: Implementation, operation: str, format: str) -> bool:
    """Whether it takes a batch, or else a single row: code for batches is never called on one without need."""
    return attempt(subject, operation, format).ran or attempt(subject, operation, format, rows=False).ran


def _loaded(name: str) -> bool:
    import sys

    return name in sys.modules
