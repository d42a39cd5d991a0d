"""PaddlePaddle's log_softmax (CPU) takes a time that grows like the square of the classes. Needs paddlepaddle."""

import sys
import time

import numpy as np
import paddle
from paddle.nn import functional


def seconds(classes):
    x = paddle.to_tensor(np.ones((1, classes), np.float32))
    started = time.perf_counter()
    functional.log_softmax(x).numpy()
    return time.perf_counter() - started


seconds(8)
few, many = min(seconds(8192) for _ in range(3)), seconds(65536)
print(f"expected about 8 times the time for 8 times the classes, got {many / few:.0f} times: {few:.3f} s, {many:.3f} s")
sys.exit(many > 24 * few)
