"""The smallest pair of batches in which one row has two results, where a contract promises the same bits.

The second batch becomes that one row, the first loses rows, then classes, then what its numbers have of digits. Greedy
and deterministic; the number of pairs that are tried is bounded.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from softcert.cases.case import Case, ClaimState, Layout, State
from softcert.cases.inputs import explicit, round_to
from softcert.findings.shrink import Fails, Witness
from softcert_oracle.numbers import formats

CALLS = 240
"""The most pairs of batches that are tried."""

_WRITTEN = 1 << 13  # logits of a batch up to which it is written out
_VALUES = 48  # classes up to which the numbers of the row are made rounder


class _Search:
    """The smallest pair so far, and what may still be tried.

    Parameters
    ----------
    first
        The witness to begin with.
    fails
        Calls the subject on a pair; gives the witness if the row has two results.
    """

    def __init__(self, first: Witness, fails: Fails) -> None:
        self.best, self._fails, self._left = first, fails, CALLS

    def try_(self, case: Case) -> bool:
        """Whether a case is a witness as well; then it is the best one."""
        if self._left <= 0 or case == self.best.case:
            return False
        self._left -= 1
        found = self._fails(case)
        if found is None:
            return False
        self.best = found
        return True

    @property
    def row(self) -> int:
        """The row that has two results, in the first batch."""
        index = self.best.check.index
        return index[0] if index else 0


def shrink(first: Witness, fails: Fails) -> Witness:
    """The smallest pair of batches found.

    Parameters
    ----------
    first
        A case whose state makes a second batch of some of its rows, and one of these has other bits there.
    fails
        Calls the subject on a pair. It is asked at most `CALLS` times.
    """
    search = _Search(first, fails)
    _one_row(search)
    _recipe(search)
    if _write(search):
        _fewer_rows(search)
        _fewer_classes(search)
        _rounder(search)
    return search.best


def _one_row(search: _Search) -> None:
    """A second batch that is the one row; else one that is the same rows as before."""
    case = search.best.case
    pair = case.with_(state=ClaimState.SECOND)
    if case.state != ClaimState.SECOND:
        pair = pair.with_(second_layout=case.layout)
    if search.try_(pair.with_(second=(search.row,))):
        return
    if case.state == State.REORDERED:
        search.try_(pair.with_(second=tuple(reversed(range(case.rows_count)))))
    second = search.best.case.second
    for count in (2, 4, 8, 16, 32, 64):
        near = [k for k in second if k == search.row or second.index(k) < count]
        if count < len(second) and search.try_(search.best.case.with_(second=tuple(near))):
            return


def _recipe(search: _Search) -> None:
    """Plain layouts, and a regime with fewer rows and classes, as long as the numbers follow from it."""
    for change in ({"second_layout": Layout.C}, {"layout": Layout.C}):
        search.try_(search.best.case.with_(**change))
    while search.best.case.rows is None and search.best.case.size > _WRITTEN:
        case = search.best.case
        rows = max(case.rows_count // 2, 1)
        fewer = case.with_(rows_count=rows, second=tuple(k for k in case.second if k < rows) or (rows - 1,))
        if not search.try_(fewer) and not search.try_(case.with_(classes=max(case.classes // 2, 1))):
            return


def _write(search: _Search) -> bool:
    """Whether the first batch could be written out, so that parts of it can be left out."""
    if search.best.case.rows is not None:
        return True
    inputs = search.best.inputs
    return inputs.exact.size <= _WRITTEN and search.try_(explicit(search.best.case, inputs.exact, inputs.indices))


def _fewer_rows(search: _Search) -> None:
    for keep in _less(search, axis=0):
        inputs, second = search.best.inputs, search.best.case.second
        place = {row: k for k, row in enumerate(keep)}
        if any(k not in place for k in second):
            continue
        smaller = explicit(search.best.case, inputs.exact[keep], inputs.indices[keep])
        search.try_(smaller.with_(second=tuple(place[k] for k in second)))


def _fewer_classes(search: _Search) -> None:
    for keep in _less(search, axis=1):
        inputs = search.best.inputs
        place = {column: k for k, column in enumerate(keep)}
        labels = np.array([place.get(int(v), 0) for v in inputs.indices])
        search.try_(explicit(search.best.case, inputs.exact[:, keep], labels))


def _less(search: _Search, axis: int) -> Iterator[list[int]]:
    """What is left of an axis without a part of it: halves first, then ever smaller parts, from the end on."""
    part = search.best.inputs.exact.shape[axis] // 2
    while part >= 1:
        start = search.best.inputs.exact.shape[axis] - part
        while start > -part:
            size = search.best.inputs.exact.shape[axis]
            keep = [k for k in range(size) if not start <= k < start + part]
            if keep and len(keep) < size:
                yield keep
            start -= part
        part //= 2


def _rounder(search: _Search) -> None:
    """Other rows of zeros, and rounder numbers in the row itself."""
    x, labels, row = search.best.inputs.exact, search.best.inputs.indices, search.row
    others = np.zeros_like(x)
    others[list(search.best.case.second)] = x[list(search.best.case.second)]
    others[row] = x[row]
    search.try_(explicit(search.best.case, others, labels))
    fmt = formats.lookup(search.best.case.format)
    for column in range(min(x.shape[1], _VALUES)):
        for digits in (0, 1):
            changed = search.best.inputs.exact.copy()
            value = changed[row, column]
            if not np.isfinite(value):
                break
            changed[row, column] = round_to(round(float(value), digits) + 0.0, fmt)  # and no -0
            if search.try_(explicit(search.best.case, changed, labels)):
                break
