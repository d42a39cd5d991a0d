"""Similarity: how far a model of a defect makes the errors of a subject, and no others.

A model is similar to the subject when it fails on the same cases, in the same elements, in the same way, and is right
where the subject is right.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from softcert.cases.call import OUT
from softcert.cases.case import Case
from softcert.diagnosis.probes import Probe
from softcert.executors.protocol import Array
from softcert_implementations.adapters.base import View, numpy_view
from softcert_implementations.bundled import numpy_shifted
from softcert_oracle import operations

_NEAR = 0.02  # two wrong values are the same error when they differ by this share of their errors
_MOSTLY = 0.75  # share of wrong values that must equal the median; clamps have two ends, and limits hide small errors
_SAME_PLATEAU = 0.9  # credit where both give one number wherever they are wrong: another clamp, the same mistake
_SAME_KIND = 0.35  # least credit for a wrong value of the same kind and direction; more as its size comes near
_SAME_NOISE = 0.7  # most credit for errors of the same size without a direction: rounding to fewer bits


@dataclass(frozen=True, eq=False, kw_only=True)
class CandidateDefect:
    """A model that may explain a subject.

    Attributes
    ----------
    name, family, operation, behaves, trigger, remedy, reference
        What is said of it, as in the gallery.
    fresh
        Makes its function.
    option
        The option that it models, or None.
    weight
        Below 1 for an explanation that is a step further away.
    kind
        Shared by candidates that differ in a constant only.
    near
        Candidates of the same kind with constants around its own.
    """

    name: str
    family: str
    operation: str
    fresh: Callable[[], Callable[..., Any]]
    behaves: str
    trigger: str = ""
    remedy: str = ""
    reference: str = ""
    option: str | None = None
    weight: float = 1.0
    kind: str = ""
    near: Callable[[], Iterable[CandidateDefect]] = tuple

    def takes(self, case: Case) -> bool:
        """Whether it takes the options of a case: a model of an option takes that one."""
        given = {name for name, _ in case.options if name in operations.lookup(self.operation).options}
        return given <= {self.option}


@dataclass(frozen=True, eq=False)
class Answer:
    """The output of a model on a probe, or None, and the properties of its form that fail."""

    probe: Probe
    got: np.ndarray | None
    failed_properties: frozenset[str]

    @cached_property
    def wrong(self) -> np.ndarray:
        """Which elements are wrong; none where there is no output."""
        return np.zeros(self.probe.exact.shape, bool) if self.got is None else self.probe.wrong(self.got)

    @property
    def failing(self) -> bool:
        """Whether the model goes wrong on this probe."""
        return bool(self.failed_properties) or bool(self.wrong.any())


def similarity(candidate: CandidateDefect, probes: list[Probe], textbook: Textbook, least: float = 0.0) -> float:
    """How similar a candidate is to the subject, between 0 and 1, over the probes whose call it takes.

    Parameters
    ----------
    candidate
        The model.
    probes
        Calls with what the subject gave.
    textbook
        The textbook algorithm's answers on the same probes.
    least
        The result is 0 as soon as the similarity cannot reach this.
    """
    function = candidate.fresh()
    ahead = sum(p.failing for p in probes)
    counted, shared = 0, 0.0
    both: list[Answer] = []
    for probe in probes:
        ahead -= probe.failing
        if not candidate.takes(probe.case):
            continue
        answer = run_model(function, probe)
        counted += probe.failing or answer.failing
        if probe.failing and answer.failing and not textbook.gives(answer):
            both.append(answer)
            shared += _similarity(answer, _SAME_PLATEAU)
        if counted and (shared + ahead) / (counted + ahead) < least:
            return 0.0
    credit = _SAME_PLATEAU if _plateau(both) else _SAME_KIND
    return sum(_similarity(a, credit) for a in both) / counted if counted else 0.0


class Textbook:
    """The textbook algorithm's answers on the probes of one diagnosis: what it gets wrong too explains no model."""

    def __init__(self) -> None:
        self._answers: dict[Probe, np.ndarray | None] = {}

    def gives(self, answer: Answer) -> bool:
        """Whether the textbook algorithm gives the very same: then the error is not the model's."""
        if answer.failed_properties or answer.got is None or answer.probe.call.has_options:
            return False
        mine = self._answer(answer.probe)
        return mine is not None and np.array_equal(mine, answer.got, equal_nan=True)

    def _answer(self, probe: Probe) -> np.ndarray | None:
        if probe not in self._answers:
            plain = numpy_shifted.IMPLEMENTATION.ops.get(probe.call.operation)
            self._answers[probe] = None if plain is None else run_model(plain, probe).got
        return self._answers[probe]


def _plateau(both: list[Answer]) -> bool:
    """Whether subject and model each give one number, not the same, wherever they are wrong: a clamp, a floor."""
    pairs = [
        (a.probe.got[a.probe.wrong_there], a.got[a.wrong])
        for a in both
        if a.probe.got is not None and a.got is not None
    ]
    return len(pairs) > 2 and all(_one_number(np.concatenate(side)) for side in zip(*pairs, strict=True))


def _one_number(values: np.ndarray) -> bool:
    finite = values[np.isfinite(values)]
    if finite.size < 3:
        return False
    middle = np.median(finite)
    return bool(np.mean(np.abs(finite - middle) <= _NEAR * abs(middle)) > _MOSTLY)


def _similarity(answer: Answer, credit: float) -> float:
    probe = answer.probe
    if probe.failed_properties or answer.failed_properties:
        return 1.0 if probe.failed_properties == answer.failed_properties else 0.0
    if answer.got is None or probe.got is None:
        return 0.0
    either = answer.wrong | probe.wrong_there
    a, b, t = answer.got[either], probe.got[either], probe.exact[either]
    with np.errstate(all="ignore"):
        ours, theirs = np.abs(a - t), np.abs(b - t)
        equal = (a == b) | (np.isnan(a) & np.isnan(b))
        near = np.isfinite(a - b) & (np.abs(a - b) <= _NEAR * np.maximum(ours, theirs))
        kind = (np.isfinite(a) == np.isfinite(b)) & (np.isnan(a) == np.isnan(b)) & (np.sign(a - t) == np.sign(b - t))
        small, large = np.minimum(ours, theirs), np.maximum(ours, theirs)
        sized = np.where(np.isfinite(large) & (large > 0), small / large, 0.0)
        noise = _noise(a - t, b - t)
    alike = np.maximum(credit, 0.9 * np.where(np.isnan(sized), 0.0, sized))
    each = np.where(equal | near, 1.0, np.where(kind, alike, 0.0))
    return max(float(np.mean(each)), noise)


def _noise(ours: np.ndarray, theirs: np.ndarray) -> float:
    """Credit for errors of one size without a direction, as rounding to fewer bits makes them."""
    if ours.size < 4 or not (np.isfinite(ours).all() and np.isfinite(theirs).all()):
        return 0.0
    mixed = [min(np.mean(e > 0), np.mean(e < 0)) for e in (ours, theirs)]
    sizes = [float(np.sqrt(np.mean(e * e))) for e in (ours, theirs)]
    return _SAME_NOISE * min(sizes) / max(sizes) if min(mixed) > 0.2 and max(sizes) > 0 else 0.0


def run_model(function: Callable[..., Any], probe: Probe) -> Answer:
    """Run a model on a probe, in this process: the models are ours. It gets copies of the arrays."""
    call = probe.call
    sent = call.sent
    copies = {name: bytearray(array.data) for name, array in sent.items()}
    arrays = {name: _own(array, copies[name]) for name, array in sent.items()}
    arguments = [arrays[name] for name in call.arguments]
    keywords = {**call.request.options, **{name: arrays[name] for name in call.request.keywords}}
    try:
        raw = _result(function, probe, arguments, keywords)
    except Exception:  # noqa: BLE001 (whatever a model raises is what it does)
        return Answer(probe, None, frozenset({"completes"}))
    changed = any(copies[name] != array.data for name, array in sent.items() if name != OUT)
    failed = {"input_unchanged"} if changed else set()
    if raw.shape != probe.exact.shape:
        return Answer(probe, None, frozenset({*failed, "result_shape"}))
    if raw.dtype != call.inputs.x.dtype and raw.shape:
        failed.add("result_format")
    with np.errstate(invalid="ignore"):
        return Answer(probe, raw.astype(np.float64) * _scale(probe, keywords), frozenset(failed))


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


def _result(function: Callable[..., Any], probe: Probe, arguments: list[Any], keywords: dict[str, Any]) -> np.ndarray:
    """The model's result; its losses row by row where the subject does not reduce them: a model gives their mean."""
    by_row = probe.call.operation == "cross_entropy" and probe.reduction == "none" and "reduction" not in keywords
    if not by_row or not probe.exact.size:
        return _silently(function, arguments, keywords)
    rows = range(len(probe.exact))
    return np.stack([_silently(function, [a[i : i + 1] for a in arguments], keywords) for i in rows])


def _scale(probe: Probe, keywords: dict[str, Any]) -> float:
    """m where the subject's loss is not divided by m, as a model's is; an upstream gradient is scaled by the call."""
    operation = probe.call.operation
    divided = operations.lookup(operation).takes_labels and not keywords.keys() & {"reduction", "upstream"}
    losses = operation == "cross_entropy" and probe.reduction == "none"
    return float(max(probe.case.rows_count, 1)) if divided and probe.reduction != "mean" and not losses else 1.0


def _silently(function: Callable[..., Any], arguments: list[Any], keywords: dict[str, Any]) -> np.ndarray:
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        return np.array(function(*arguments, **keywords))  # a copy: it may be an argument
