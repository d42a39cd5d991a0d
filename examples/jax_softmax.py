"""A jitted JAX loss; JAX differentiates it.

    softcert certify examples/jax_softmax.py --dtype float32

A module as a whole: every function in it that is named as an operation is certified.
"""

import jax
import jax.numpy as jnp


@jax.jit
def log_softmax(x):
    d = x - jax.lax.stop_gradient(x.max(axis=-1, keepdims=True))
    return d - jnp.log(jnp.exp(d).sum(axis=-1, keepdims=True))


@jax.jit
def cross_entropy(x, labels):
    return -jnp.take_along_axis(log_softmax(x), labels[:, None], axis=-1).mean()
