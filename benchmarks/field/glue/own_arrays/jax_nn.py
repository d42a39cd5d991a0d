"""jax.nn, without jit."""

import jax
from jax.scipy import special


def softmax(x):
    return jax.nn.softmax(x, axis=-1)


def log_softmax(x):
    return jax.nn.log_softmax(x, axis=-1)


def logsumexp(x):
    return special.logsumexp(x, axis=-1)
