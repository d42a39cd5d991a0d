"""Small subjects for the harness's tests: right ones, and ones that are wrong in one way."""

from __future__ import annotations

import numpy as np


def softmax(x):
    e = np.exp(x - x.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def log_softmax(x):
    d = x - x.max(axis=-1, keepdims=True)
    return d - np.log(np.exp(d).sum(axis=-1, keepdims=True))


def logsumexp(x):
    top = x.max(axis=-1)
    with np.errstate(all="ignore"):
        shifted = np.where(np.isfinite(top), top, 0)
        return np.asarray(shifted + np.log(np.exp(x - shifted[:, None]).sum(axis=-1)), x.dtype)


def cross_entropy(x, labels):
    return -log_softmax(x)[np.arange(len(x)), labels].mean()


def cross_entropy_grad(x, labels):
    g = softmax(x)
    g[np.arange(len(x)), labels] -= 1
    return g / x.dtype.type(len(x))


OPS = {
    "softmax": softmax,
    "log_softmax": log_softmax,
    "logsumexp": logsumexp,
    "cross_entropy": cross_entropy,
    "cross_entropy_grad": cross_entropy_grad,
}


def unshifted_softmax(x):
    e = np.exp(x)
    return e / e.sum(axis=-1, keepdims=True)


def zeros(x):
    return np.zeros_like(x)


def raises(x):
    raise ValueError("not today")


def wrong_shape(x):
    return softmax(x)[:, :-1]


def wrong_format(x):
    return softmax(x.astype(np.float64))


def no_array(x):
    return "probabilities"


def in_place(x):
    x -= x.max(axis=-1, keepdims=True)
    np.exp(x, out=x)
    x /= x.sum(axis=-1, keepdims=True)
    return x


def reads_beyond(x):
    wide = np.lib.stride_tricks.as_strided(x, (x.shape[0], x.shape[1] + 1), x.strides)
    return softmax(wide.copy())[:, : x.shape[1]]


class Cached:
    """Remembers by shape: the second input of a shape gets the first one's answer."""

    def __init__(self):
        self.known = {}

    def softmax(self, x):
        if x.shape not in self.known:
            self.known[x.shape] = softmax(x)
        return self.known[x.shape].copy()


def unnormalised(x):
    return softmax(x) * x.dtype.type(1.001)


def order_reversed(x):
    return softmax(-x)


def gradient_without_one_hot(x, labels):
    return softmax(x) / x.dtype.type(len(x))


def gradient_reversed(x, labels):
    return -cross_entropy_grad(x, labels)


def loss_of_probabilities(x, labels):
    return -softmax(x)[np.arange(len(x)), labels].mean()


def lse_without_the_maximum(x):
    return logsumexp(x) - x.max(axis=-1)
