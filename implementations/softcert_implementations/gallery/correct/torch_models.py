"""Correct implementations in torch, written by hand rather than by its own softmax. torch is imported when called.

float32 and float64 as they stand; half precision goes through float32.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from softcert_implementations.gallery.correct.operations_from_parts import ALL, FULL
from softcert_implementations.gallery.model import Correct, Function


def _wide(x: Any) -> Any:
    return x.float() if x.element_size() < 4 else x


def _parts(x: Any) -> tuple[Any, Any]:
    """Shifted logits and the sum of their exponentials."""
    import torch

    m = x.amax(-1, keepdim=True)
    d = x - torch.where(m == -torch.inf, torch.zeros_like(m), m)
    return d, d.exp().sum(-1, keepdim=True)


def _softmax(x: Any) -> Any:
    d, s = _parts(_wide(x))
    return (d.exp() / s).to(x.dtype)


def _log_softmax(x: Any) -> Any:
    d, s = _parts(_wide(x))
    return (d - s.log()).to(x.dtype)


def _logsumexp(x: Any) -> Any:
    import torch

    w = _wide(x)
    m = w.amax(-1)
    return torch.where(m.isinf(), m, m + _parts(w)[1].log()[..., 0]).to(x.dtype)


def _loss(x: Any, labels: Any) -> Any:
    table = _log_softmax(_wide(x))
    return (-table.gather(-1, labels[:, None]).sum() / len(x)).to(x.dtype)


def _gradient(x: Any, labels: Any) -> Any:
    p = _softmax(_wide(x)).scatter_add(-1, labels[:, None], -_ones(x, labels))
    return (p / max(len(x), 1)).to(x.dtype)


def _ones(x: Any, labels: Any) -> Any:
    return _wide(x).new_ones((len(labels), 1))


def _einsum_softmax(x: Any) -> Any:
    import torch

    d, _ = _parts(x)
    e = d.exp()
    return e / torch.einsum("mc->m", e)[:, None]


def _exp_of_log_softmax(x: Any) -> Any:
    import torch

    return torch.log_softmax(_wide(x), -1).exp().to(x.dtype)


def _doubled(function: Function) -> Function:
    return lambda x, *labels: function(x.double(), *labels).to(x.dtype)


_BY_HAND: Mapping[str, Function] = {
    "softmax": _softmax,
    "log_softmax": _log_softmax,
    "logsumexp": _logsumexp,
    "cross_entropy": _loss,
    "cross_entropy_grad": _gradient,
}

CORRECT = (
    Correct(name="torch_by_hand", ops=_BY_HAND, formats=ALL, note="shift, exp, sum, divide in torch", arrays="torch"),
    Correct(
        name="torch_loss_by_autograd",
        ops={"cross_entropy": _loss},
        formats=FULL,
        note="a loss written by hand, whose gradient autograd finds",
        arrays="torch",
    ),
    Correct(
        name="torch_einsum",
        ops={"softmax": _einsum_softmax},
        formats=FULL,
        note="torch.einsum for the sum",
        arrays="torch",
    ),
    Correct(
        name="torch_exp_of_log_softmax",
        ops={"softmax": _exp_of_log_softmax},
        formats=ALL,
        note="exp(torch.log_softmax)",
        arrays="torch",
    ),
    Correct(
        name="torch_float64_inside",
        ops={name: _doubled(f) for name, f in _BY_HAND.items()},
        formats=("float32", "float16", "bfloat16"),
        note="float64 throughout, rounded once",
        arrays="torch",
    ),
)
