"""Liger's cross-entropy returns the logits as gradient where their columns are strided. Needs liger-kernel, torch.

Without a GPU: TRITON_INTERPRET=1.
"""

import sys

import mpmath
import torch
from liger_kernel.ops.cross_entropy import LigerCrossEntropyFunction

values = torch.tensor([[0.0, 2.0], [1.0, 0.5]])
x = values.t().contiguous().t().requires_grad_()  # the same values, column by column in memory
LigerCrossEntropyFunction.apply(x, torch.tensor([1, 0]), None)[0].backward()
got = x.grad[0].tolist()
p = 1 / (1 + mpmath.exp(2))
print("expected", [mpmath.nstr(p / 2, 8), mpmath.nstr(-p / 2, 8)], "got", got)
sys.exit(abs(got[1] + p / 2) > 0.01)
