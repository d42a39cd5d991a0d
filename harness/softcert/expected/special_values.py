"""Special values: which results a contract accepts on rows with infinities and NaN.

The table is that of docs/numerics.md ("Special values"). A row of it is named, so that a contract can set the
policy for each: "limit" (the mathematical limit where it exists), "nan", or "limit or nan" (the default).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import numpy as np

from softcert_implementations.contract import ResolvedContract
from softcert_oracle.numbers import formats
from softcert_oracle.numbers.enclosure import Enclosure
from softcert_oracle.reference.truth import RowKind, Rows


@dataclass(frozen=True, eq=False, kw_only=True)
class Acceptance:
    """Where special values decide (``applies``) and which results are accepted there (any of ``accepted``).

    ``row_names``: the row of the table of special values that each row of the input belongs to ("" for none).
    ``slack``: relative rounding of accepted values that no format holds, such as 1/m.
    """

    applies: np.ndarray  # bool, shape of the result
    accepted: tuple[np.ndarray, ...]  # float64, each of the shape of the result
    row_names: tuple[str, ...]
    slack: Slack | None = None

    def holds(self, got: np.ndarray) -> np.ndarray:
        """Where ``got`` (float64) is an accepted value: bit for bit up to the sign of zero, or within slack."""
        ok = np.zeros(got.shape, bool)
        for values in self.accepted:
            ok |= (got == values) | (np.isnan(got) & np.isnan(values))
            if self.slack is not None:
                with np.errstate(invalid="ignore"):
                    near = np.abs(got - values) <= self.slack.relative * np.abs(values) + self.slack.absolute
                ok |= near & np.isfinite(values) & (values != 0)
        return ok


@dataclass(frozen=True)
class Slack:
    """How far a value that is not 0 may be off: relative to its size, and absolute for what underflows."""

    relative: float
    absolute: float


def of_a_mean(terms: ResolvedContract) -> Slack | None:
    """The slack of a gradient whose limit is -1 or 1 for the sum of the rows, and that divided by m for the mean.

    1/m is rounded where it is kept, the product or quotient in the working precision, the result in its format; float64
    adds the rounding of our own copy of the limit. Twice their sum covers the second-order terms. Underflow: half a
    quantum of each format, or its smallest normal number where it is flushed (docs/numerics.md, mean and sum).
    """
    if terms.reduction != "mean":
        return None
    used = [formats.lookup(f) for f in (terms.saved_format, terms.working_precision, terms.result_format, "float64")]
    lost = [f.smallest_normal if terms.flush_subnormals else f.smallest_subnormal / 2 for f in used]
    return Slack(2 * sum(f.unit_roundoff for f in used), sum(lost))


KIND_NAMES = {
    RowKind.ALL_MINUS_INF: "all -inf",
    RowKind.ONE_PLUS_INF: "one +inf",
    RowKind.SEVERAL_PLUS_INF: "several +inf",
    RowKind.HAS_NAN: "any NaN",
}


def acceptance(
    operation: str, rows: Rows, labels: np.ndarray | None, exact: Enclosure, terms: ResolvedContract
) -> Acceptance:
    """What is accepted on the special elements of a result."""
    names = row_names(rows, labels)
    if operation in ("softmax", "log_softmax", "cross_entropy_grad"):
        return _by_class(operation, rows, exact, terms, names)
    if operation == "logsumexp":
        # The limit of a log-sum-exp exists wherever no logit is NaN: it is never NaN by policy.
        return Acceptance(applies=~rows.ordinary, accepted=(exact.to_float(),), row_names=names)
    return _of_losses(rows, labels, exact, terms, names)


def row_names(rows: Rows, labels: np.ndarray | None) -> tuple[str, ...]:
    """The row of the table of special values that each row of the input belongs to; "" for none."""
    m, classes = rows.shape
    plain = "one class" if classes == 1 else ""
    if bool(np.isfinite(rows.x).all()):
        return (plain,) * m
    names = np.where(np.isneginf(rows.x).any(axis=1), "some -inf", plain).astype(object)
    if labels is not None and classes:
        names[np.isneginf(rows.x[np.arange(m), labels])] = "label on -inf"
    for kind, name in KIND_NAMES.items():
        names[rows.kind == kind] = name
    return tuple(names)


def _policy(terms: ResolvedContract, name: str) -> str:
    return terms.special_values.get(name, terms.special_values["default"])


def _by_class(op: str, rows: Rows, exact: Enclosure, terms: ResolvedContract, names: tuple[str, ...]) -> Acceptance:
    limit = exact.to_float()
    first, second = limit.copy(), limit.copy()
    # A class of -inf has probability 0 and log-probability -inf, exactly, whatever the algorithm.
    # (In a gradient the label's own class is -1 / m there: an ordinary number, held to its limit.)
    applies = np.isneginf(rows.x) & ((limit == 0) | np.isneginf(limit))
    applies[~rows.ordinary] = True
    for i in np.flatnonzero(~rows.ordinary):
        if rows.kind[i] in (RowKind.ONE_PLUS_INF, RowKind.SEVERAL_PLUS_INF):
            policy = _policy(terms, names[i])
            if policy != "limit":
                second[i] = np.nan
            if policy == "nan":
                first[i] = np.nan
    slack = of_a_mean(terms) if op == "cross_entropy_grad" else None
    return Acceptance(applies=applies, accepted=(first, second), row_names=names, slack=slack)


def _of_losses(
    rows: Rows, labels: np.ndarray | None, exact: Enclosure, terms: ResolvedContract, names: tuple[str, ...]
) -> Acceptance:
    limit = np.atleast_1d(exact.to_float())
    if bool(rows.ordinary.all()) and "label on -inf" not in names:
        overflowing = exact.shape == () and overflows(float(limit[0]), len(names), terms)
        accepted = (exact.to_float(), np.full(exact.shape, np.inf))[: 1 + overflowing]
        return Acceptance(
            applies=np.full(exact.shape, overflowing),
            accepted=accepted,
            row_names=(BATCH_OVERFLOW,) if overflowing else names,
        )
    # Few rows of a large batch are special: only these are looked at one by one.
    alternatives: list[tuple[_Outcome, ...]] = [(_Outcome.LIMIT,)] * len(names)
    for i in np.flatnonzero(~rows.ordinary).tolist():
        alternatives[i] = _loss_alternatives(rows, i, _policy(terms, names[i]))
    by_row = ~rows.ordinary | (np.array(names, dtype=object) == "label on -inf")
    if exact.shape == (len(names),):
        ways = tuple(_by_row([a[k % len(a)] for a in alternatives], limit) for k in range(2))
        return Acceptance(applies=by_row.astype(bool), accepted=ways, row_names=names)
    # One special row makes the whole scalar special: any way in which its rows may come out is accepted.
    kinds = set(alternatives)
    choices = {outcome for row in kinds for outcome in row}
    outcomes = [limit[0]] if _Outcome.LIMIT in choices or not choices else []
    outcomes += [np.nan] if _Outcome.NAN in choices else []
    outcomes += [np.inf] if _Outcome.INFINITY in choices else []
    if (_Outcome.NAN,) in kinds:
        outcomes = [np.nan]
    shaped = tuple(np.full(exact.shape, v) for v in outcomes)
    return Acceptance(applies=np.full(exact.shape, bool(by_row.any())), accepted=shaped, row_names=names)


def _by_row(outcomes: list[_Outcome], limit: np.ndarray) -> np.ndarray:
    """The losses (m,) that come out so; an infinity stands only where the limit is NaN."""
    ways = [
        np.nan if outcome is _Outcome.NAN else np.inf if outcome is _Outcome.INFINITY and np.isnan(value) else value
        for outcome, value in zip(outcomes, limit, strict=True)
    ]
    return np.array(ways, dtype=np.float64)


BATCH_OVERFLOW = "batch sum overflows"
"""A batch whose losses sum to more than the contract's sum_format holds, though their mean is finite."""


def overflows(loss: float, m: int, terms: ResolvedContract) -> bool:
    """Whether the losses of m rows, whose mean or sum is ``loss``, may sum to infinity in the contract's format."""
    with np.errstate(over="ignore"):
        total = np.float64(loss) * m if terms.reduction == "mean" else loss
    return bool(total > formats.lookup(terms.sum_format).largest)


class _Outcome(Enum):
    """How the loss of one row may come out."""

    LIMIT = "the limit itself"
    NAN = "NaN"
    INFINITY = "infinity"


def _loss_alternatives(rows: Rows, i: int, policy: str) -> tuple[_Outcome, ...]:
    """How the loss of a row may come out, the expected way first."""
    kind = rows.kind[i]
    if kind == RowKind.ONE_PLUS_INF:
        either = (_Outcome.LIMIT, _Outcome.NAN)
        return {"limit": (_Outcome.LIMIT,), "nan": (_Outcome.NAN,)}.get(policy, either)
    if kind == RowKind.SEVERAL_PLUS_INF:
        return (_Outcome.INFINITY, _Outcome.NAN)
    if kind in (RowKind.ALL_MINUS_INF, RowKind.HAS_NAN):
        return (_Outcome.NAN,)
    return (_Outcome.LIMIT,)
