"""torch.nn.functional as it stands, its gradient by autograd.

In half precision torch's log-softmax and log-sum-exp round the sum of exponentials to the input's format once, and
the gradient of the loss is made from log-probabilities saved in it: the contract says so (`sum_format`,
`saved_format`, a sum of depth 1 in that format). torch is imported when a function is first called.
"""

from __future__ import annotations

from typing import Any

from softcert_implementations.implementation import Implementation, operations_in


def softmax(x: Any) -> Any:
    """torch.softmax over the last axis; x and result of shape (m, C)."""
    import torch

    return torch.softmax(x, dim=-1)


def log_softmax(x: Any) -> Any:
    """torch.log_softmax over the last axis; (m, C)."""
    import torch

    return torch.log_softmax(x, dim=-1)


def logsumexp(x: Any) -> Any:
    """torch.logsumexp over the last axis; (m,)."""
    import torch

    return torch.logsumexp(x, dim=-1)


def cross_entropy(x: Any, labels: Any) -> Any:
    """torch.nn.functional.cross_entropy with its default reduction, the mean; 0-d."""
    import torch

    return torch.nn.functional.cross_entropy(x, labels)


def cross_entropy_grad(x: Any, labels: Any) -> Any:
    """The gradient of `cross_entropy` by the logits, from autograd; (m, C)."""
    import torch

    leaf = x.detach().requires_grad_(True)
    with torch.enable_grad():
        (gradient,) = torch.autograd.grad(cross_entropy(leaf, labels), leaf)
    return gradient


_HALVES = ("float16", "bfloat16")
_FROM_LOG_SOFTMAX = ("cross_entropy", "cross_entropy_grad")
_ROUNDED_SUM = ("log_softmax", "logsumexp", *_FROM_LOG_SOFTMAX)

IMPLEMENTATION = Implementation(
    name="torch_functional",
    ops=operations_in(globals()),
    dtypes=("float16", "bfloat16", "float32", "float64"),
    arrays="torch",
    batched=True,
    description="torch.nn.functional, the gradient by autograd",
    spec="torch_functional",
    sum_format={f"{op}/{half}": half for op in _ROUNDED_SUM for half in _HALVES},
    saved_format={f"{op}/{half}": half for op in _FROM_LOG_SOFTMAX for half in _HALVES},
    summation={f"{op}/{half}": 1 for op in _ROUNDED_SUM for half in _HALVES},
    # Log-sum-exp is composed of operations in half: difference, exponential, logarithm and sum are each rounded to it.
    working_precision={f"logsumexp/{half}": half for half in _HALVES},
    exp_ulp={f"logsumexp/{half}": 1.0 for half in _HALVES},
    log_ulp={f"logsumexp/{half}": 1.0 for half in _HALVES},
    # A sum of exponentials that is kept in float16 ends at its largest number.
    max_classes={f"{op}/float16": 65504 for op in _ROUNDED_SUM},
    # The mean's number of rows is counted in float16 too: from 65520 rows on it is infinite, and the loss 0.
    max_rows={f"{op}/float16": 65504 for op in _FROM_LOG_SOFTMAX},
)
