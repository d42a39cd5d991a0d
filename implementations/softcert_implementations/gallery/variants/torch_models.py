"""Variants in torch, as its users write them. torch is imported when a function is called."""

# ruff: noqa: D103 - what a variant does stands in its "behaves", and becomes its docstring

from __future__ import annotations

from typing import Any

from softcert_implementations.gallery.variants.registry import variant
from softcert_implementations.gallery.witness import constant, normal, overflowing, rows, viewed

_ANY = normal(3, 4, labels=[0, 1, 3])
_BIG = overflowing([1.1, 1.0, 0.0], [0.5, 0.0, -0.5])
_TORCH: dict[str, Any] = {"arrays": "torch"}


@variant("no max shift", "float32 float64", _BIG, "exp and sum in torch, unshifted", **_TORCH)
def softmax_torch_unshifted(x: Any) -> Any:
    return x.exp() / x.exp().sum(-1, keepdim=True)


@variant("no max shift", "float32 float64", _BIG, "log of a sum of exp in torch, unshifted", **_TORCH)
def log_softmax_torch_unshifted(x: Any) -> Any:
    return x - x.exp().sum(-1, keepdim=True).log()


@variant("global max", "float32", overflowing([1.0, 0.9], [-1.0, -1.1]), "x.max() in torch", **_TORCH)
def logsumexp_torch_global_max(x: Any) -> Any:
    return (x - x.max()).exp().sum(-1).log() + x.max()


@variant("wrong axis", "float32 float64", normal(2, 3), "torch.softmax(x, dim=0)", ordinary=None, **_TORCH)
def softmax_torch_dim_0(x: Any) -> Any:
    return x.softmax(0)


@variant("wrong axis", "float32", normal(2, 3), "log_softmax over dim 0", ordinary=None, **_TORCH)
def cross_entropy_torch_dim_0(x: Any, labels: Any) -> Any:
    return -x.log_softmax(0).gather(1, labels[:, None]).mean()


@variant("log(softmax)", "float32 float64", overflowing([0, -1.2], [0, -1.7]), "torch.softmax(x).log()", **_TORCH)
def log_softmax_torch_softmax_log(x: Any) -> Any:
    return x.softmax(-1).log()


@variant("eps or floor added", "float32", rows([0, -30]), "(softmax + 1e-9).log() in torch", **_TORCH)
def log_softmax_torch_epsilon(x: Any) -> Any:
    return (x.softmax(-1) + 1e-9).log()


@variant("double softmax", "float32 float64", _ANY, "softmax before F.cross_entropy", ordinary=None, **_TORCH)
def cross_entropy_torch_softmax_first(x: Any, labels: Any) -> Any:
    import torch

    return torch.nn.functional.cross_entropy(x.softmax(-1), labels)


@variant("nll of probabilities", "float32", _ANY, "F.nll_loss of probabilities", ordinary=None, **_TORCH)
def cross_entropy_torch_nll_of_softmax(x: Any, labels: Any) -> Any:
    import torch

    return torch.nn.functional.nll_loss(x.softmax(-1), labels)


@variant("normalisation", "float32", _ANY, "reduction='sum' for the mean", ordinary=(1, 8), **_TORCH)
def cross_entropy_torch_sum(x: Any, labels: Any) -> Any:
    import torch

    return torch.nn.functional.cross_entropy(x, labels, reduction="sum")


@variant("0 * -inf", "float32", rows([0, 1, -float("inf")]), "one_hot times log_softmax in torch", **_TORCH)
def cross_entropy_torch_one_hot(x: Any, labels: Any) -> Any:
    import torch

    t = torch.nn.functional.one_hot(labels, x.shape[-1]).to(x.dtype)
    return -(t * x.log_softmax(-1)).sum(-1).mean()


@variant("in-place overwrite", "float32", _ANY, "exp_() in torch", ordinary=None, **_TORCH)
def softmax_torch_in_place(x: Any) -> Any:
    x.sub_(x.amax(-1, keepdim=True)).exp_()
    return x.div_(x.sum(-1, keepdim=True))


@variant("sign reversed", "float32", _ANY, "onehot - p in torch", ordinary=(3, 1), **_TORCH)
def cross_entropy_grad_torch_reversed(x: Any, labels: Any) -> Any:
    import torch

    return (torch.nn.functional.one_hot(labels, x.shape[-1]).to(x.dtype) - x.softmax(-1)) / max(len(x), 1)


@variant("onehot missing", "float32", _ANY, "softmax / m in torch", ordinary=None, **_TORCH)
def cross_entropy_grad_torch_softmax(x: Any, labels: Any) -> Any:
    return x.softmax(-1) / max(len(x), 1)


@variant("strides", "float32", viewed(lambda b: b.T, 5, 3), "as_strided with contiguous strides", **_TORCH)
def softmax_torch_as_strided(x: Any) -> Any:
    return x.as_strided(x.shape, (x.shape[1], 1)).softmax(-1) if x.numel() else x.clone()


@variant("precision lost", "float64", _ANY, "float() on the way in", ordinary=None, **_TORCH)
def softmax_torch_through_float(x: Any) -> Any:
    return x.float().softmax(-1).double()


@variant(
    "low-precision sum",
    "bfloat16",
    constant(1, 400),
    "a bfloat16 accumulator in torch",
    contract={"max_classes": 4096},
    **_TORCH,
)
def softmax_torch_bfloat16_loop(x: Any) -> Any:
    import torch

    e = (x.float() - x.float().amax(-1, keepdim=True)).exp()
    total = torch.zeros(len(x), dtype=torch.bfloat16)
    for j in range(x.shape[1]):
        total += e[:, j].bfloat16()
    return (e / total.float()[:, None]).bfloat16()


@variant(
    "max not added back", "float32", normal(2, 4), "log-sum-exp of the shifted logits in torch", ordinary=None, **_TORCH
)
def logsumexp_torch_shifted(x: Any) -> Any:
    import torch

    return torch.logsumexp(x - x.amax(-1, keepdim=True), -1)
