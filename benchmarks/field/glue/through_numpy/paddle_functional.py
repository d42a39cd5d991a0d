"""paddle.nn.functional."""

import paddle
from paddle.nn import functional


def softmax(x):
    return functional.softmax(paddle.to_tensor(x), axis=-1).numpy()


def log_softmax(x):
    return functional.log_softmax(paddle.to_tensor(x), axis=-1).numpy()


def logsumexp(x):
    return paddle.logsumexp(paddle.to_tensor(x), axis=-1).numpy()


def cross_entropy(x, labels):
    return functional.cross_entropy(paddle.to_tensor(x), paddle.to_tensor(labels)).numpy()


def cross_entropy_grad(x, labels):
    logits = paddle.to_tensor(x, stop_gradient=False)
    functional.cross_entropy(logits, paddle.to_tensor(labels)).backward()
    return logits.grad.numpy()
