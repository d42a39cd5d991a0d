"""torch.nn.functional with its options, and the options that it has not composed from torch's own operations.

weight, ignore_index, reduction, label_smoothing and class probabilities are cross_entropy's own; axis, temperature,
mask and soft cap shape the logits before it; gradients and vector-Jacobian products are autograd's. Two things differ
from what comes to mind first. The z-loss takes its log-sum-exp from the maximum and the sum, because the backward
pass of torch.logsumexp is exp(x - lse), which loses the digits of a large common offset. And torch multiplies a
target of 0 by a log-probability of -inf: the contract says that the result is NaN. torch is imported when called.
"""

from __future__ import annotations

from typing import Any

from softcert_implementations.implementation import Implementation, operations_in
from softcert_oracle import operations

_INFINITY = float("inf")


def _shaped(x: Any, axis: int, temperature: float, mask: Any, softcap: float | None = None) -> Any:
    """The logits with soft cap, temperature and mask applied and the classes on the last axis."""
    import torch

    if softcap is not None:
        x = softcap * torch.tanh(x / softcap)
    if temperature != 1.0:
        x = x / temperature
    if mask is not None:
        x = x.masked_fill(~mask, -_INFINITY)
    return x.movedim(axis, -1)


def _written(result: Any, out: Any) -> Any:
    return result if out is None else out.copy_(result)


def softmax(x: Any, *, axis: int = -1, temperature: float = 1.0, mask: Any = None, out: Any = None) -> Any:
    """torch.softmax of the shaped logits; the shape of x."""
    import torch

    return _written(torch.softmax(_shaped(x, axis, temperature, mask), dim=-1).movedim(-1, axis), out)


def log_softmax(x: Any, *, axis: int = -1, temperature: float = 1.0, mask: Any = None, out: Any = None) -> Any:
    """torch.log_softmax of the shaped logits; the shape of x."""
    import torch

    return _written(torch.log_softmax(_shaped(x, axis, temperature, mask), dim=-1).movedim(-1, axis), out)


def logsumexp(x: Any, *, axis: int = -1, temperature: float = 1.0, mask: Any = None, out: Any = None) -> Any:
    """torch.logsumexp of the shaped logits; the shape of x without the axis."""
    import torch

    return _written(torch.logsumexp(_shaped(x, axis, temperature, mask), dim=-1), out)


def cross_entropy(
    x: Any,
    labels: Any = None,
    *,
    targets: Any = None,
    weight: Any = None,
    ignore_index: int | None = None,
    reduction: str = "mean",
    label_smoothing: float = 0.0,
    axis: int = -1,
    temperature: float = 1.0,
    mask: Any = None,
    softcap: float | None = None,
    z_loss: float = 0.0,
) -> Any:
    """torch.nn.functional.cross_entropy of the shaped logits; labels or targets (class probabilities).

    The z-loss is added to the loss of each row that is kept; a mean divides it as it divides the losses.
    """
    import torch
    from torch.nn import functional

    z = _shaped(x, axis, temperature, mask, softcap)
    lead, classes = z.shape[:-1], z.shape[-1]
    z = z.reshape(-1, classes)
    soft = targets is not None
    wanted = targets.movedim(axis, -1).reshape(-1, classes) if soft else labels.reshape(-1)
    options = {"weight": weight, "label_smoothing": label_smoothing}
    if ignore_index is not None and not soft:
        options["ignore_index"] = ignore_index
    if not z_loss:
        losses = functional.cross_entropy(z, wanted, reduction=reduction, **options)
        return losses.reshape(lead) if reduction == "none" else losses
    top = z.detach().amax(-1, keepdim=True)
    lse = top[:, 0] + (z - top).exp().sum(-1).log()
    kept = torch.ones_like(lse, dtype=torch.bool) if soft or ignore_index is None else wanted != ignore_index
    losses = functional.cross_entropy(z, wanted, reduction="none", **options)
    losses = losses + torch.where(kept, z_loss * lse * lse, 0.0)
    if reduction == "none":
        return losses.reshape(lead)
    if reduction == "sum":
        return losses.sum()
    if soft or weight is None:
        return losses.sum() / (len(losses) if soft else kept.sum())
    return losses.sum() / weight[torch.where(kept, wanted, 0)][kept].sum()


def _by_autograd(function: Any, leaves: tuple[Any, ...], upstream: Any) -> tuple[Any, ...]:
    import torch

    with torch.enable_grad():
        leaves = tuple(leaf.detach().requires_grad_(True) for leaf in leaves)
        value = function(*leaves)
        weights = torch.ones_like(value) if upstream is None else upstream
        return tuple(torch.autograd.grad(value, leaves, weights))


def cross_entropy_grad(x: Any, labels: Any = None, *, upstream: Any = None, **options: Any) -> Any:
    """The gradient of `cross_entropy` by the logits, times the upstream gradient, from autograd; the shape of x."""
    return _by_autograd(lambda leaf: cross_entropy(leaf, labels, **options), (x,), upstream)[0]


def softmax_vjp(x: Any, upstream: Any, **options: Any) -> Any:
    """The upstream gradient times the Jacobian of `softmax`, from autograd; the shape of x."""
    return _by_autograd(lambda leaf: softmax(leaf, **options), (x,), upstream)[0]


def log_softmax_vjp(x: Any, upstream: Any, **options: Any) -> Any:
    """The upstream gradient times the Jacobian of `log_softmax`, from autograd; the shape of x."""
    return _by_autograd(lambda leaf: log_softmax(leaf, **options), (x,), upstream)[0]


def linear_cross_entropy(X: Any, W: Any, b: Any, labels: Any, *, reduction: str = "mean") -> Any:
    """cross_entropy(linear(X, W, b), labels) for features X (m, K), weights W (C, K) and bias b (C,)."""
    from torch.nn import functional

    return functional.cross_entropy(functional.linear(X, W, b), labels, reduction=reduction)


def linear_cross_entropy_grad(
    X: Any,
    W: Any,
    b: Any,
    labels: Any,
    *,
    reduction: str = "mean",
) -> tuple[Any, ...]:
    """The gradients of `linear_cross_entropy` (of its sum for "none") by X, W and b, from autograd."""

    def loss(*leaves: Any) -> Any:
        features, weights, bias = leaves
        return linear_cross_entropy(features, weights, bias, labels, reduction=reduction)

    return _by_autograd(loss, (X, W, b), None)


IMPLEMENTATION = Implementation(
    name="torch_options",
    ops=operations_in(globals()),
    dtypes=("float32", "float64"),
    arrays="torch",
    batched=True,
    description="torch.nn.functional with every option, gradients by autograd",
    spec="softcert_implementations.bundled.torch_options:IMPLEMENTATION",
    options=tuple(operations.OPTIONS),
    special_values={"soft target 0 on -inf": "nan"},
)
