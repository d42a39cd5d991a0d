"""PaddlePaddle's cross_entropy (CPU) of eight classes hides a +inf and a NaN. Needs paddlepaddle and mpmath."""

import sys

import mpmath
import numpy as np
import paddle
from paddle.nn import functional


def cross_entropy(first):
    logits = np.zeros((1, 8), np.float32)
    logits[0, 0] = first
    x = paddle.to_tensor(logits, stop_gradient=False)
    loss = functional.cross_entropy(x, paddle.to_tensor([0]))
    loss.backward()
    return float(loss), float(x.grad[0, 0])


got = [cross_entropy(np.inf), cross_entropy(np.nan)]
print("expected", [mpmath.nan] * 2, "or, for inf, the limit (0, 0); got", got)
sys.exit(any(np.isfinite(value) and value != 0 for pair in got for value in pair))
