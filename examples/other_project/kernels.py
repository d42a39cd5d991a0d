"""The code of some other project: a stable softmax, and a log-softmax that is not."""

import numpy as np


def softmax(x):
    e = np.exp(x - x.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def log_softmax(x):
    with np.errstate(divide="ignore"):
        return np.log(softmax(x))  # -inf where a probability vanishes, and few digits next to zero
