"""optax's cross-entropy is the log-sum-exp less the label's logit, each rounded. Needs optax and mpmath."""

import sys

import jax.numpy as jnp
import mpmath
import optax

x = jnp.array([[990.7, 1001.0]], jnp.float32)
got = float(optax.softmax_cross_entropy_with_integer_labels(x, jnp.array([1]))[0])
a, b = (mpmath.mpf(v) for v in x[0].tolist())
expected = mpmath.log(1 + mpmath.exp(a - b))
print("expected", mpmath.nstr(expected, 8), "got", got)
sys.exit(abs(got - expected) > expected / 10)
