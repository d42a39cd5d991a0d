"""The catalogue of limits in words: formula, derivation and source of each row, for reports and ``softcert explain``.

The formulas are the first-order reading of the exact forms in `stable`, `sound`, `accurate` and `named`:
an exponent a stands for expm1(a), h u for h log(1+u), eps for -log(1-eps).
"""

from __future__ import annotations

from dataclasses import dataclass

BHH = "Blanchard, D. J. Higham, N. J. Higham, IMA J. Numer. Anal. 2021, theorems 4.2-4.4"
OWN = "derived in docs/numerics.md"


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One row of the table of limits, in words.

    ``algorithm`` is "any" for the row of a level, which every algorithm keeps; ``source`` names the theorem.
    """

    operation: str
    level: str
    formula: str
    derivation: str
    algorithm: str = "any"
    source: str = OWN


_GROWTH = "g the least over k of u(k − 1) + (2G − 1) e_k, 0 for sums of 0 and 1"
_A_S = f"A_s = g + g_σ + 3uD + ε_e(1 − p_max) + n_s ω/s, {_GROWTH}"
_A_SHARP = f"A_s = g + uD + ε_e(1 − p_max) + n_s ω/s, {_GROWTH}"
_DELTA = "δ = 3u|y|, (h + 3) u max(max|x|, |y|) for chains of logaddexp"

_STABLE = (
    Entry(
        operation="softmax",
        level="stable",
        formula=f"p_j [u(4 + 3|d_j| + L) + ε_e + ε_l L + A_s] + underflow, {_A_S}",
        derivation="x − m rounds (u|d|), base 2 rounds the product with log2 e and the constant too (3u|d| in all); "
        "exp errs by ε_e; dividing rounds once, a reciprocal twice; exp(log_softmax) adds u|l| and the logarithm's "
        "ε_l L; the sum errs by A_s.",
        source=f"{BHH}; {OWN}",
    ),
    Entry(
        operation="log_softmax",
        level="stable",
        formula=f"u(2|d_j| + 2|l_j| + 2L) + ε_l L + A_s + η/2, {_A_S}",
        derivation="log turns the factor e^{±A_s} of the sum into ±A_s and errs by ε_l L; x − m and (x − m) − L "
        "round; base 2 and log2 s · ln 2 double those roundings and add 2uL.",
        source=f"{BHH}; {OWN}",
    ),
    Entry(
        operation="logsumexp",
        level="stable",
        formula=f"3.5u|y| + (ε_l + 2u) L + A_s + η/2, {_A_S}",
        derivation="as for log_softmax, with m + L rounded; (m log2 e + log2 s) ln 2 rounds three times at |y|, and "
        "both constants. Relative error is unbounded at y = 0.",
        source=f"{BHH}; {OWN}",
    ),
    Entry(
        operation="cross_entropy",
        level="stable",
        formula=f"A_s + (3u + ε_l) loss + 2uL + η/2, {_A_S}",
        derivation="minus the label's log-probability: loss = |d_y| + L, so that every rounding is relative to the "
        "loss but A_s, the sum's error, which is absolute.",
        source=f"{BHH}; {OWN}",
    ),
    Entry(
        operation="cross_entropy_grad",
        level="stable",
        formula="limit(p_j) (1 + u) + u |p_j − t_j|; for the true class at least K u (1 − p_y), K = 4 + 3 D_o + D + "
        "(g + g_o)/u + 2(2k_e + k_l)",
        derivation="p − t rounds once. Relative for the wrong classes, where t = 0; the true class has the absolute "
        "floor limit(p_y), and where p_y is small the relative limit of minus the sum of the others and of "
        "expm1(−loss).",
    ),
)

_JACOBIAN = (
    Entry(
        operation="jacobian",
        level="stable",
        formula="b_i p_j + b_j p_i + b_i b_j + u p_i p_j + η/2 off the diagonal, b_i (1 + b_i) + 2u p_i (1 − p_i) + "
        "η/2 on it, b_i = limit(p_i)",
        derivation="the product of two computed probabilities rounds once; |p̂(1 − p̂) − p(1 − p)| = |p̂ − p| |1 − p "
        "− p̂|, and two operations round.",
    ),
)

_SOUND = (
    Entry(
        operation="softmax",
        level="sound",
        formula=f"p_j expm1(2δ) + stable limit, {_DELTA}",
        derivation="logits moved by at most δ each change log p_j by at most 2δ; exp(x − lse) rounds lse and x − "
        "lse; chains of logaddexp round a number of size |y| at each of h levels, and a contract names them.",
    ),
    Entry(
        operation="log_softmax",
        level="sound",
        formula=f"2δ + stable limit, {_DELTA}",
        derivation="x_j and the log-sum-exp each move by at most δ.",
    ),
    Entry(
        operation="logsumexp",
        level="sound",
        formula=f"δ + stable limit, {_DELTA}",
        derivation="log-sum-exp is 1-Lipschitz in the maximum norm.",
    ),
    Entry(
        operation="cross_entropy",
        level="sound",
        formula=f"2δ + stable limit, {_DELTA}",
        derivation="minus the label's log-probability.",
    ),
    Entry(
        operation="cross_entropy_grad",
        level="sound",
        formula="limit(p_j) (1 + u) + u |p_j − t_j|, limit(p_j) = p_j expm1(2δ) + stable",
        derivation="p − t from probabilities of this level.",
    ),
)

_ACCURATE = (
    Entry(
        operation="softmax",
        level="accurate",
        formula="K u p_j + underflow, K = 4 + 3|d_j| + D + (g + g_σ)/u + 2(k_e + k_l)",
        derivation="shift-divide has u(1 + |d_j| + D) + g + 2 ε_e; the rest is room for reciprocals and base 2.",
        source=f"{BHH}; {OWN}",
    ),
    Entry(
        operation="log_softmax",
        level="accurate",
        formula="K u |l_j| + n_s ω + η/2, K = 5 + 3 D_o L/|l_j| + g_o/u + 2(k_e + k_l), D_o the mean |d_k| of the "
        "others",
        derivation="L = log1p(τ) is relatively accurate if τ, the sum of the others, is: each term carries u|d_k| "
        "and ε_e.",
    ),
    Entry(
        operation="logsumexp",
        level="accurate",
        formula="max(K u |y|, 2u max|x|) + n_s ω + η/2, K = 5 + 3 D_o + g_o/u + 2(k_e + k_l)",
        derivation="next to y = 0 the condition number is unbounded, so the limit stays at 2u max|x| there.",
    ),
    Entry(
        operation="cross_entropy",
        level="accurate",
        formula="K u loss + n_s ω + η/2, K = 5 + 3 D_o L/loss + g_o/u + 2(k_e + k_l)",
        derivation="the label's log-probability.",
    ),
    Entry(
        operation="cross_entropy_grad",
        level="accurate",
        formula="K u |p_j − t_j| + underflow, K = 4 + 3|d_j| + D + (g + g_σ)/u + 2(k_e + k_l); for the true class "
        "K = 4 + 3 D_o + D + (g + g_o)/u + 2(2k_e + k_l)",
        derivation="the true class's gradient is minus the sum of the other probabilities, or expm1(−loss).",
    ),
)

_NAMED = (
    Entry(
        operation="softmax",
        level="stable",
        algorithm="shift-divide",
        formula=f"p_j [u(1 + |d_j|) + ε_e + A_s] + ω/s + η/2, {_A_SHARP}",
        derivation="x − m, exp and the division each round once.",
        source=BHH,
    ),
    Entry(
        operation="softmax",
        level="stable",
        algorithm="reciprocal",
        formula=f"p_j [u(2 + |d_j|) + ε_e + A_s] + ω/s + η/2, {_A_SHARP}",
        derivation="1/s and the product both round.",
    ),
    Entry(
        operation="softmax",
        level="stable",
        algorithm="base-2",
        formula="p_j [u + (2u + κ)|d_j| + ε_e + A_s] + ω/s + η/2, κ the error of log2 e",
        derivation="x − m and the product with the rounded constant.",
    ),
    Entry(
        operation="softmax",
        level="stable",
        algorithm="base-2-fma",
        formula="p_j [u + (u + κ)|d_j| + u²|m| + 2ε_e + g + uD] + ω/s + η/2",
        derivation="x log2 e − fl(m log2 e) in one rounding: the error of fl(m log2 e) is common to all terms and "
        "divides out, but the maximum's exponential is no longer exactly 1.",
    ),
    Entry(
        operation="softmax",
        level="stable",
        algorithm="online",
        formula="p_j [u(1 + |d_j|) + ε_e + A_s], A_s = g + u D + ε_e(1 − p_max), g with 2u + ε_e for u",
        derivation="one pass: where the maximum grows the sum is multiplied by exp(old − new) and added to, so a "
        "level costs two roundings and an exponential; the arguments' roundings telescope to u|d_j|. Divided as "
        "e_j/s. A contract that says online leaves exponential and division open: the default row, with this A_s.",
    ),
    Entry(
        operation="softmax",
        level="stable",
        algorithm="exp(x-lse)",
        formula="p_j expm1(limit(lse) + u|l_j| + ε_e), limit(lse) = u|y| + ε_l L + A_s",
        derivation="has u|y|: not safe against a common offset.",
        source=BHH,
    ),
    Entry(
        operation="softmax",
        level="stable",
        algorithm="exp(log_softmax)",
        formula="p_j expm1(u|d_j| + u|l_j| + ε_l L + A_s + ε_e)",
        derivation="the limit of log_softmax, exponentiated.",
    ),
    Entry(
        operation="log_softmax",
        level="stable",
        algorithm="x-m-L",
        formula=f"u|d_j| + u|l_j| + ε_l L + A_s + η/2, {_A_SHARP}",
        derivation="two subtractions.",
        source=BHH,
    ),
    Entry(
        operation="log_softmax",
        level="stable",
        algorithm="lse-x",
        formula=f"u|y| + u|l_j| + ε_l L + A_s + η/2, {_A_SHARP}",
        derivation="x − lse: has u|y|, not safe against a common offset.",
        source=BHH,
    ),
    Entry(
        operation="log_softmax",
        level="stable",
        algorithm="log1p",
        formula="u|d_j| + u|l_j| + A_τ τ/(1 + τ) + ε_l L + η/2",
        derivation="L = log1p(τ), τ the sum of the others with relative error A_τ: relative everywhere.",
    ),
    Entry(
        operation="log_softmax",
        level="stable",
        algorithm="base-2",
        formula="(2u + κ)|d_j| + (2u + κ')|l_j| + ε_l L + A_s, κ' the error of ln 2",
        derivation="((x − m) log2 e − log2 s) ln 2.",
    ),
    Entry(
        operation="log_softmax",
        level="stable",
        algorithm="online",
        formula="u|d_j| + u|l_j| + ε_l L + A_s, A_s = g + u D + ε_e(1 − p_max), g with 2u + ε_e for u",
        derivation="(x − m) − L with the sum of one pass.",
    ),
    Entry(
        operation="logsumexp",
        level="stable",
        algorithm="online",
        formula="u|y| + ε_l L + A_s, A_s = g + u D + ε_e(1 − p_max), g with 2u + ε_e for u",
        derivation="m + L with the sum of one pass.",
    ),
    Entry(
        operation="cross_entropy",
        level="stable",
        algorithm="online",
        formula="u|d_y| + u loss + ε_l L + A_s, A_s = g + u D + ε_e(1 − p_max), g with 2u + ε_e for u",
        derivation="the label's log-probability with the sum of one pass.",
    ),
    Entry(
        operation="logsumexp",
        level="stable",
        algorithm="lse",
        formula=f"u|y| + ε_l L + A_s + η/2, {_A_SHARP}",
        derivation="m + L rounds once.",
        source=BHH,
    ),
    Entry(
        operation="logsumexp",
        level="stable",
        algorithm="lse-x",
        formula=f"u|y| + ε_l L + A_s + η/2, {_A_SHARP}",
        derivation="m + L rounds once.",
        source=BHH,
    ),
    Entry(
        operation="logsumexp",
        level="stable",
        algorithm="x-m-L",
        formula=f"u|y| + ε_l L + A_s + η/2, {_A_SHARP}",
        derivation="m + L rounds once.",
        source=BHH,
    ),
    Entry(
        operation="logsumexp",
        level="stable",
        algorithm="log1p",
        formula="u|y| + A_τ τ/(1 + τ) + ε_l L + η/2",
        derivation="L = log1p(τ).",
    ),
    Entry(
        operation="cross_entropy",
        level="stable",
        algorithm="x-m-L",
        formula=f"A_s + u|d_y| + u loss + ε_l L + η/2, {_A_SHARP}",
        derivation="the label's log-probability as (x − m) − L.",
        source=BHH,
    ),
    Entry(
        operation="cross_entropy",
        level="stable",
        algorithm="lse-x",
        formula=f"u loss + u|y| + ε_l L + A_s + η/2, {_A_SHARP}",
        derivation="lse − x_y: has u|y|, not safe against a common offset.",
        source=BHH,
    ),
    Entry(
        operation="cross_entropy",
        level="stable",
        algorithm="base-2",
        formula="(2u + κ)|d_y| + (2u + κ') loss + ε_l L + A_s, κ' the error of ln 2",
        derivation="the label's log-probability as ((x − m) log2 e − log2 s) ln 2.",
    ),
    Entry(
        operation="cross_entropy",
        level="stable",
        algorithm="log1p",
        formula="u|d_y| + u loss + A_τ τ/(1 + τ) + ε_l L + η/2",
        derivation="the label's log-probability with L = log1p(τ).",
    ),
)

_GRADIENTS = tuple(
    Entry(
        operation="cross_entropy_grad",
        level="stable",
        algorithm=e.algorithm,
        formula=f"limit(p_j) (1 + u) + u |p_j − t_j|, limit(p_j) = {e.formula}",
        derivation=f"p − t rounds once. {e.derivation}",
        source=e.source,
    )
    for e in _NAMED
    if e.operation == "softmax"
)

_ALL = (*_STABLE, *_JACOBIAN, *_SOUND, *_ACCURATE, *_NAMED, *_GRADIENTS)
_BY_KEY = {(e.operation, e.level, e.algorithm): e for e in _ALL}

REDUCED = {
    ("cross_entropy", "mean"): (
        "[e^g (1 + u) Σ_b (limit_b + loss_b) − Σ_b loss_b] / m + η/2, g = growth of the sum over the batch, limit_b = "
    ),
    ("cross_entropy", "sum"): (
        "e^g Σ_b (limit_b + loss_b) − Σ_b loss_b, g = growth of the sum over the batch, limit_b = "
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
    return f"{formula}, with u_s for u in g and (ε_l + u_s) L for ε_l L"


def rounded(formula: str) -> str:
    """The formula of a result in a narrower format than it was computed in."""
    return f"limit_w (1 + u_o) + u_o |v| + η_o/2, limit_w = {formula}"
