"""Judging a block: the compiled kernel first, the specification for what it leaves open."""

from __future__ import annotations

import numpy as np

from softcert_oracle.errors import UsageError
from softcert_oracle.judging import specification
from softcert_oracle.judging.block import Block
from softcert_oracle.judging.columns import Columns, columns
from softcert_oracle.judging.compiled.constants import constants
from softcert_oracle.judging.layout import DECIDED, DEFERRED, STATUS, Raw, empty
from softcert_oracle.limits import sums
from softcert_oracle.reference import backends


def judge_block(block: Block) -> Columns:
    """Judge the results of a block of cases at every level, with the structure of each row.

    Parameters
    ----------
    block
        Cases of one operation, contract and class count.

    Returns
    -------
    Columns
        One entry for each result row. They depend on the row alone (for a gradient of a mean also on the number of
        rows of its case, for a reduced loss on its case), never on what else stands in the block.

    Raises
    ------
    UsageError
        For arrays whose shapes do not fit together.

    Notes
    -----
    The kernel holds no lock and starts no thread: call this from several threads, each with blocks of its own. Without
    Numba (or with SOFTCERT_NO_NUMBA) everything goes the exact path.

    Examples
    --------
    >>> from softcert_oracle.limit_parameters import LimitParameters
    >>> x = np.array([[0.0, 1.0], [2.0, 2.0]])
    >>> got = np.exp(x) / np.exp(x).sum(axis=1, keepdims=True)
    >>> starts, contract = np.array([0, 1, 2]), LimitParameters(format="float64")
    >>> told = judge_block(Block(operation="softmax", parameters=contract, x=x, starts=starts, got=got))
    >>> told.checks["accuracy", "stable"].violated.tolist(), told.plain.tolist()
    ([0, 0], [2, 2])
    """
    _fitting(block)
    if backends.name() != "fast" or block.x.size == 0:
        raw = specification.judge(block)
        return columns(block.operation, raw, np.zeros(block.results, bool))
    raw = by_kernel(block)
    compiled = raw.row_counts[:, STATUS] == DECIDED
    for case, rows in _deferred(block, raw):
        specification.settle(block, case, rows, raw)
    return columns(block.operation, raw, compiled)


def by_kernel(block: Block) -> Raw:
    """The raw arrays as far as the kernel decides them; rows with status `DEFERRED` are left to the specification."""
    from softcert_oracle.judging.compiled.kernel import judge, scratch_for

    out = empty(block.results, block.cases)
    labels = block.labels if block.labels is not None else np.zeros(len(block.x), np.int64)
    got = block.got.reshape(block.results, -1)
    own, grown = growths(block)
    contract, scratch = constants(block.operation, block.parameters), scratch_for(block.x.shape[1])
    judge(
        contract=contract,
        x=block.x,
        starts=block.starts,
        labels=labels,
        got=got,
        growths=own,
        grown=grown,
        scratch=scratch,
        out=(out.rows, out.histogram),
    )
    return out


def growths(block: Block) -> tuple[np.ndarray, np.ndarray]:
    """What summation does to each row and case: (M, 3) and (N,), see `softcert_oracle.judging.compiled.kernel`."""
    p, classes = block.parameters, block.x.shape[1]
    own = np.empty((len(block.x), 3))
    own[:, 0] = sums.growth(classes, p)
    own[:, 1] = sums.growth(max(classes - 1, 1), p)
    own[:, 2] = sums.depth(classes, p.summation) + 3
    division = p.arithmetic.division if p.reduction == "mean" else 0.0
    counts, places = np.unique(np.diff(block.starts), return_inverse=True)
    grown = np.array([np.expm1(sums.batch_growth(int(m), p) + division) for m in counts.tolist()])
    return own, grown[places] if len(counts) else np.empty(0)


def _deferred(block: Block, raw: Raw) -> list[tuple[int, np.ndarray]]:
    """Cases with rows that the kernel left open, and those result rows."""
    rows = np.flatnonzero(raw.row_counts[:, STATUS] == DEFERRED)
    case = rows if block.reduced else np.searchsorted(block.starts, rows, side="right") - 1
    return [(int(k), rows[case == k]) for k in np.unique(case)]


def _fitting(block: Block) -> None:
    rows, results = len(block.x), block.results
    by_class = block.operation in ("softmax", "log_softmax", "cross_entropy_grad")
    shape = block.x.shape if by_class else (results,)
    if block.got.shape != shape:
        raise UsageError(f"got has shape {block.got.shape}: {block.operation} of these rows has {shape}.")
    if len(block.starts) < 1 or block.starts[0] != 0 or block.starts[-1] != rows or np.any(np.diff(block.starts) < 0):
        raise UsageError(f"starts={block.starts}: give rising row numbers from 0 to {rows}.")
    if block.operation.startswith("cross_entropy") and (block.labels is None or block.labels.shape != (rows,)):
        given = None if block.labels is None else block.labels.shape
        raise UsageError(f"labels have shape {given}: {block.operation} needs one class index for each of {rows} rows.")
    for name in ("x", "got"):
        array = getattr(block, name)
        if array.dtype != np.float64 or not array.flags.c_contiguous:
            raise UsageError(f"{name} has dtype {array.dtype} and strides {array.strides}: give float64 in C order.")
