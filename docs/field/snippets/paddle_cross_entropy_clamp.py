"""paddle.nn.functional.cross_entropy (CPU) is never above 64 plus a logarithm. Needs paddle and mpmath."""

import sys

import mpmath
import paddle

x, label = paddle.to_tensor([[0.0, -100.0]], dtype="float32"), paddle.to_tensor([1])
got = float(paddle.nn.functional.cross_entropy(x, label).numpy())
expected = 100 + mpmath.log(1 + mpmath.exp(-100))
print("expected", mpmath.nstr(expected, 10), "got", got)
sys.exit(abs(got - expected) > 1e-4)
