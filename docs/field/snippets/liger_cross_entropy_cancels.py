"""Liger's cross-entropy is the log-sum-exp less the label's logit, each rounded. Needs liger-kernel, torch, mpmath.

Without a GPU: TRITON_INTERPRET=1.
"""

import sys

import mpmath
import torch
from liger_kernel.ops.cross_entropy import LigerCrossEntropyFunction

x = torch.tensor([[990.7, 1001.0]])
got = float(LigerCrossEntropyFunction.apply(x, torch.tensor([1]), None)[0])
a, b = (mpmath.mpf(v) for v in x[0].tolist())
expected = mpmath.log(1 + mpmath.exp(a - b))
print(
    "expected",
    mpmath.nstr(expected, 8),
    "got",
    got,
    "torch",
    float(torch.nn.functional.cross_entropy(x, torch.tensor([1]))),
)
sys.exit(abs(got - expected) > expected / 10)
