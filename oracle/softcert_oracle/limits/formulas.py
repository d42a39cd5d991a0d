"""The catalogue of limits in words: formula, derivation and source of each row, for reports and ``softcert explain``.

The formulas are the first-order reading of the exact forms in `stable`, `sound`, `accurate` and `named`:
an exponent a stands for expm1(a), h u for h log(1+u), eps for -log(1-eps).
"""

from __future__ import annotations

from dataclasses import dataclass

BHH = "Blanchard, D. J. Higham, N. J. Higham, IMA J. Numer. Anal. 2021, theorems 4.2-4.4"
ASNA = "Higham, Accuracy and Stability of Numerical Algorithms, sections 2.2, 4.2"
OWN = "derived in docs/numerics.md"


@dataclass(frozen=True)
class Entry:
    """One row of the table of limits."""

    operation: str
    level: str
    algorithm: str
    formula: str
    derivation: str
    source: str


_A_S = "A_s = u(h + 3D) + ε_e(1 − p_max) + n_s ω/s"
_A_SHARP = "A_s = u(h + D) + ε_e(1 − p_max) + n_s ω/s"
_DELTA = "δ = (h + 3) u max(max|x|, |y|)"

_STABLE = (
    Entry(
        "softmax", "stable", "any",
        f"p_j [u(4 + 3|d_j| + L) + ε_e + ε_l L + A_s] + underflow, {_A_S}",
        "x − m rounds (u|d|), base 2 rounds the product with log2 e and the constant too (3u|d| in all); exp errs by "
        "ε_e; dividing rounds once, a reciprocal twice; exp(log_softmax) adds u|l| and the logarithm's ε_l L; the sum "
        "errs by A_s.",
        f"{BHH}; {OWN}",
    ),
    Entry(
        "log_softmax", "stable", "any",
        f"u(2|d_j| + 2|l_j| + 2L) + ε_l L + A_s + η/2, {_A_S}",
        "log turns the factor e^{±A_s} of the sum into ±A_s and errs by ε_l L; x − m and (x − m) − L round; base 2 and "
        "log2 s · ln 2 double those roundings and add 2uL.",
        f"{BHH}; {OWN}",
    ),
    Entry(
        "logsumexp", "stable", "any",
        f"2u|y| + (ε_l + 2u) L + A_s + η/2, {_A_S}",
        "as for log_softmax, with m + L rounded. Relative error is unbounded at y = 0.",
        f"{BHH}; {OWN}",
    ),
    Entry(
        "cross_entropy", "stable", "any",
        f"A_s + (3u + ε_l) loss + 2uL + η/2, {_A_S}",
        "minus the label's log-probability: loss = |d_y| + L, so that every rounding is relative to the loss but A_s, "
        "the sum's error, which is absolute.",
        f"{BHH}; {OWN}",
    ),
    Entry(
        "cross_entropy_grad", "stable", "any",
        "limit(p_j) (1 + u) + u |p_j − t_j|; for the true class at least K u (1 − p_y), K = 4 + 3 D_o + D + h + "
        "2(2k_e + k_l)",
        "p − t rounds once. Relative for the wrong classes, where t = 0; the true class has the absolute floor "
        "limit(p_y), and where p_y is small the relative limit of minus the sum of the others and of expm1(−loss).",
        OWN,
    ),
)  # fmt: skip

_JACOBIAN = (
    Entry(
        "jacobian", "stable", "any",
        "b_i p_j + b_j p_i + b_i b_j + u p_i p_j + η/2 off the diagonal, b_i (1 + b_i) + 2u p_i (1 − p_i) + η/2 on it, "
        "b_i = limit(p_i)",
        "the product of two computed probabilities rounds once; |p̂(1 − p̂) − p(1 − p)| = |p̂ − p| |1 − p − p̂|, and two "
        "operations round.", OWN,
    ),
)  # fmt: skip

_SOUND = (
    Entry(
        "softmax", "sound", "any", f"p_j expm1(2δ) + stable limit, {_DELTA}",
        "logits moved by at most δ each change log p_j by at most 2δ; exp(x − lse) rounds lse and x − lse, chains of "
        "logaddexp round a number of size |y| at each of h levels.", OWN,
    ),
    Entry(
        "log_softmax", "sound", "any", f"2δ + stable limit, {_DELTA}",
        "x_j and the log-sum-exp each move by at most δ.", OWN,
    ),
    Entry(
        "logsumexp", "sound", "any", f"δ + stable limit, {_DELTA}",
        "log-sum-exp is 1-Lipschitz in the maximum norm.", OWN,
    ),
    Entry(
        "cross_entropy", "sound", "any", f"2δ + stable limit, {_DELTA}",
        "minus the label's log-probability.", OWN,
    ),
    Entry(
        "cross_entropy_grad", "sound", "any", "limit(p_j) (1 + u) + u |p_j − t_j|, limit(p_j) = p_j expm1(2δ) + stable",
        "p − t from probabilities of this level.", OWN,
    ),
)  # fmt: skip

_ACCURATE = (
    Entry(
        "softmax", "accurate", "any", "K u p_j + underflow, K = 4 + 3|d_j| + D + h + 2(k_e + k_l)",
        "shift-divide has u(1 + |d_j| + D + h) + 2 ε_e; the rest is room for reciprocals and base 2.", f"{BHH}; {OWN}",
    ),
    Entry(
        "log_softmax", "accurate", "any",
        "K u |l_j| + n_s ω + η/2, K = 4 + 3 D_o L/|l_j| + h + 2(k_e + k_l), D_o the mean |d_k| of the others",
        "L = log1p(τ) is relatively accurate if τ, the sum of the others, is: each term carries u|d_k| and ε_e.",
        OWN,
    ),
    Entry(
        "logsumexp", "accurate", "any",
        "max(K u |y|, 2u max|x|) + n_s ω + η/2, K = 4 + 3 D_o + h + 2(k_e + k_l)",
        "next to y = 0 the condition number is unbounded, so the limit stays at 2u max|x| there.", OWN,
    ),
    Entry(
        "cross_entropy", "accurate", "any",
        "K u loss + n_s ω + η/2, K = 4 + 3 D_o L/loss + h + 2(k_e + k_l)",
        "the label's log-probability.", OWN,
    ),
    Entry(
        "cross_entropy_grad", "accurate", "any",
        "K u |p_j − t_j| + underflow, K = 4 + 3|d_j| + D + h + 2(k_e + k_l); for the true class "
        "K = 4 + 3 D_o + D + h + 2(2k_e + k_l)",
        "the true class's gradient is minus the sum of the other probabilities, or expm1(−loss).", OWN,
    ),
)  # fmt: skip

_NAMED = (
    Entry(
        "softmax", "stable", "shift-divide", f"p_j [u(1 + |d_j|) + ε_e + A_s] + ω/s + η/2, {_A_SHARP}",
        "x − m, exp and the division each round once.", BHH,
    ),
    Entry(
        "softmax", "stable", "reciprocal", f"p_j [u(2 + |d_j|) + ε_e + A_s] + ω/s + η/2, {_A_SHARP}",
        "1/s and the product both round.", OWN,
    ),
    Entry(
        "softmax", "stable", "base-2", "p_j [u + (2u + κ)|d_j| + ε_e + A_s] + ω/s + η/2, κ the error of log2 e",
        "x − m and the product with the rounded constant.", OWN,
    ),
    Entry(
        "softmax", "stable", "base-2-fma", "p_j [u + (u + κ)|d_j| + u²|m| + 2ε_e + u(h + D)] + ω/s + η/2",
        "x log2 e − fl(m log2 e) in one rounding: the error of fl(m log2 e) is common to all terms and divides out, "
        "but the maximum's exponential is no longer exactly 1.", OWN,
    ),
    Entry(
        "softmax", "stable", "online", "p_j [u(1 + |d_j|) + ε_e + A_s], A_s = h(2u + ε_e) + u D + ε_e(1 − p_max)",
        "one pass: where the maximum grows the sum is multiplied by exp(old − new) and added to, so a level costs two "
        "roundings and an exponential; the arguments' roundings telescope to u|d_j|. Divided as e_j/s. A contract that "
        "says online leaves exponential and division open: the default row, with this A_s.", OWN,
    ),
    Entry(
        "softmax", "stable", "exp(x-lse)", "p_j expm1(limit(lse) + u|l_j| + ε_e), limit(lse) = u|y| + ε_l L + A_s",
        "has u|y|: not safe against a common offset.", BHH,
    ),
    Entry(
        "softmax", "stable", "exp(log_softmax)", "p_j expm1(u|d_j| + u|l_j| + ε_l L + A_s + ε_e)",
        "the limit of log_softmax, exponentiated.", OWN,
    ),
    Entry(
        "log_softmax", "stable", "x-m-L", f"u|d_j| + u|l_j| + ε_l L + A_s + η/2, {_A_SHARP}",
        "two subtractions.", BHH,
    ),
    Entry(
        "log_softmax", "stable", "lse-x", f"u|y| + u|l_j| + ε_l L + A_s + η/2, {_A_SHARP}",
        "x − lse: has u|y|, not safe against a common offset.", BHH,
    ),
    Entry(
        "log_softmax", "stable", "log1p", "u|d_j| + u|l_j| + A_τ τ/(1 + τ) + ε_l L + η/2",
        "L = log1p(τ), τ the sum of the others with relative error A_τ: relative everywhere.", OWN,
    ),
    Entry(
        "log_softmax", "stable", "base-2", "(2u + κ)|d_j| + (2u + κ')|l_j| + ε_l L + A_s, κ' the error of ln 2",
        "((x − m) log2 e − log2 s) ln 2.", OWN,
    ),
    Entry(
        "log_softmax", "stable", "online", "u|d_j| + u|l_j| + ε_l L + A_s, A_s = h(2u + ε_e) + u D + ε_e(1 − p_max)",
        "(x − m) − L with the sum of one pass.", OWN,
    ),
    Entry(
        "logsumexp", "stable", "online", "u|y| + ε_l L + A_s, A_s = h(2u + ε_e) + u D + ε_e(1 − p_max)",
        "m + L with the sum of one pass.", OWN,
    ),
    Entry(
        "cross_entropy", "stable", "online", "u|d_y| + u loss + ε_l L + A_s, A_s = h(2u + ε_e) + u D + ε_e(1 − p_max)",
        "the label's log-probability with the sum of one pass.", OWN,
    ),
    Entry("logsumexp", "stable", "lse", f"u|y| + ε_l L + A_s + η/2, {_A_SHARP}", "m + L rounds once.", BHH),
    Entry("logsumexp", "stable", "lse-x", f"u|y| + ε_l L + A_s + η/2, {_A_SHARP}", "m + L rounds once.", BHH),
    Entry("logsumexp", "stable", "x-m-L", f"u|y| + ε_l L + A_s + η/2, {_A_SHARP}", "m + L rounds once.", BHH),
    Entry("logsumexp", "stable", "log1p", "u|y| + A_τ τ/(1 + τ) + ε_l L + η/2", "L = log1p(τ).", OWN),
    Entry(
        "cross_entropy", "stable", "x-m-L", f"A_s + u|d_y| + u loss + ε_l L + η/2, {_A_SHARP}",
        "the label's log-probability as (x − m) − L.", BHH,
    ),
    Entry(
        "cross_entropy", "stable", "lse-x", f"u loss + u|y| + ε_l L + A_s + η/2, {_A_SHARP}",
        "lse − x_y: has u|y|, not safe against a common offset.", BHH,
    ),
    Entry(
        "cross_entropy", "stable", "base-2", "(2u + κ)|d_y| + (2u + κ') loss + ε_l L + A_s, κ' the error of ln 2",
        "the label's log-probability as ((x − m) log2 e − log2 s) ln 2.", OWN,
    ),
    Entry(
        "cross_entropy", "stable", "log1p", "u|d_y| + u loss + A_τ τ/(1 + τ) + ε_l L + η/2",
        "the label's log-probability with L = log1p(τ).", OWN,
    ),
)  # fmt: skip

_GRADIENTS = tuple(
    Entry(
        "cross_entropy_grad", "stable", e.algorithm, f"limit(p_j) (1 + u) + u |p_j − t_j|, limit(p_j) = {e.formula}",
        f"p − t rounds once. {e.derivation}", e.source,
    )
    for e in _NAMED if e.operation == "softmax"
)  # fmt: skip

_ALL = (*_STABLE, *_JACOBIAN, *_SOUND, *_ACCURATE, *_NAMED, *_GRADIENTS)
_BY_KEY = {(e.operation, e.level, e.algorithm): e for e in _ALL}

REDUCED = {
    ("cross_entropy", "mean"): (
        "[(1 + u)^(B+1) Σ_b (limit_b + loss_b) − Σ_b loss_b] / m + η/2, B = depth of the sum over the batch, limit_b = "
    ),
    ("cross_entropy", "sum"): (
        "(1 + u)^B Σ_b (limit_b + loss_b) − Σ_b loss_b, B = depth of the sum over the batch, limit_b = "
    ),
    ("cross_entropy_grad", "mean"): "limit_j/m + 3u |p_j − t_j|/m + η/2, limit_j = ",
}


def catalogue() -> tuple[Entry, ...]:
    """Every row, by level and operation."""
    return _ALL


def lookup(operation: str, level: str, algorithm: str = "any") -> Entry:
    """The row of an operation at a level; that of "any" algorithm where the named one has none of its own."""
    return _BY_KEY.get((operation, level, algorithm)) or _BY_KEY[operation, level, "any"]


def reduced(operation: str, reduction: str, formula: str) -> str:
    """The formula of the reduced result, with that of a row inside."""
    return REDUCED.get((operation, reduction), "") + formula


def kept(formula: str) -> str:
    """The formula where sums are kept in a narrower format s: its logarithm is kept in it too."""
    return f"{formula}, with h u_s in A_s and (ε_l + u_s) L for ε_l L"


def rounded(formula: str) -> str:
    """The formula of a result in a narrower format than it was computed in."""
    return f"limit_w (1 + u_o) + u_o |v| + η_o/2, limit_w = {formula}"
