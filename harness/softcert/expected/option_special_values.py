"""Special values of calls with options: what is accepted where no ordinary number is due.

Rows of the table in docs/numerics.md: "soft target 0 on -inf" is 0 unless the contract lets it be NaN; "all rows
ignored" has mean NaN unless the contract names its limit, 0; what does not count in a gradient may be 0 or NaN
where the row holds no number (0 times NaN), as it may in any framework.
"""

from __future__ import annotations

import numpy as np

from softcert.expected.special_values import KIND_NAMES, Acceptance
from softcert_implementations.contract import ResolvedContract
from softcert_oracle import operations
from softcert_oracle.numbers.enclosure import Enclosure
from softcert_oracle.options import CanonicalCall
from softcert_oracle.reference.truth import RowKind, Rows

SOFT_ZERO = "soft target 0 on -inf"
ALL_IGNORED = "all rows ignored"
_KINDS = {RowKind.ORDINARY: "", **KIND_NAMES}


def acceptance(
    call: CanonicalCall, rows: Rows, exact: Enclosure, terms: ResolvedContract, got: np.ndarray
) -> Acceptance:
    """What is accepted on the special numbers of a result.

    Parameters
    ----------
    call, rows, exact
        The call in canonical form, the rows of its shaped logits, and enclosures of its exact result.
    terms
        The contract, whose policy may name another value for a row of the table.
    got
        The subject's result as float64, in the result's shape: what a gradient may lose depends on what it shows.
    """
    limit = exact.to_float()
    first, second = limit.copy(), limit.copy()
    applies = ~np.isfinite(limit)
    names = np.full(limit.shape, "", object)
    if call.linear is not None:
        return Acceptance(applies=applies, accepted=(first, second), row_names=_by_slice(names))
    folded = _folded(call, _names_of_rows(rows))
    names[...] = np.where(folded != "", folded, names)
    if operations.lookup(call.operation).derivative_of is not None:
        # Where nothing is due because a factor is 0, a factor that is no number may show; and the other way round.
        lost = _folded(call, (rows.kind != RowKind.ORDINARY) | _no_weight(call)).astype(bool)
        applies |= lost
        first, second = np.where(lost, 0.0, first), np.where(lost, np.nan, second)
        return Acceptance(applies=applies, accepted=(first, second), row_names=_by_slice(names))
    if call.reduced and bool(np.all(_no_weight(call))):
        policy = terms.special_values.get(ALL_IGNORED, "nan")
        if call.reduction == "mean":
            first = np.full(limit.shape, 0.0 if policy != "nan" else np.nan)
            second = np.full(limit.shape, np.nan if policy != "limit" else 0.0)
            applies = np.ones(limit.shape, bool)
        names[...] = ALL_IGNORED
    zeros = _folded(call, _zero_on_infinity(call, rows)).astype(bool)
    if zeros.any() and terms.special_values.get(SOFT_ZERO, "limit") != "limit":
        lost = zeros & np.isnan(got)
        applies, second = applies | lost, np.where(lost, np.nan, second)
        names[...] = np.where(zeros, SOFT_ZERO, names)
    return Acceptance(applies=applies, accepted=(first, second), row_names=_by_slice(names))


def _folded(call: CanonicalCall, by_row: np.ndarray) -> np.ndarray:
    """Something about rows (m,), in the shape of the result; of any row for a result that joins them."""
    if call.reduced:
        present = [v for v in by_row.tolist() if v]
        return np.array(present[0] if present else by_row.dtype.type())
    if call.by_class:
        whole = np.broadcast_to(by_row[:, None], (call.m, call.classes))
        return np.asarray(whole.reshape(-1)[call.positions])
    return np.asarray(by_row[call.positions])


def _no_weight(call: CanonicalCall) -> np.ndarray:
    """Rows of a mean that divides by nothing (all of them, or none)."""
    nothing = False
    if call.kept is not None and call.reduction == "mean" and call.targets is None:
        assert call.labels is not None
        weights = np.ones(call.m) if call.weight is None else call.weight[call.labels]
        nothing = not np.any(weights[call.kept])
    elif call.kept is not None and call.targets is None:
        nothing = not np.any(call.kept)
    return np.full(call.m, bool(nothing))


def _zero_on_infinity(call: CanonicalCall, rows: Rows) -> np.ndarray:
    """Rows with a target of 0 where the log-probability is -inf."""
    if call.targets is None or call.smoothing > 0:
        return np.zeros(call.m, bool)
    return np.asarray(np.any((call.targets == 0) & np.isneginf(rows.x), axis=1))


def _names_of_rows(rows: Rows) -> np.ndarray:
    return np.array([_KINDS[RowKind(int(kind))] for kind in rows.kind], object)


def _by_slice(names: np.ndarray) -> tuple[str, ...]:
    """One name for each index along the first axis (of the one number): the first that is there."""
    if names.size == 0:
        return ()
    parts = names.reshape(names.shape[0], -1) if names.ndim else names.reshape(1, 1)
    return tuple(next((str(v) for v in part if v), "") for part in parts.tolist())
