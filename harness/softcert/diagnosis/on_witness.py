"""A second search for findings that no model of the whole unit reproduces: every model is tried on their own witness.

A function with two defects is like neither of their models on most cases, so the search over all cases drops both. What
reproduces one finding is kept if its own failures mostly agree with the subject's; no count depends on time.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from softcert.diagnosis import candidates, pairs
from softcert.diagnosis.candidates import CandidateDefect, order
from softcert.diagnosis.probes import SMALL, Probe, spread
from softcert.diagnosis.reproduction import Agreement, Reproduction, agreement, far_off
from softcert.diagnosis.running import Stand
from softcert.diagnosis.similarity import NEAR, silently
from softcert.diagnosis.tested import Tested, stands_of, tested
from softcert_implementations.bundled import numpy_shifted

_PROBES = 40  # cases on which what reproduces a witness is tested, half of them failing
_TRIED = 80  # models that reproduce a witness, and are tested on the cases
_PAIRS = 160  # pairs of models, likewise
_PARTNERS = 6  # models that are put together with every other one
_PRECISION = 0.5  # share of a model's own failures that must agree with the subject's
_PAIR_PRECISION, _PAIR_SHARE = 0.8, 0.5  # a pair must explain more: there are many of them
_LEAST = 2  # cases that must agree: one alone may be a coincidence
_PAIR_LEAST = 5
_SCALES = "normalisation"  # factors of a batch, which hide every other defect behind them


class WitnessSearch:
    """The models of one operation, tried on the witnesses of its findings.

    Parameters
    ----------
    operation
        The operation that fails.
    probes
        Its failing and passing calls.
    options
        Whether the findings are of calls with options.
    """

    def __init__(self, operation: str, probes: Sequence[Probe], options: bool) -> None:
        self.operation = operation
        groups = candidates.by_weight(operation)
        self.models = [c for group in groups for c in group if options or c.option is None]
        self.pairs = not options and operation in numpy_shifted.IMPLEMENTATION.ops
        small = [p for p in probes if p.case.size <= SMALL]
        failing, passing = ([p for p in small if p.failing == each] for each in (True, False))
        self.failing = stands_of(spread(failing, _PROBES // 2))
        self.stands = [*self.failing, *stands_of(spread(passing, _PROBES // 2))]

    def single(self, finding: Reproduction) -> CandidateDefect | None:
        """The model that reproduces a finding and agrees with the subject elsewhere; None where none does."""
        if not self._searchable(finding):
            return None
        outputs = self._outputs(finding)
        near = [c for c, got in zip(self.models, outputs, strict=True) if self._agrees(finding, got)]
        return self._best(finding, near[:_TRIED], _PRECISION, _LEAST, 0.0)

    def pair(self, finding: Reproduction, partners: Iterable[CandidateDefect]) -> CandidateDefect | None:
        """Two models that reproduce a finding together, one of them a partner; None where no two do."""
        if not self.pairs or not self._searchable(finding):
            return None
        # What reproduces the finding by itself was turned down before: in a pair it would be the only one that acts.
        outputs = [None if self._agrees(finding, got) else got for got in self._outputs(finding)]
        known = dict(zip(self.models, outputs, strict=True))
        first = [c for c in dict.fromkeys(partners) if c not in known or known[c] is not None][:_PARTNERS]
        scales = [c for c in self.models if c.family == _SCALES and c not in first]
        acting = [c for c, got in known.items() if got is not None]
        found = [(0, p) for a in first[: _PARTNERS // 2] for p in self._of_parts(finding, a, acting)]
        for a in (*first, *scales):
            mine = known.get(a)
            if mine is not None:
                found += [(1, pairs.by_effects(a, b)) for b in self._of_effects(finding, mine, outputs) if b is not a]
        chosen = [p for _, p in sorted(found, key=lambda f: f[0])][:_PAIRS]
        return self._best(finding, chosen, _PAIR_PRECISION, _PAIR_LEAST, _PAIR_SHARE)

    def _searchable(self, finding: Reproduction) -> bool:
        return finding.comparable and finding.probe.case.size <= SMALL

    def _outputs(self, finding: Reproduction) -> list[np.ndarray | None]:
        stand, call = Stand(finding.probe), finding.probe.call
        with silently():
            return [stand.run(c, c.fresh()).got if c.takes(call.case) and c.admits(call) else None for c in self.models]

    def _agrees(self, finding: Reproduction, got: np.ndarray | None) -> bool:
        if got is None:
            return False
        probe, at = finding.probe, finding.finding.check.index
        return not far_off(probe, got, at) and agreement(probe, got, at) >= Agreement.SAME

    def _of_parts(
        self, finding: Reproduction, a: CandidateDefect, others: Iterable[CandidateDefect]
    ) -> list[CandidateDefect]:
        stand, out = Stand(finding.probe), []
        with silently():
            for b in others:
                both = pairs.by_parts(a, b)
                if both is not None and self._agrees(finding, stand.run(both, both.fresh()).got):
                    out.append(both)
        return out

    def _of_effects(
        self, finding: Reproduction, mine: np.ndarray, outputs: Sequence[np.ndarray | None]
    ) -> list[CandidateDefect]:
        """The models that reproduce a witness together with the one whose output is ``mine``, the nearest first."""
        there = [k for k, got in enumerate(outputs) if got is not None]
        probe = finding.probe
        assert probe.got is not None
        theirs, exact = probe.got.ravel(), probe.exact.ravel()
        with silently():
            both = pairs.joined(mine.ravel(), np.array([outputs[k].ravel() for k in there]), exact)  # type: ignore[union-attr]
            equal = (both == theirs) | (np.isnan(both) & np.isnan(theirs))
            error = np.minimum(np.abs(theirs - exact), np.abs(theirs))
            off = np.where(equal, 0.0, np.abs(both - theirs) / (probe.limit.ravel() + NEAR * error))
        off = np.nan_to_num(off, nan=np.inf).max(axis=1)
        return [self.models[there[k]] for k in np.argsort(off, kind="stable") if off[k] <= 1][:_PAIRS]

    def _best(
        self, finding: Reproduction, some: Sequence[CandidateDefect], precision: float, least: int, share: float
    ) -> CandidateDefect | None:
        """Of those that agree with the subject on enough cases, the one with the fewest contradictions."""
        scored: list[tuple[tuple[object, ...], CandidateDefect]] = []
        failing = sum(s.probe.failing for s in self.stands)
        for candidate in some:
            result = tested(candidate, self.stands)
            enough = min(least, max(failing, 1))
            if result.same < enough or result.precision(Agreement.SAME) < precision or result.same < share * failing:
                continue
            scored.append((_key(result, candidate), candidate))
        for _, candidate in sorted(scored, key=lambda s: s[0]):
            if finding.by(candidate) >= Agreement.SAME:
                return candidate
        return None


def _key(result: Tested, candidate: CandidateDefect) -> tuple[object, ...]:
    """The sort key: most of the model's failures agree, on the most cases; then as in the first search."""
    precise = result.precision(Agreement.SAME)
    return -round(precise * result.same, 0), *order((precise * candidate.weight, candidate))
