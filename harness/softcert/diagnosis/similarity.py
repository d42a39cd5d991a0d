"""Likeness: how far a model of a defect shares a subject's mistakes, and makes no others.

A model is like the subject when it goes wrong on the same cases, in the same elements, in the same way, and is right
where the subject is right.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import Any

import numpy as np

from softcert.cases.case import Case
from softcert.cases.inputs import build
from softcert.cases.option_call import optioned, prepare
from softcert.diagnosis.probes import Probe
from softcert.executors.protocol import Array, to_numpy
from softcert_implementations.bundled import numpy_shifted
from softcert_oracle import operations

_NEAR = 0.02  # two wrong values are the same mistake when they differ by this share of their errors
_MOSTLY = 0.75  # a clip has a second end, and limits hide a part of it: not every wrong value lies on the plateau
_SAME_PLATEAU = 0.9  # credit where both give one number wherever they are wrong: another clip, the same mistake
_SAME_KIND = 0.35  # least credit for a wrong value of the same kind and direction; more as its size comes near
_SAME_NOISE = 0.7  # most credit for errors of the same size without a direction: rounding to fewer bits


@dataclass(frozen=True, eq=False)
class Suspect:
    """A model that may explain a subject. ``fresh`` makes its function; ``weight`` below 1: a step further away."""

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
    kind: str = ""  # shared by those that differ in a constant
    near: Callable[[], Iterable[Suspect]] = tuple  # with constants around its own

    def takes(self, case: Case) -> bool:
        """Whether it takes the options of a case: a model of an option takes that one."""
        given = {name for name, _ in case.options if name in operations.lookup(self.operation).options}
        return given <= {self.option}


@dataclass(frozen=True, eq=False)
class Answer:
    """What a model gave on a probe: an output or none, and the flags of what is wrong with its form."""

    probe: Probe
    got: np.ndarray | None
    flags: frozenset[str]

    @cached_property
    def wrong(self) -> np.ndarray:
        """Which elements are wrong; none where there is no output."""
        return np.zeros(self.probe.truth.shape, bool) if self.got is None else self.probe.wrong(self.got)

    @property
    def failing(self) -> bool:
        """Whether the model goes wrong on this probe."""
        return bool(self.flags) or bool(self.wrong.any())


def likeness(suspect: Suspect, probes: list[Probe], least: float = 0.0) -> float:
    """Between 0 and 1, over the probes whose call the model takes; 0 as soon as it cannot reach ``least``."""
    function = suspect.fresh()
    telling = sum(p.failing for p in probes)
    counted, shared = 0, 0.0
    both: list[Answer] = []
    for probe in probes:
        telling -= probe.failing
        if not suspect.takes(probe.case):
            continue
        answer = perform(suspect.operation, function, probe)
        counted += probe.failing or answer.failing
        if probe.failing and answer.failing and not _explains_nothing(suspect, answer):
            both.append(answer)
            shared += _similarity(answer, _SAME_PLATEAU)
        if counted and (shared + telling) / (counted + telling) < least:
            return 0.0
    credit = _SAME_PLATEAU if _plateau(both) else _SAME_KIND
    return sum(_similarity(a, credit) for a in both) / counted if counted else 0.0


def _plateau(both: list[Answer]) -> bool:
    """Whether subject and model each give one number, not the same, wherever they are wrong: a clip, a floor."""
    pairs = [(a.probe.got[a.probe.wrong_there], a.got[a.wrong]) for a in both
             if a.probe.got is not None and a.got is not None]  # fmt: skip
    return len(pairs) > 2 and all(_one_number(np.concatenate(side)) for side in zip(*pairs, strict=True))


def _one_number(values: np.ndarray) -> bool:
    finite = values[np.isfinite(values)]
    if finite.size < 3:
        return False
    middle = np.median(finite)
    return bool(np.mean(np.abs(finite - middle) <= _NEAR * abs(middle)) > _MOSTLY)


def _explains_nothing(suspect: Suspect, answer: Answer) -> bool:
    """Whether the textbook algorithm goes wrong there in the very same way: then it is not the model's defect."""
    if answer.flags or answer.got is None or optioned(suspect.operation, answer.probe.case):
        return False
    textbook = _textbook(suspect.operation, answer.probe)
    return textbook is not None and np.array_equal(textbook, answer.got, equal_nan=True)


@lru_cache(maxsize=256)
def _textbook(operation: str, probe: Probe) -> np.ndarray | None:
    """What the textbook algorithm gives on a probe, where it has the operation."""
    plain = numpy_shifted.IMPLEMENTATION.ops.get(operation)
    return None if plain is None else perform(operation, plain, probe).got


def _similarity(answer: Answer, credit: float) -> float:
    probe = answer.probe
    if probe.flags or answer.flags:
        return 1.0 if probe.flags == answer.flags else 0.0
    if answer.got is None or probe.got is None:
        return 0.0
    either = answer.wrong | probe.wrong_there
    a, b, t = answer.got[either], probe.got[either], probe.truth[either]
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


def perform(operation: str, function: Callable[..., Any], probe: Probe) -> Answer:
    """Run a model on a probe, here and now: the models are ours."""
    inputs = probe.inputs or build(probe.case)
    before, labels = inputs.buffer.copy(), inputs.labels.copy()
    arguments, keywords = _call(operation, probe)
    try:
        raw = _given(operation, function, probe, arguments, keywords)
    except Exception:  # noqa: BLE001 (whatever a model raises is what it does)
        return Answer(probe, None, frozenset({"completes"}))
    finally:
        changed = not (np.array_equal(before, inputs.buffer) and np.array_equal(labels, inputs.labels))
        if changed:
            inputs.buffer[...], inputs.labels[...] = before, labels
    flags = {"input_unchanged"} if changed else set()
    if raw.shape != probe.truth.shape:
        return Answer(probe, None, frozenset({*flags, "result_shape"}))
    if raw.dtype != inputs.x.dtype and raw.shape:
        flags.add("result_format")
    with np.errstate(invalid="ignore"):
        return Answer(probe, raw.astype(np.float64) * _scale(operation, probe, keywords), frozenset(flags))


def _given(
    operation: str, function: Callable[..., Any], probe: Probe, arguments: list[Any], keywords: dict[str, Any]
) -> np.ndarray:
    """The model's result; its losses row by row where the subject does not reduce them: a model gives their mean."""
    if operation != "cross_entropy" or probe.reduction != "none" or "reduction" in keywords or not probe.truth.size:
        return _silently(function, arguments, keywords)
    rows = range(len(probe.truth))
    return np.stack([_silently(function, [a[i : i + 1] for a in arguments], keywords) for i in rows])


def _scale(operation: str, probe: Probe, keywords: dict[str, Any]) -> float:
    """m where the subject's loss is not divided by m, as a model's is; an upstream gradient says itself of which."""
    divided = operations.lookup(operation).takes_labels and not keywords.keys() & {"reduction", "upstream"}
    losses = operation == "cross_entropy" and probe.reduction == "none"
    return float(max(probe.case.rows_count, 1)) if divided and probe.reduction != "mean" and not losses else 1.0


def _silently(function: Callable[..., Any], arguments: list[Any], keywords: dict[str, Any]) -> np.ndarray:
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        return np.array(function(*arguments, **keywords))  # a copy: it may be the input, which is mended afterwards


def _call(operation: str, probe: Probe) -> tuple[list[Any], dict[str, Any]]:
    """Arguments and options for a model."""
    if optioned(operation, probe.case):
        request = prepare(operation, probe.case).request
        keywords = {**request.options, **{k: _own(a) for k, a in request.keywords.items()}}
        return [_own(a) for a in request.arrays], keywords
    inputs = probe.inputs or build(probe.case)
    return [inputs.x, inputs.labels] if operation.startswith("cross_entropy") else [inputs.x], {}


def _own(array: Array) -> np.ndarray:
    """A private copy of an array as it travels, in its own layout."""
    return to_numpy(replace(array, data=bytearray(array.data)))
