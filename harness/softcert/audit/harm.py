"""How harmful a wrong implementation is: its largest error where it may be called, beside the exact result."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from softcert.audit.candidates import Candidate, Entry
from softcert.audit.mending import Arguments, inputs
from softcert.tolerances.derive import Sample
from softcert.tolerances.inputs import Draw, draw
from softcert_implementations.contract import Contract


@dataclass(frozen=True, order=True, kw_only=True)
class Harm:
    """The largest error of an implementation over ordinary and mending inputs.

    Attributes
    ----------
    relative
        abs(got - exact) over the largest exact number of the call; infinite where a number is due and none is given,
        or where it raises.
    shape
        The shape of the logits there.
    """

    relative: float
    shape: tuple[int, ...] = ()


def harm(entry: Entry, *, ordinary: bool = False) -> Harm:
    """The harm of an implementation, on all inputs or on ordinary ones alone."""
    candidate = Candidate(entry)
    worst = Harm(relative=0.0)
    for arguments in _ordinary(entry) if ordinary else _inputs(entry):
        worst = max(worst, Harm(relative=_error(candidate, entry, arguments), shape=arguments[0].shape))
    return worst


def _ordinary(entry: Entry) -> Iterable[Arguments]:
    for law, seed in (("normal", 0), ("uniform", 1)):
        yield draw(law, entry.format, 4, 1000, seed).arguments(entry.operation)


def _inputs(entry: Entry) -> Iterable[Arguments]:
    yield from _ordinary(entry)
    yield from inputs(entry.operation, entry.format)


def _error(candidate: Candidate, entry: Entry, arguments: Arguments) -> float:
    labels = arguments[1] if len(arguments) == 2 else np.zeros(len(arguments[0]), np.int64)
    parameters = Contract().terms(entry.operation, entry.format).limit_parameters
    given = Draw(x=arguments[0].copy(), labels=labels.copy())
    exact = Sample(operation=entry.operation, draw=given, parameters=parameters, level="stable").exact
    try:
        with np.errstate(all="ignore"):
            got = np.asarray(candidate(*(a.copy(order="K") for a in arguments)), np.float64)
    except Exception:  # noqa: BLE001 (whatever it raises, there is no number)
        return float("inf")
    if got.shape != exact.shape:
        return float("inf")
    known = np.isfinite(exact)
    if not known.any():
        return 0.0
    with np.errstate(invalid="ignore", over="ignore"):
        error = np.max(np.nan_to_num(np.abs(got - exact)[known], nan=np.inf))
    return float(error / max(np.max(np.abs(exact[known])), np.finfo(np.float64).tiny))
