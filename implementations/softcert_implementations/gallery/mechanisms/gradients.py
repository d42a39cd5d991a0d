"""The gradient p - t: its parts, its sign and the Jacobian that it comes from."""

from __future__ import annotations

from typing import Any

import numpy as np

from softcert_implementations.gallery.mechanisms.mechanism import GRADIENT, Table
from softcert_implementations.gallery.mechanisms.textbook_parts import Parts, difference, same, sum_rows
from softcert_implementations.gallery.textbook import Array

TABLE = Table()
add = TABLE.add


def _through_the_jacobian(p: Array, t: Array) -> Any:
    upstream = -t / p
    return p * (upstream - sum_rows(upstream * p)) / p.dtype.type(max(len(p), 1))


add(
    "onehot missing",
    "never subtracts the one-hot row",
    lambda _: Parts(gradient=lambda p, t: difference(p, 0 * t)),
    operations=GRADIENT,
)
add(
    "onehot missing",
    "subtracts the one-hot row for label 0 only",
    lambda _: Parts(gradient=lambda p, t: difference(p, t * (np.arange(p.shape[1]) == 0))),
    operations=GRADIENT,
)
add(
    "onehot missing",
    "subtracts the one-hot row in the first row only",
    lambda _: Parts(gradient=lambda p, t: difference(p, t * (np.arange(len(p)) == 0)[:, None])),
    operations=GRADIENT,
)
add(
    "sign reversed",
    "subtracts the probabilities from the one-hot row",
    lambda _: Parts(gradient=lambda p, t: -difference(p, t)),
    operations=GRADIENT,
)
add(
    "sign reversed",
    "adds the one-hot row",
    lambda _: Parts(gradient=lambda p, t: difference(p, -t)),
    operations=GRADIENT,
)
add(
    "sign reversed",
    "gives the negative of the result",
    lambda _: Parts(log_probabilities=np.negative, losses=same),
    operations=("log_softmax", "cross_entropy"),
)
add("sign reversed", "works on the negative logits", lambda _: Parts(logits=np.negative))
add(
    "sign reversed",
    "gives minus the log-sum-exp",
    lambda _: Parts(add_back=lambda top, log: -(top + log)),
    operations=("logsumexp",),
    bases=("by logsumexp",),
)
add(
    "sign reversed",
    "subtracts the logarithm instead of adding it",
    lambda _: Parts(add_back=lambda top, log: top - log),
    bases=("by logsumexp",),
)
add(
    "sign reversed",
    "adds the logarithm instead of subtracting it",
    lambda _: Parts(log=lambda s: -np.log(s)),
    operations=("log_softmax", "cross_entropy"),
    bases=("shifted",),
)
add(
    "diagonal Jacobian",
    "keeps the label's column only",
    lambda _: Parts(gradient=lambda p, t: difference(p, t) * t),
    operations=GRADIENT,
)
add(
    "diagonal Jacobian",
    "multiplies by p (1 - p)",
    lambda _: Parts(gradient=lambda p, t: difference(p, t) * p * (1 - p)),
    operations=GRADIENT,
)
add(
    "diagonal Jacobian",
    "multiplies by p",
    lambda _: Parts(gradient=lambda p, t: difference(p, t) * p),
    operations=GRADIENT,
)
add(
    "diagonal Jacobian",
    "gives -t (1 - p) p / p",
    lambda _: Parts(gradient=lambda p, t: -t * (1 - p) / p.dtype.type(max(len(p), 1))),
    operations=GRADIENT,
)
add(
    "via division by p",
    "multiplies the Jacobian by -t/p",
    lambda _: Parts(gradient=lambda p, t: _through_the_jacobian(p, t)),
    operations=GRADIENT,
)
add(
    "via division by p",
    "divides by p and multiplies again",
    lambda _: Parts(gradient=lambda p, t: (p - t * p / p) / p.dtype.type(max(len(p), 1))),
    operations=GRADIENT,
)
