"""What a pair of tolerances tells: whether honest implementations meet it, and which wrong ones do."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from softcert.tolerances.derive import Pair, Sample
from softcert_implementations.gallery.degenerate import DEGENERATE
from softcert_implementations.gallery.exploits import EXPLOITS
from softcert_implementations.gallery.model import Defect

BELOW_ULP, VACUOUS, NARROW, SENSIBLE = "below one ulp", "vacuous", "narrower than the limit", "sensible"

_ROUNDING = 1e-9  # relative: of float64, over any row
_UNDECIDED = ("stale_memory", "previous_answer", "remembering_shapes", "nan")  # depend on calls, or never pass


@dataclass(frozen=True, kw_only=True)
class Passing:
    """A wrong implementation beside a tolerance, at its largest errors over all samples.

    Attributes
    ----------
    name, behaves
        Which, and what it does.
    of_tolerance
        Its error as a share of the tolerance: it passes at 1 or less.
    relative, ulps, limits
        Its largest error, relative to the exact value, in ulp of the result's format, and in limits.
    """

    name: str
    behaves: str
    of_tolerance: float
    relative: float
    ulps: float
    limits: float

    @property
    def passes(self) -> bool:
        """Whether the tolerance lets it through on every sample."""
        return self.of_tolerance <= 1.0

    @property
    def unseen(self) -> bool:
        """Whether it is within the derived limits too: no tolerance tells it from honest ones on these inputs."""
        return self.limits <= 1.0


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """The verdict on a pair.

    Attributes
    ----------
    pair
        The tolerances.
    kind
        `BELOW_ULP`, `VACUOUS`, `NARROW` or `SENSIBLE`; the gravest that holds.
    below_ulp, below_limit
        Shares of the numbers whose tolerance is below one ulp, and below what honest implementations may err.
    wrong
        The wrong implementations, those that pass first, the largest error first.
    """

    pair: Pair
    kind: str
    below_ulp: float
    below_limit: float
    wrong: tuple[Passing, ...]

    @property
    def passing(self) -> tuple[Passing, ...]:
        """The wrong implementations that the pair lets through."""
        return tuple(w for w in self.wrong if w.passes)

    @property
    def good(self) -> bool:
        """Whether honest implementations have a chance, and wrong ones do not."""
        return self.kind in (NARROW, SENSIBLE)


def judge(samples: Sequence[Sample], pair: Pair) -> Verdict:
    """The verdict on a pair of tolerances for the inputs of the samples."""
    exact = np.concatenate([s.exact.reshape(-1) for s in samples])
    allowed = pair.on(exact)
    below_ulp = float(np.mean(allowed < np.concatenate([s.ulp.reshape(-1) for s in samples])))
    below_limit = float(np.mean(allowed < np.concatenate([s.bound.reshape(-1) for s in samples])))
    wrong = sorted(_wrong(samples, pair), key=lambda w: (not w.passes, -w.limits if w.passes else w.of_tolerance))
    if any(w.passes for w in wrong):
        kind = VACUOUS
    elif below_ulp > 0:
        kind = BELOW_ULP
    else:
        kind = NARROW if below_limit > 0 else SENSIBLE
    return Verdict(pair=pair, kind=kind, below_ulp=below_ulp, below_limit=below_limit, wrong=tuple(wrong))


def candidates(operation: str) -> Iterator[Defect]:
    """Implementations of an operation that compute nothing, or exploit the inputs, and depend on no other call."""
    for each in (*DEGENERATE, *EXPLOITS):
        if each.operation == operation and not each.name.endswith(_UNDECIDED):
            yield each


def _wrong(samples: Sequence[Sample], pair: Pair) -> Iterator[Passing]:
    for model in candidates(samples[0].operation):
        if not any(_is_another_function(model, s) for s in samples):
            continue
        found = [_beside(model, s, pair) for s in samples]
        worst = np.max(np.array(found), axis=0)
        yield Passing(
            name=model.name,
            behaves=model.behaves,
            of_tolerance=float(worst[0]),
            relative=float(worst[1]),
            ulps=float(worst[2]),
            limits=float(worst[3]),
        )


def _beside(model: Defect, sample: Sample, pair: Pair) -> tuple[float, float, float, float]:
    """A model's largest error: as a share of the tolerance, relative, in ulp, and in limits."""
    got, exact = _result(model, sample, sample.draw.x), sample.exact
    with np.errstate(divide="ignore", invalid="ignore"):
        error = np.abs(got - exact)
        shares = [error / by for by in (pair.on(exact), np.abs(exact), sample.ulp, sample.bound)]
    return tuple(float(np.max(np.where(error == 0, 0.0, np.nan_to_num(s, nan=np.inf)))) for s in shares)  # type: ignore[return-value]


def _is_another_function(model: Defect, sample: Sample) -> bool:
    """Whether a model computed in float64 is off by more than rounding: rounded to a narrow format it may be right."""
    got, exact = _result(model, sample, sample.draw.x.astype(np.float64)), sample.exact
    near = np.abs(got - exact) <= _ROUNDING * (np.abs(exact) + np.max(np.abs(exact), initial=0.0))
    return not bool(np.all(near | (got == exact)))


def _result(model: Defect, sample: Sample, x: np.ndarray) -> np.ndarray:
    """A model's result as float64; for "sum" and "none" row by row, since a model gives the mean."""
    function, labels = model.fresh(), sample.labels
    if labels is None:
        return np.asarray(function(x.copy()), np.float64)
    if sample.parameters.reduction == "mean":
        return np.asarray(function(x.copy(), labels.copy()), np.float64)
    parts = [np.asarray(function(x[i : i + 1].copy(), labels[i : i + 1].copy()), np.float64) for i in range(len(x))]
    if sample.operation == "cross_entropy_grad":
        return np.concatenate(parts)
    losses = np.array([float(p) for p in parts])
    return np.asarray(losses.sum()) if sample.parameters.reduction == "sum" else losses
