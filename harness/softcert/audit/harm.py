"""How harmful a wrong implementation is: its largest error where it may be called, beside the exact result."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

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


def harms(entry: Entry) -> tuple[Harm, Harm]:
    """The harm of an implementation on ordinary logits alone, and on all inputs."""
    candidate = Candidate(entry)
    ordinary = worst = Harm(relative=0.0)
    for arguments, exact, is_ordinary in _inputs(entry.operation, entry.format):
        worst = max(worst, Harm(relative=_error(candidate, arguments, exact), shape=arguments[0].shape))
        if is_ordinary:
            ordinary = worst
    return ordinary, worst


@lru_cache(maxsize=4)
def _inputs(operation: str, format: str) -> list[tuple[Arguments, np.ndarray, bool]]:
    """Arguments with their exact results, ordinary ones first."""
    ordinary = [draw(law, format, 4, 1000, seed).arguments(operation) for law, seed in (("normal", 0), ("uniform", 1))]
    both = [*((given, True) for given in ordinary), *((given, False) for given in inputs(operation, format))]
    return [(given, _exact(operation, format, given), is_ordinary) for given, is_ordinary in both]


def _exact(operation: str, format: str, arguments: Arguments) -> np.ndarray:
    labels = arguments[1] if len(arguments) == 2 else np.zeros(len(arguments[0]), np.int64)
    parameters = Contract().terms(operation, format).limit_parameters
    given = Draw(x=arguments[0], labels=labels)
    return Sample(operation=operation, draw=given, parameters=parameters, level="stable").exact


def _error(candidate: Candidate, arguments: Arguments, exact: np.ndarray) -> float:
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
