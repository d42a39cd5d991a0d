"""The rows of one call judged: by tables where there are some, by the block judge for all that those leave."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from softcert.expected.special_values import acceptance
from softcert_implementations.contract import ResolvedContract
from softcert_oracle.exhaustive import screen
from softcert_oracle.exhaustive.shapes import Shape
from softcert_oracle.judging import layout
from softcert_oracle.judging.block import Block
from softcert_oracle.judging.columns import Columns
from softcert_oracle.judging.judge import judge_block
from softcert_oracle.levels import Level
from softcert_oracle.reference import special_rows, truth
from softcert_reports.proofs.merge import added
from softcert_reports.proofs.record import BINS, ProofTally, Witness

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_ROWS = 8192
"""Rows that are judged at once: their tallies take a kilobyte each, and stay in the cache."""

_CATEGORIES = 4
"""Finite, -inf, +inf, NaN: what special results depend on."""


def judged(shape: Shape, terms: ResolvedContract, level: Level, low: int, got: NDArray[np.generic]) -> ProofTally:
    """The tally of the rows ``low``, ``low + 1``, ... of a shape.

    Parameters
    ----------
    shape, terms, level
        The inputs, the subject's contract, and the level that is asked for.
    low
        The number of the first row.
    got
        The results of one call, in the result's format: (m, C), (m,), or () for a loss that is reduced (one row).
    """
    results = got.reshape(1) if got.ndim == 0 else got
    m = len(results)
    right = np.zeros(m, bool)
    if screen.has_tables(shape) and got.dtype == shape_dtype(shape) and got.ndim:
        right = screen.correctly_rounded(shape, low, results)
    tally = ProofTally(
        rows=int(right.sum()),
        correctly_rounded=int(right.sum()),
        faithful=int(right.sum()),
        histogram=(int(right.sum()), *(0,) * (len(BINS) - 1)),
    )
    rest = np.flatnonzero(~right)
    if not rest.size:
        return tally
    x, labels = shape.build(low, low + m)
    with np.errstate(invalid="ignore"):
        exact, values = x[rest].astype(np.float64), results[rest].astype(np.float64)
    own = None if labels is None else labels[rest]
    special = _special(exact, own, shape.operation)
    for part, tell in ((special, _tell_special), (~special, _tell_ordinary)):
        for at in _pieces(np.flatnonzero(part)):
            piece = _Rows(low + rest[at], exact[at], None if own is None else own[at], values[at])
            tally = added(tally, tell(shape, terms, level, piece))
    return tally


def shape_dtype(shape: Shape) -> np.dtype[np.generic]:
    """The NumPy type of the format of a shape."""
    from softcert_oracle.numbers import formats

    return formats.lookup(shape.format).dtype


class _Rows:
    """Rows that are judged together: their numbers, logits (m, C), labels and results as float64."""

    def __init__(self, numbers: Ints, x: Floats, labels: Ints | None, got: Floats) -> None:
        self.numbers, self.x, self.labels, self.got = (
            numbers,
            np.ascontiguousarray(x),
            labels,
            np.ascontiguousarray(got),
        )

    def witness(self, k: int, ulp: float) -> Witness:
        """Row k as a record."""
        return Witness(
            row=int(self.numbers[k]),
            logits=tuple(v.hex() for v in self.x[k].tolist()),
            label=None if self.labels is None else int(self.labels[k]),
            result=tuple(v.hex() for v in np.atleast_1d(self.got[k]).tolist()),
            ulp=float(ulp).hex(),
        )

    @property
    def nan(self) -> NDArray[np.bool_]:
        """Rows of which some result is NaN."""
        return np.asarray(np.isnan(self.got).reshape(len(self.got), -1).any(axis=1))


def _pieces(places: Ints) -> list[Ints]:
    return [places[k : k + _ROWS] for k in range(0, len(places), _ROWS)]


def _special(x: Floats, labels: Ints | None, operation: str) -> NDArray[np.bool_]:
    """Rows without a finite maximum, and losses of a class of -inf: what the contract decides."""
    special = np.asarray(special_rows.kinds(x) != special_rows.RowKind.ORDINARY)
    if labels is not None and operation == "cross_entropy":
        special = special | np.isneginf(x[np.arange(len(x)), labels])
    return np.asarray(special)


def _tell_special(shape: Shape, terms: ResolvedContract, _: Level, rows: _Rows) -> ProofTally:
    """Results of special rows depend on the category of each logit and on the label alone."""
    category = np.where(np.isnan(rows.x), 3, np.where(rows.x == np.inf, 2, np.where(rows.x == -np.inf, 1, 0)))
    kind = category @ _CATEGORIES ** np.arange(shape.classes)
    if rows.labels is not None:
        kind = kind + rows.labels * _CATEGORIES**shape.classes
    ok = np.zeros(len(kind), bool)
    for signature in np.unique(kind).tolist():
        at = kind == signature
        ok[at] = _accepts(shape, terms, signature, rows.got[at])
    wrong = np.flatnonzero(~ok)
    return ProofTally(
        rows=len(ok),
        special=len(ok),
        special_wrong=len(wrong),
        failing=len(wrong),
        nan=int(rows.nan.sum()),
        first_failing=rows.witness(int(wrong[0]), np.inf) if wrong.size else None,
    )


def _accepts(shape: Shape, terms: ResolvedContract, signature: int, got: Floats) -> NDArray[np.bool_]:
    ok = np.zeros(got.shape, bool)
    for values in _accepted(shape, terms.limit_parameters, _Policy(terms), signature):
        ok |= (got == values) | (np.isnan(got) & np.isnan(values))
    return np.asarray(ok.reshape(len(ok), -1).all(axis=1))


class _Policy:
    """A contract as a key: its policy of special values is what acceptance reads."""

    def __init__(self, terms: ResolvedContract) -> None:
        self.terms = terms
        self._key = (terms.operation, tuple(sorted(terms.special_values.items())))

    def __hash__(self) -> int:
        return hash(self._key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Policy) and self._key == other._key


@lru_cache(maxsize=4096)
def _accepted(shape: Shape, _: object, policy: _Policy, signature: int) -> tuple[Floats, ...]:
    """What the contract accepts for a category of each logit and a label; finite logits stand as 0."""
    digits = [signature // _CATEGORIES**j % _CATEGORIES for j in range(shape.classes)]
    x = np.array([[(0.0, -np.inf, np.inf, np.nan)[k] for k in digits]])
    rows = truth.rows(x)
    labels = np.array([signature // _CATEGORIES**shape.classes]) if shape.labelled else None
    exact = truth.reference(shape.operation, rows, labels, reduction="none")
    told = acceptance(shape.operation, rows, labels, exact, policy.terms)
    return tuple(values[0] for values in told.accepted)


def _tell_ordinary(shape: Shape, terms: ResolvedContract, level: Level, rows: _Rows) -> ProofTally:
    """Rows with a finite maximum, by the block judge."""
    block = Block(
        operation=shape.operation,
        parameters=terms.limit_parameters,
        x=rows.x,
        starts=np.array([0, len(rows.x)], np.int64),
        got=rows.got,
        labels=rows.labels,
    )
    told = judge_block(block)
    counts, absent = told.raw.counts, told.raw.row_counts[:, layout.ABSENT_WRONG] > 0
    slots = [*range(level.rank + 1), layout.FINITE_SOUND, *([layout.FINITE_STABLE] * (level >= Level.STABLE))]
    failing = (counts[:, slots, layout.VIOLATED] > 0).any(axis=1) | absent
    undecided = (counts[:, slots, layout.UNDECIDED] > 0).any(axis=1) & ~failing
    correct = (told.not_nearest == 0) & ~absent & ~failing & ~undecided
    faithful = correct | (~absent & (counts[:, layout.FAITHFUL, [layout.VIOLATED, layout.UNDECIDED]] == 0).all(axis=1))
    vacuous = _vacuous(told, level) & ~correct & ~failing
    bins = np.where(correct, 0, _bins(np.where(absent, np.inf, told.ulp)))[~vacuous]
    wrong, worst = np.flatnonzero(failing), int(np.argmax(np.where(correct, 0.0, np.nan_to_num(told.ulp, nan=np.inf))))
    largest = None if correct.all() else rows.witness(worst, float(told.ulp[worst]))
    return ProofTally(
        rows=len(correct),
        nan=int(rows.nan.sum()),
        correctly_rounded=int(correct.sum()),
        faithful=int(faithful.sum()),
        failing=len(wrong),
        undecided=int(undecided.sum()),
        not_judged=int(vacuous.sum()),
        histogram=tuple(np.bincount(bins, minlength=len(BINS)).tolist()),
        largest=largest,
        first_failing=rows.witness(int(wrong[0]), float(told.ulp[wrong[0]])) if wrong.size else None,
    )


def _vacuous(told: Columns, level: Level) -> NDArray[np.bool_]:
    """Rows on which some limit of the level, or of one below it, says nothing."""
    flags = told.raw.row_counts[:, layout.VACUOUS]
    held = level if level < Level.FAITHFUL else Level.ACCURATE
    return np.asarray((flags & ((1 << (held.rank + 1)) - 1)) > 0)


def _bins(ulp: Floats) -> NDArray[np.intp]:
    """The places of errors in `BINS`."""
    finite = np.isfinite(ulp)
    power = np.ceil(np.log2(np.clip(np.where(finite, ulp, 1.0), 1.0, None))).astype(np.intp)
    return np.where(finite, np.minimum(power + 1, len(BINS) - 2), len(BINS) - 1)
