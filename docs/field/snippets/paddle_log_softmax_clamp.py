"""paddle.nn.functional.log_softmax (CPU) never goes below -64. Needs paddle and mpmath."""

import sys

import mpmath
import paddle

x = paddle.to_tensor([[0.0, -100.0]], dtype="float32")
got = float(paddle.nn.functional.log_softmax(x, axis=-1).numpy()[0, 1])
expected = -100 - mpmath.log(1 + mpmath.exp(-100))
print("expected", mpmath.nstr(expected, 10), "got", got)
sys.exit(abs(got - expected) > 1e-4)
