"""A class whose methods are named as operations; all of them are certified.

    softcert certify examples/class_with_methods.py:Loss

The class is instantiated without arguments. Name an instance instead if yours needs some.
"""

import numpy as np


class Loss:
    """The loss, its gradient and what both are made of."""

    def log_softmax(self, x):
        """(x - max) - log of the sum; (m, C)."""
        d = x - x.max(axis=-1, keepdims=True)
        return d - np.log(np.exp(d).sum(axis=-1, keepdims=True))

    def cross_entropy(self, x, labels):
        """The mean over the rows; a scalar."""
        rows = np.arange(len(labels))
        return -self.log_softmax(x)[rows, labels].mean(dtype=x.dtype)

    def cross_entropy_grad(self, x, labels):
        """(p - t) / m; (m, C)."""
        d = x - x.max(axis=-1, keepdims=True)
        e = np.exp(d)
        g = e / e.sum(axis=-1, keepdims=True)
        g[np.arange(len(labels)), labels] -= 1
        return g / x.dtype.type(len(labels))
