"""Similarity: how far a model of a defect makes the errors of a subject, and no others.

A model is similar to the subject when it fails on the same cases, in the same elements, in the same way, and is right
where the subject is right. Many models are compared at once: their outputs on a few probes, end to end, are the rows of
one matrix.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from softcert.diagnosis.candidates import CandidateDefect
from softcert.diagnosis.probes import Probe
from softcert.diagnosis.running import Function, Stand
from softcert_implementations.bundled import numpy_shifted

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Places = Sequence[int] | NDArray[np.intp]

NEAR = 0.02  # two wrong values are the same error when they differ by this share of their errors
SAME_PLATEAU = 0.9  # credit where both give one number wherever they are wrong: another clamp, the same mistake
SAME_KIND = 0.35  # least credit for a wrong value of the same kind and direction; more as its size comes near
_SAME_NOISE = 0.7  # most credit for errors of the same size without a direction: rounding to fewer bits
_ONE_DIRECTION = 0.2  # smallest share of the errors that must point the other way in what counts as noise


@dataclass(frozen=True, eq=False, kw_only=True)
class Ratings:
    """How K models did on P probes.

    Attributes
    ----------
    failing
        (K, P): whether the model goes wrong there.
    both
        (K, P): whether the subject does too, and the textbook algorithm does not give the very same.
    least, most
        (K, P): the similarity of the errors, 0 to 1, with the credit for values of the same kind, and of one plateau.
    outputs, wrong
        (K, E): the outputs end to end, NaN where there are none, and which of their elements are wrong.
    """

    failing: Flags
    both: Flags
    least: Floats
    most: Floats
    outputs: Floats
    wrong: Flags

    def only(self, places: Places) -> Ratings:
        """Those of some of the models."""
        each = {name: getattr(self, name)[places] for name in self.__dataclass_fields__}
        return Ratings(**each)


class Sheet:
    """Probes side by side, with what models are compared with.

    Parameters
    ----------
    probes
        Calls with what the subject gave; small ones, or one large one.
    """

    def __init__(self, probes: Sequence[Probe]) -> None:
        self.probes = tuple(probes)
        self.stands = [Stand(p) for p in probes]
        sizes = np.array([p.exact.size for p in probes], np.int64)
        self.starts = np.concatenate([[0], np.cumsum(sizes)])
        self.failing = np.array([p.failing for p in probes], bool)
        self.malformed = np.array([bool(p.failed_properties) for p in probes], bool)
        self.comparable = np.array([p.got is not None for p in probes], bool) & (sizes > 0) & ~self.malformed
        self.exact = _end_to_end([p.exact for p in probes])
        self.got = _end_to_end([np.full(p.exact.shape, np.nan) if p.got is None else p.got for p in probes])
        self.wrong_there = _end_to_end([p.wrong_there for p in probes]).astype(bool)
        self._known_textbook: Floats | None = None

    def rate(self, candidates: Sequence[CandidateDefect], functions: Sequence[Function]) -> Ratings:
        """Run the functions of K candidates on the probes, and compare their outputs with the subject's."""
        shape = (len(candidates), len(self.probes))
        outputs = np.full((len(candidates), self.starts[-1]), np.nan)
        present, formless, alike = np.zeros(shape, bool), np.zeros(shape, bool), np.zeros(shape, bool)
        for k, (candidate, function) in enumerate(zip(candidates, functions, strict=True)):
            for at, stand in enumerate(self.stands):
                answer = stand.run(candidate, function)
                if answer.got is not None:
                    outputs[k, self.starts[at] : self.starts[at + 1]] = answer.got.ravel()
                    present[k, at] = True
                if answer.failed_properties:
                    formless[k, at] = True
                    alike[k, at] = answer.failed_properties == stand.probe.failed_properties
        return self._ratings(outputs, present, formless, alike)

    def _ratings(self, outputs: Floats, present: Flags, formless: Flags, alike: Flags) -> Ratings:
        wrong = self._wrong(outputs)
        for at in np.flatnonzero(~present.all(axis=0)):
            wrong[~present[:, at], self.starts[at] : self.starts[at + 1]] = False
        failing = formless | self._any(wrong)
        both = failing & self.failing
        both &= formless | ~present | ~self._same_as_textbook(outputs)
        least, most = alike.astype(np.float64), alike.astype(np.float64)
        values = both & present & ~formless & self.comparable
        rows, columns = np.flatnonzero(values.any(axis=1)), np.flatnonzero(values.any(axis=0))
        if rows.size and columns.size:
            here = np.ix_(rows, columns)
            low, high = self._similar(outputs[rows], wrong[rows])
            least[here] = np.where(values[here], low[:, columns], least[here])
            most[here] = np.where(values[here], high[:, columns], most[here])
        return Ratings(failing=failing, both=both, least=least, most=most, outputs=outputs, wrong=wrong)

    def _wrong(self, outputs: Floats) -> Flags:
        """Which elements are wrong; see `Probe.wrong`."""
        wrong = np.empty(outputs.shape, bool)
        for probe, start, stop in zip(self.probes, self.starts[:-1], self.starts[1:], strict=True):
            got = outputs[:, start:stop].reshape(len(outputs), *probe.exact.shape)
            wrong[:, start:stop] = probe.wrong(got).reshape(len(outputs), stop - start)
        return wrong

    def _similar(self, outputs: Floats, wrong: Flags) -> tuple[Floats, ...]:
        """The similarity (K, P) of errors, with the least credit for values of one kind, and with the most."""
        either = wrong | self.wrong_there
        counts = np.maximum(self._sum(either), 1)
        a, b, t = outputs, self.got, self.exact
        ours, theirs = a - t, b - t
        sizes, their_sizes = np.abs(ours), np.abs(theirs)
        small, large = np.minimum(sizes, their_sizes), np.maximum(sizes, their_sizes)
        same = (a == b) | (np.isnan(a) & np.isnan(b)) | (np.isfinite(a - b) & (np.abs(a - b) <= NEAR * large))
        kind = (np.isfinite(a) == np.isfinite(b)) & (np.isnan(a) == np.isnan(b)) & (np.sign(ours) == np.sign(theirs))
        sized = 0.9 * np.nan_to_num(np.where(np.isfinite(large) & (large > 0), small / large, 0.0), nan=0.0)
        noise = self._noise(ours, theirs, either)
        least, most = (
            np.where(same, 1.0, np.where(kind, np.maximum(credit, sized), 0.0)) for credit in (SAME_KIND, SAME_PLATEAU)
        )
        return tuple(np.fmax(self._sum(np.where(either, each, 0.0)) / counts, noise) for each in (least, most))

    def _noise(self, ours: Floats, theirs: Floats, either: Flags) -> Floats:
        """Credit (K, P) for errors of one size without a direction, as rounding to fewer bits makes them."""
        counts = self._sum(either)
        finite = ~self._any(either & ~(np.isfinite(ours) & np.isfinite(theirs)))
        able = finite & (counts >= 4)
        if not able.any():
            return np.zeros(counts.shape)
        counts = np.maximum(counts, 1)
        mixed = np.ones(counts.shape)
        roots = []
        for errors in (ours, theirs):
            up, down = self._sum(either & (errors > 0)) / counts, self._sum(either & (errors < 0)) / counts
            mixed = np.minimum(mixed, np.minimum(up, down))
            roots.append(np.sqrt(self._sum(np.where(either, errors * errors, 0.0)) / counts))
        small, large = np.minimum(*roots), np.maximum(*roots)
        return np.where(able & (mixed > _ONE_DIRECTION) & (large > 0), _SAME_NOISE * small / large, 0.0)

    def _same_as_textbook(self, outputs: Floats) -> Flags:
        """Where the textbook algorithm gives the very same (K, P): then the error is not the model's."""
        if self._known_textbook is None:
            self._known_textbook = self._textbook()
        mine = self._known_textbook
        different = ~((outputs == mine) | (np.isnan(outputs) & np.isnan(mine)))
        return ~self._any(different) & self._plain

    def _textbook(self) -> Floats:
        outputs = np.full(self.starts[-1], np.nan)
        self._plain = np.zeros(len(self.probes), bool)
        for at, stand in enumerate(self.stands):
            function = numpy_shifted.IMPLEMENTATION.ops.get(stand.probe.call.operation)
            got = None if function is None or stand.probe.call.has_options else stand.run_on_copies(function).got
            if got is not None:
                outputs[self.starts[at] : self.starts[at + 1]] = got.ravel()
                self._plain[at] = True
        return outputs

    def _any(self, flags: Flags) -> Flags:
        return np.asarray(self._sum(flags) > 0)

    def _sum(self, values: NDArray[np.generic]) -> Floats:
        """Sums by probe, (K, P) or (P,)."""
        numbers = np.asarray(values, np.float64)
        starts, sizes = self.starts[:-1], np.diff(self.starts)
        if bool((sizes == 1).all()):
            return numbers
        sums = np.zeros((*numbers.shape[:-1], len(sizes)))
        filled = sizes > 0
        if filled.any():
            sums[..., filled] = np.add.reduceat(numbers, starts[filled], axis=-1)
        return sums


@contextmanager
def silently() -> Iterator[None]:
    """No warnings, of Python's or of floating point: models overflow as their subjects do."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        yield


def _end_to_end(arrays: Sequence[np.ndarray]) -> np.ndarray:
    return np.concatenate([np.ravel(a) for a in arrays]) if arrays else np.empty(0)
