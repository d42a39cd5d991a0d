"""paddle.logsumexp (CPU) of a row whose largest logit is infinite is NaN. Needs paddle and mpmath."""

import sys

import mpmath
import paddle

x = paddle.to_tensor([[float("inf")], [-float("inf")]], dtype="float32")
got = paddle.logsumexp(x, axis=-1).numpy().tolist()
print("expected", [mpmath.inf, -mpmath.inf], "got", got)
sys.exit(got != [float("inf"), -float("inf")])
