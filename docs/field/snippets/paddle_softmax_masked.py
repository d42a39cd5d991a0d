"""paddle.nn.functional.softmax (CPU) gives a class at -inf a positive probability. Needs paddle and mpmath."""

import sys

import mpmath
import paddle

x = paddle.to_tensor([[0.0, -float("inf")]], dtype="float32")
got = float(paddle.nn.functional.softmax(x, axis=-1).numpy()[0, 1])
print("expected", mpmath.exp(-mpmath.inf), "got", got)
sys.exit(got != 0)
