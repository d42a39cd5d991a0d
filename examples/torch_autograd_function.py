"""A torch.autograd.Function with a hand-written backward: its apply is certified, and so is the gradient.

    softcert certify examples/torch_autograd_function.py:CrossEntropy

Only the loss is written as an operation here. softcert differentiates it through autograd, which calls ``backward``:
a wrong backward is found as a wrong cross_entropy_grad.
"""

import torch


class CrossEntropy(torch.autograd.Function):
    """The mean loss, with its own backward."""

    @staticmethod
    def forward(ctx, x, labels):
        """The loss, a scalar; log-probabilities are kept for the gradient."""
        log_p = x - x.max(dim=-1, keepdim=True).values
        log_p = log_p - log_p.exp().sum(dim=-1, keepdim=True).log()
        ctx.save_for_backward(log_p, labels)
        return -log_p.gather(1, labels[:, None]).mean()

    @staticmethod
    def backward(ctx, upstream):
        """(p - t) / m, times what comes from later; nothing for the labels."""
        log_p, labels = ctx.saved_tensors
        g = log_p.exp()
        g.scatter_add_(1, labels[:, None], torch.full_like(labels[:, None], -1, dtype=g.dtype))
        return g * (upstream / len(labels)), None
