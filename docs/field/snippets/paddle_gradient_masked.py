"""The gradient of paddle's cross_entropy (CPU) at a class at -inf is not 0. Needs paddle and mpmath."""

import sys

import mpmath
import paddle

x = paddle.to_tensor([[-float("inf"), 0.0]], dtype="float32", stop_gradient=False)
paddle.nn.functional.cross_entropy(x, paddle.to_tensor([1])).backward()
got = float(x.grad.numpy()[0, 0])
print("expected", mpmath.exp(-mpmath.inf), "got", got)
sys.exit(got != 0)
