"""Running models of defects on probes, in this process: the models are ours."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from softcert.cases.call import OUT
from softcert.diagnosis.candidates import CandidateDefect
from softcert.diagnosis.probes import Probe
from softcert.executors.protocol import Array
from softcert_implementations.adapters.base import View, numpy_view
from softcert_oracle import operations

Function = Callable[..., Any]
_RIGHT_FORM: frozenset[str] = frozenset()


@dataclass(frozen=True, eq=False)
class Answer:
    """What a model does on a probe.

    Attributes
    ----------
    got
        The output, float64; None where there is none.
    failed_properties
        The properties of its form that fail.
    raised
        The name of the exception that it raised; "" for a result.
    shape, dtype
        Those of a result of the wrong form.
    """

    got: np.ndarray | None
    failed_properties: frozenset[str] = _RIGHT_FORM
    raised: str = ""
    shape: tuple[int, ...] | None = None
    dtype: str = ""


class Stand:
    """A probe made ready for many models: those that only read share its arrays.

    Parameters
    ----------
    probe
        The call that models are run on.
    """

    def __init__(self, probe: Probe) -> None:
        self.probe = probe
        self.shape = probe.exact.shape
        self.dtype = probe.call.inputs.x.dtype

    def run(self, candidate: CandidateDefect, function: Function) -> Answer:
        """Run a candidate's function; whatever it raises is what it does. Warnings are the caller's."""
        if not candidate.reads_only:
            return self.run_on_copies(function)
        arguments, keywords = self._shared
        try:
            return self._answer(self._result(function, arguments, keywords), _RIGHT_FORM)
        except Exception:  # noqa: BLE001 (it may have tried to write)
            return self.run_on_copies(function)

    def run_on_copies(self, function: Function) -> Answer:
        """Run a function that may write into its arguments: it gets copies of the arrays."""
        call = self.probe.call
        sent = call.sent
        copies = {name: bytearray(array.data) for name, array in sent.items()}
        arrays = {name: _own(array, copies[name]) for name, array in sent.items()}
        arguments = [arrays[name] for name in call.arguments]
        keywords = {**call.request.options, **{name: arrays[name] for name in call.request.keywords}}
        try:
            raw = self._result(function, arguments, keywords)
        except _FormlessError:
            return Answer(None, frozenset({"result_format"}))
        except Exception as error:  # noqa: BLE001 (whatever a model raises is what it does)
            return Answer(None, frozenset({"completes"}), raised=type(error).__name__)
        changed = any(copies[name] != array.data for name, array in sent.items() if name != OUT)
        return self._answer(raw, frozenset({"input_unchanged"}) if changed else _RIGHT_FORM)

    def _answer(self, raw: np.ndarray, failed: frozenset[str]) -> Answer:
        if raw.shape != self.shape:
            return Answer(None, failed | {"result_shape"}, shape=raw.shape, dtype=raw.dtype.name)
        if raw.dtype != self.dtype and raw.shape:
            failed = failed | {"result_format"}
        got = raw.astype(np.float64)  # a copy: it may be an argument
        return Answer(got if self._scale == 1.0 else got * self._scale, failed, shape=raw.shape, dtype=raw.dtype.name)

    @cached_property
    def _shared(self) -> tuple[list[np.ndarray], dict[str, Any]]:
        call = self.probe.call
        arrays = {name: _own(array, bytearray(array.data)) for name, array in call.sent.items()}
        for array in arrays.values():
            array.flags.writeable = False
        keywords = {**call.request.options, **{name: arrays[name] for name in call.request.keywords}}
        return [arrays[name] for name in call.arguments], keywords

    def _result(self, function: Function, arguments: list[np.ndarray], keywords: dict[str, Any]) -> np.ndarray:
        """The model's result; losses row by row where the subject does not reduce them: a model gives their mean."""
        if not self._by_row:
            return _array(function(*arguments, **keywords))
        rows = range(len(self.probe.exact))
        return np.stack([_array(function(*[a[i : i + 1] for a in arguments], **keywords)) for i in rows])

    @cached_property
    def _given(self) -> set[str]:
        request = self.probe.call.request
        return {*request.options, *request.keywords}

    @cached_property
    def _losses(self) -> bool:
        return self.probe.call.operation == "cross_entropy" and self.probe.reduction == "none"

    @cached_property
    def _by_row(self) -> bool:
        return self._losses and "reduction" not in self._given and self.probe.exact.size > 0

    @cached_property
    def _scale(self) -> float:
        """m where the subject's loss is not divided by m, as a model's is; the call scales an upstream gradient."""
        operation = operations.lookup(self.probe.call.operation)
        divided = operation.takes_labels and not self._given & {"reduction", "upstream"}
        scaled = divided and self.probe.reduction != "mean" and not self._losses
        return float(max(self.probe.case.rows_count, 1)) if scaled else 1.0


class _FormlessError(Exception):
    """A model returned something that is no array of numbers."""


def _array(result: Any) -> np.ndarray:
    """A result as an array; a tuple or text that a model returns is no exception of its own."""
    if isinstance(result, tuple | str | dict) or result is None:
        raise _FormlessError
    try:
        return np.asarray(result)
    except (TypeError, ValueError):
        raise _FormlessError from None


def _own(array: Array, data: bytearray) -> np.ndarray:
    """An array as it travels, over a private copy of its memory."""
    view = View(
        data=data,
        format=array.format,
        shape=array.shape,
        strides=array.strides,
        offset=array.offset,
        writeable=array.writeable,
    )
    return numpy_view(view)
