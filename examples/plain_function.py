"""A plain NumPy function: nothing to declare, nothing to import from softcert.

    softcert certify examples/plain_function.py:softmax

The operation is read off the function's name, the array library off its code, the axis off its signature.
"""

import numpy as np


def softmax(x, axis=-1):
    e = np.exp(x - x.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)
