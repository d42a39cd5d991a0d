"""paddle.nn.functional.softmax (CPU) turns a row with a NaN into ordinary probabilities. Needs paddle and mpmath."""

import sys

import mpmath
import numpy as np
import paddle

x = np.zeros((1, 8), np.float32)
x[0, :3] = -np.inf, np.nan, np.inf
got = paddle.nn.functional.softmax(paddle.to_tensor(x), axis=-1).numpy()[0]
print("expected", [mpmath.nan] * 8, "got", got.tolist())
sys.exit(not np.isnan(got).all())
