"""Judging a block: the compiled kernel first, the specification for what it leaves open."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from softcert_oracle.errors import UsageError
from softcert_oracle.judging import specification
from softcert_oracle.judging.block import Block
from softcert_oracle.judging.columns import Columns, columns
from softcert_oracle.judging.compiled.constants import constants
from softcert_oracle.judging.compiled.growth import claims
from softcert_oracle.judging.layout import DEFERRED, STATUS, Raw, empty
from softcert_oracle.limit_parameters import LimitParameters
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
        return columns(block.operation, specification.judge(block), np.arange(block.results))
    raw, open_rows = by_kernel(block)
    deferred = np.flatnonzero(raw.row_counts[:, STATUS] == DEFERRED) if open_rows else _NONE
    for case, rows in _by_case(block, deferred):
        specification.settle(block, case, rows, raw)
    return columns(block.operation, raw, deferred)


def by_kernel(block: Block) -> tuple[Raw, int]:
    """The raw arrays as far as the kernel decides them, and how many result rows it leaves: those with `DEFERRED`."""
    from softcert_oracle.judging.compiled import entry

    out = empty(block.results, block.cases)
    claim = claims.of_row(block.parameters, block.x.shape[1])
    open_rows = entry.judge(
        contract=_constants(block.operation, block.parameters),
        x=block.x,
        starts=block.starts,
        labels=block.labels,
        got=block.got,
        claim=claim,
        batches=_batches(block) if block.reduced else claim,
        reduced=block.reduced,
        out=out,
    )
    return out, open_rows


@lru_cache(maxsize=64)
def _constants(operation: str, p: LimitParameters) -> np.ndarray:
    return constants(operation, p)


def _batches(block: Block) -> np.ndarray:
    """What is claimed of the sum of each case's losses, `claims.SUM` (N,); (1,) where all have as many."""
    sizes = np.diff(block.starts)
    distinct = sorted(set(sizes.tolist()))
    made = [claims.of_batch(block.parameters, m) for m in distinct]
    return made[0] if len(made) == 1 else np.concatenate(made)[np.searchsorted(distinct, sizes)]


_NONE = np.empty(0, np.int64)


def _by_case(block: Block, results: np.ndarray) -> list[tuple[int, np.ndarray]]:
    """The cases of result rows, and the result rows of each."""
    if not len(results):
        return []
    case = results if block.reduced else np.searchsorted(block.starts, results, side="right") - 1
    return [(int(k), results[case == k]) for k in np.unique(case)]


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
    expected = {"x": np.float64, "got": np.float64, "starts": np.int64, "labels": np.int64}
    for name, dtype in expected.items():
        array = getattr(block, name)
        if array is not None and (array.dtype != dtype or not array.flags.c_contiguous):
            has = f"{name} has dtype {array.dtype} and strides {array.strides}"
            raise UsageError(f"{has}: give {np.dtype(dtype)} in C order.")
    if block.labels is not None and rows and not 0 <= block.labels.min() <= block.labels.max() < block.x.shape[1]:
        raise UsageError(f"labels={block.labels}: give class indices from 0 to {block.x.shape[1] - 1}.")
