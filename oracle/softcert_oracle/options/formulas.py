"""The limits of calls with options in words, for reports and ``softcert explain``."""

from __future__ import annotations

from softcert_oracle.options.canonical_call import CanonicalCall

_FORMULAS = {
    "softmax": "limit of softmax at the shaped logits z + p_j expm1(s_j)",
    "log_softmax": "limit of log_softmax at the shaped logits z + s_j",
    "logsumexp": "limit of logsumexp at the shaped logits z + log Σ p_j e^{e_j}",
    "cross_entropy": "Σ_j c_j λ_j + (h + 6) u Σ_j c_j |l_j| + 2 z |y| limit(y) + 3u z y², λ_j the limit of l_j",
    "cross_entropy_grad": "(S + 2 z |y|) limit(p_k) + 3u (S + 2 z |y|) p_k + u |g_k|, g_k = (S + 2 z y) p_k − c_k",
    "softmax_vjp": (
        "limit(p_i) |w_i − M| + p_i [Σ_j limit(p_j) |w_j| + (h + 2) u Σ_j p_j |w_j|] + 3u |v_i|, M = Σ p_j w_j"
    ),
    "log_softmax_vjp": "limit(p_i) |W| + p_i (h + 1) u Σ_j |w_j| + u |v_i|, W = Σ w_j",
    "cross_entropy_hvp": (
        "limit of softmax_vjp for |w_j| + |w_y|, + 5u p_i (|w_i| + 2|w_y| + |M|), divided by m for a mean"
    ),
    "linear_cross_entropy": "limit of cross_entropy at z = X Wᵀ + b, with e_j = (K + 1) u (|X| |W|ᵀ + |b|)",
    "linear_cross_entropy_grad": (
        "limit(G) |W| + (C + 1) u |G| |W|, limit(G)ᵀ |X| + (m + 1) u |G|ᵀ |X|, Σ_i limit(G_i) + m u Σ_i |G_i|"
    ),
}

_SHAPED = "s_j = e_j + max(log Σ p_k e^{e_k}, e_max), e_j the error of z_j"
_COEFFICIENTS = "c_j = w_j ((1 − ε) t_j + ε / C), S = Σ c_j"


def formula(call: CanonicalCall) -> str:
    """The limit of a call, to first order, with the definitions that its options need."""
    parts = [_FORMULAS[call.operation]]
    if call.kept is not None and call.linear is None:
        parts.append(_COEFFICIENTS)
    if call.temperature != 1.0 or call.softcap is not None or call.linear is not None:
        parts.append(_SHAPED)
    return "; ".join(parts)
