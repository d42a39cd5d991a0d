"""mlx.core and mlx.nn on the CPU."""

import mlx.core as mx
import mlx.nn as nn


def softmax(x):
    return mx.softmax(x, axis=-1)


def log_softmax(x):
    return nn.log_softmax(x, axis=-1)


def logsumexp(x):
    return mx.logsumexp(x, axis=-1)


def cross_entropy(x, labels):
    return nn.losses.cross_entropy(x, labels, reduction="mean")
