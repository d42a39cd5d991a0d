"""Which model of the gallery gives the same wrong result on the same logits.

A quick look at one call, not the diagnosis of a certification: a model is named only if it goes wrong on the same
numbers and nearly all of its errors are the result's own.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass

import numpy as np

from softcert.assertions.comparison import Comparison
from softcert.diagnosis.candidates import CandidateDefect, by_weight, order
from softcert.diagnosis.similarity import NEAR, silently
from softcert_implementations.bundled import numpy_shifted
from softcert_oracle.numbers import formats

_GROUPS = 2  # the gallery's own models, and the mechanisms in the usual algorithm
_BUDGET = 20_000_000  # logits that all models see together
_LEAST = 0.9  # share of the wrong numbers that a model must give as well


@dataclass(frozen=True, kw_only=True)
class Cause:
    """A model that gives the same wrong numbers, with the sentence that says how well they agree."""

    name: str
    family: str
    behaves: str
    agrees: str
    remedy: str


@dataclass(frozen=True, eq=False, kw_only=True)
class _Sample:
    """What models are run on: some rows of the call, the result there, the exact one, and which numbers are wrong.

    ``scale`` is what a model's result is multiplied by, since its gradient is that of the mean of these rows.
    """

    arguments: tuple[np.ndarray, ...]
    options: dict[str, object]
    got: np.ndarray
    exact: np.ndarray
    limit: np.ndarray
    wrong: np.ndarray
    scale: float


def of(found: Comparison) -> Cause | None:
    """The model of the gallery that behaves like a wrong result; None where none does, or all are too slow here."""
    if found.call.terms.result_format != found.call.format or found.call.canonical.linear is not None:
        return None
    groups = by_weight(found.call.operation)[: 1 if _is_blank(found) else _GROUPS]
    models = [m for group in groups for m in group if _fits(m, found)]
    sample = _sample(found, _BUDGET // max(1, len(models)))
    if sample is None:
        return None
    with silently():
        usual = _run(numpy_shifted.IMPLEMENTATION.ops.get(found.call.operation), sample) if found.call.plain else None
        scored = [(s, m) for m in models if (s := _score(_run_model(m, sample), sample, usual)) >= _LEAST]
    if not scored:
        return None
    score, best = min(scored, key=lambda pair: order((pair[0] * pair[1].weight, pair[1])))
    count = int(np.count_nonzero(sample.wrong))
    agrees = f"It gives {score:.0%} of the {count} wrong numbers compared."
    return Cause(name=best.name, family=best.family, behaves=best.behaves, agrees=agrees, remedy=best.remedy)


def _is_blank(found: Comparison) -> bool:
    """Whether all wrong numbers are zero, or none of them is a number: many mechanisms give that, and prove little."""
    wrong = found.got[found.wrong]
    return bool(np.all(wrong == 0) or not np.any(np.isfinite(wrong)))


def _fits(model: CandidateDefect, found: Comparison) -> bool:
    given = set(found.call.options) - {"axis", "reduction"}
    if given and given != {model.option}:
        return False
    return not model.formats or found.call.format in model.formats


def _sample(found: Comparison, budget: int) -> _Sample | None:
    """The call itself where it is small, else the rows with wrong numbers; None where a row is too long."""
    call = found.call.canonical
    assert call.x is not None
    rows = np.arange(call.m)
    if call.x.size > budget:
        if call.reduced or not found.call.plain or call.classes > budget:
            return None
        wrong = found.wrong.any(axis=1) if found.wrong.ndim == 2 else found.wrong
        rows = np.flatnonzero(wrong)[: max(1, budget // call.classes)]
    dtype = formats.lookup(found.call.format).dtype
    labels = () if call.labels is None else (np.asarray(call.labels[rows], np.int64),)
    whole = call.reduced or not found.call.plain
    if not found.call.plain and int(found.call.options.get("axis", -1)) not in (-1, call.axis):
        return None
    limit = found.expected.limit(found.level if found.level != "faithful" else found.level.included[-2])
    shrunk = found.call.operation == "cross_entropy_grad" and found.call.plain
    divided = found.call.reduction == "mean"
    scale = (len(rows) / call.m if divided else float(len(rows))) if shrunk else 1.0
    if found.call.operation == "cross_entropy" and found.call.reduction == "sum":
        scale = float(call.m)
    return _Sample(
        arguments=(call.x[rows].astype(dtype), *labels),
        options={k: v for k, v in found.call.options.items() if k not in ("axis", "reduction")},
        got=found.got if whole else found.got[rows],
        exact=found.expected.exact.to_float() if whole else found.expected.exact.to_float()[rows],
        limit=limit.numbers.to_float() if whole else limit.numbers.to_float()[rows],
        wrong=found.wrong if whole else found.wrong[rows],
        scale=scale,
    )


def _run_model(model: CandidateDefect, sample: _Sample) -> np.ndarray | None:
    return _run(model.fresh(), sample)


def _run(function: object, sample: _Sample) -> np.ndarray | None:
    """A model's result as float64 of the sample's shape; None where it gives none."""
    if not callable(function):
        return None
    by_row = sample.got.ndim == 1 and len(sample.arguments) == 2
    try:
        if by_row:  # losses that are not reduced: a model gives their mean
            parts = [function(*(a[i : i + 1].copy() for a in sample.arguments)) for i in range(len(sample.got))]
            result = np.array([np.asarray(part, np.float64).reshape(()) for part in parts])
        else:
            result = np.asarray(function(*copy.deepcopy(sample.arguments), **sample.options), np.float64)
    except Exception:  # noqa: BLE001 (whatever a model raises, it gives no such result)
        return None
    return result * sample.scale if result.shape == sample.got.shape else None


def _score(made: np.ndarray | None, sample: _Sample, usual: np.ndarray | None) -> float:
    """The share of numbers wrong in either that agree; 0 where the usual algorithm gives the very same."""
    if made is None or (usual is not None and np.array_equal(made, usual, equal_nan=True)):
        return 0.0
    same = (made == sample.got) | (np.isnan(made) & np.isnan(sample.got))
    size = np.abs(sample.got - sample.exact)
    same |= np.abs(made - sample.got) <= NEAR * np.where(np.isfinite(size), size, 0.0)
    off = ~(np.abs(made - sample.exact) <= sample.limit) & ~((made == sample.exact) | np.isnan(sample.exact))
    either = sample.wrong | off
    return int(np.count_nonzero(either & same)) / max(1, int(np.count_nonzero(either)))
