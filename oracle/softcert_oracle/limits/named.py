"""Sharper limits for algorithms that a contract names, and for the textbook implementations that validate them.

Each is the error analysis of one sequence of operations (docs/numerics.md); shapes as in `stable`. An operation for
which the named algorithm has no row is None: its default row holds.
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from softcert_oracle.limits import stable, sums
from softcert_oracle.limits.row_quantities import RowQuantities
from softcert_oracle.limits.running_error import exp_scaled
from softcert_oracle.numbers.formats import Format
from softcert_oracle.numbers.scaled import Float, Scaled

_LOG2_E = Fraction("1.44269504088896340735992468100189213742664595415298593413544940693")
_LN_2 = Fraction("0.693147180559945309417232121458176568075500134360255254120680009493")


def sharp(operation: str, t: RowQuantities, labels: NDArray[np.intp] | None) -> Scaled | None:
    """The named algorithm's own limit, of each row's own result; None where it has none for the operation."""
    name = t.parameters.algorithm
    if operation in ("softmax", "cross_entropy_grad"):
        p = _softmax(name, t)
        if p is None or operation == "softmax":
            return p
        assert labels is not None
        return stable.difference(t, _from_saved(t, p), labels)
    if operation == "logsumexp":
        sum_log = _log_of_sum(name, t)
        return None if sum_log is None else t.by_row(_logsumexp(t, sum_log))
    values = _log_softmax(name, t)
    if values is None or operation == "log_softmax":
        return values
    assert labels is not None
    return _saved_loss(t, values, labels)


def _softmax(name: str, t: RowQuantities) -> Scaled | None:
    a = t.arithmetic
    if name in ("shift-divide", "reciprocal", "base-2", "base-2-fma", "online"):
        terms, total = _terms_and_sum(name, t)
        roundings = a.division + (a.rounding if name == "reciprocal" else 0.0)
        limit = t.relative(terms + (total + roundings))
        lost = (a.underflow / Scaled.of(t.sum)) * np.exp(total + roundings)
        limit = limit.where(~t.below_normal, limit + lost)
        return limit.where(~t.probability_below_normal, limit + a.half)
    if name == "exp(x-lse)":
        return _exponential(t, _lse_minus(t, _logsumexp(t, t.log_error(t.sum_error(1.0)))))
    if name == "exp(log_softmax)":
        return _exponential(t, _difference(t, t.log_error(t.sum_error(1.0))))
    return None


def _terms_and_sum(name: str, t: RowQuantities) -> tuple[Float, Float]:
    """Logarithmic errors of the terms (m, C) and of the sum (m, 1)."""
    a = t.arithmetic
    if name == "base-2":  # fl(fl(x - m) fl(log2 e)): two roundings and the constant's own error
        per_distance = 2.0 + constant_error(_LOG2_E, a.working) / a.u
        return t.term_error(per_distance), t.sum_error(per_distance)
    if name == "base-2-fma":  # fma(x, fl(log2 e), -fl(m log2 e)): the rounding of m log2 e is common to all terms
        per_distance = 1.0 + constant_error(_LOG2_E, a.working) / a.u
        return t.term_error(per_distance, a.exp, t.common), t.sum_error(per_distance, a.exp, t.common)
    return t.term_error(1.0), t.sum_error(1.0)


def _exponential(t: RowQuantities, log_limit: Float) -> Scaled:
    """p_j expm1(limit(l_j) + eps_e), and k_e eta where the exponential may underflow."""
    limit = t.relative(log_limit + t.arithmetic.exp)
    return limit.where(~t.probability_below_normal, limit + t.arithmetic.underflow)


def _log_softmax(name: str, t: RowQuantities) -> Scaled | None:
    a = t.arithmetic
    if name in ("x-m-L", "online"):
        return t.absolute(_difference(t, t.log_error(t.sum_error(1.0))))
    if name == "lse-x":
        return t.absolute(_lse_minus(t, _logsumexp(t, t.log_error(t.sum_error(1.0)))))
    if name == "log1p":
        return t.absolute(_difference(t, log1p_error(t)))
    if name == "base-2":  # ((x - m) log2 e - log2 s) ln 2
        first, second = constant_error(_LOG2_E, a.working), constant_error(_LN_2, a.working)
        inner = (2.0 * a.u + first) * t.distance + t.log_error(t.sum_error(2.0 + first / a.u))
        twice = (1.0 + a.u) ** 2 * (1.0 + second)
        return t.absolute(inner * twice + (2.0 * a.u + second) * (1.0 + a.u) * t.surprisal + a.half.to_float())
    return None


def _log_of_sum(name: str, t: RowQuantities) -> Float | None:
    if name in ("lse", "lse-x", "x-m-L", "online"):
        return t.log_error(t.sum_error(1.0))
    return log1p_error(t) if name == "log1p" else None


def _logsumexp(t: RowQuantities, sum_log: Float) -> Float:
    """m + L: (limit(L)) (1+u) + u|y| + eta/2; (m, 1)."""
    a = t.arithmetic
    value = np.abs(np.where(t.rows.ordinary, t.rows.logsumexp.to_float(), 0.0))[:, None]
    return np.asarray(sum_log * (1.0 + a.u) + a.u * value + a.half.to_float())


def _difference(t: RowQuantities, sum_log: Float) -> Float:
    """(x - m) - L: (u|d_j| + limit(L)) (1+u) + u|l_j| + eta/2; (m, C)."""
    a = t.arithmetic
    return np.asarray((a.u * t.distance + sum_log) * (1.0 + a.u) + a.u * t.surprisal + a.half.to_float())


def _lse_minus(t: RowQuantities, logsumexp: Float) -> Float:
    """x - lse: limit(lse) (1+u) + u|l_j| + eta/2; (m, C). Not safe against a common offset: limit(lse) has u|y|."""
    a = t.arithmetic
    return np.asarray(logsumexp * (1.0 + a.u) + a.u * t.surprisal + a.half.to_float())


def log1p_error(t: RowQuantities) -> Float:
    """The error of L = log1p(tau), tau the sum of the others, with log1p within log_ulp; (m, 1).

    tau is off by a factor e^A, A = g_o + log sum (e^{d_k}/tau) exp(u|d_k| + eps_e); log1p turns that into
    log1p(tau (e^A - 1) / (1 + tau)), relative to L everywhere.
    """
    a = t.arithmetic
    weights, logs = t.others(t.rows.argmax)
    terms = t.term_error(1.0)
    inner = sums.joined(weights, terms, logs, np.zeros((t.m, 1))) + t.growth_without_maximum
    tau = np.where(t.rows.ordinary, t.rows.tau, 0.0)[:, None]
    count = np.count_nonzero(t.below_normal, axis=1, keepdims=True)
    lost = count * a.omega.to_float()
    error = np.log1p((tau * np.expm1(np.minimum(inner, sums.LARGE)) + lost) / (1.0 + tau))
    return np.asarray(error + (a.log + a.kept_log * (1.0 + a.log)) * (t.log_sum + error))


def _from_saved(t: RowQuantities, p: Scaled) -> Scaled:
    """limit e^v + p expm1(v), v = u_v |l_j| + eta_v/2: the log-probability was rounded to the saved format."""
    saved = t.arithmetic.saved
    if saved is None:
        return p
    moved = saved.unit_roundoff * t.surprisal + saved.smallest_subnormal / 2.0
    return p * exp_scaled(moved) + t.relative(moved)


def _saved_loss(t: RowQuantities, values: Scaled, labels: NDArray[np.intp]) -> Scaled:
    at = np.arange(t.m), labels
    own, saved = values[at], t.arithmetic.saved
    if saved is None:
        return own
    more = own * (1.0 + saved.unit_roundoff) + Scaled.of(saved.unit_roundoff * t.surprisal[at])
    return (more + Scaled.of(0.5, saved.quantum_exponent)).where(~t.absent[at], 0.0)


def constant_error(constant: Fraction, working: Format) -> float:
    """|fl(c)/c - 1| of a constant rounded to the working precision, at most u."""
    rounded = float(np.asarray(float(constant)).astype(working.dtype).astype(np.float64))
    return float(abs(Fraction(rounded) / constant - 1))
