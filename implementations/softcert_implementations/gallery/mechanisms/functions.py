"""Another function in the place of the right one."""

from __future__ import annotations

import numpy as np

from softcert_implementations.gallery import textbook
from softcert_implementations.gallery.mechanisms.mechanism import LOSS, Table
from softcert_implementations.gallery.mechanisms.textbook_parts import Parts, nothing, same, sum_rows
from softcert_implementations.gallery.textbook import Array

TABLE = Table()
add = TABLE.add


def _sparsemax_logits(w: Array) -> Array:
    z = np.sort(w, -1)[:, ::-1].astype(np.float64)
    k = np.arange(1, w.shape[1] + 1)
    support = np.maximum((1 + k * z > np.cumsum(z, -1)).sum(-1), 1)
    tau = (np.take_along_axis(np.cumsum(z, -1), support[:, None] - 1, -1) - 1) / support[:, None]
    return np.log(np.maximum(w - tau, 0)).astype(w.dtype)


add(
    "wrong function",
    "gives the sigmoid",
    lambda _: Parts(
        probabilities=same,
        exp=lambda d: 1 / (1 + np.exp(-d)),
        total=lambda e: np.ones_like(e[:, :1]),
        top=nothing,
    ),
)
add(
    "wrong function",
    "normalises sigmoids",
    lambda _: Parts(exp=lambda d: 1 / (1 + np.exp(-d)), top=nothing),
)
add("wrong function", "gives 1 at the maximum", lambda _: Parts(exp=lambda d: (d == 0).astype(d.dtype)))
add("wrong function", "normalises squares", lambda _: Parts(exp=np.square, top=nothing))
add(
    "wrong function",
    "divides by the root of the sum of squares",
    lambda _: Parts(total=lambda e: np.sqrt(sum_rows(e * e))),
)
add("wrong function", "does not divide", lambda _: Parts(total=lambda e: np.ones_like(e[:, :1])))
add("wrong function", "divides by the largest", lambda _: Parts(total=lambda e: e.max(-1, keepdims=True)))
add("wrong function", "adds 1 to the sum", lambda _: Parts(total=lambda e: sum_rows(e) + 1))
add(
    "wrong function",
    "adds exp(-max) to the sum (an extra logit of 0)",
    lambda _: Parts(logits=lambda w: np.concatenate([w, np.zeros_like(w[:, :1])], -1)),
)
add("wrong function", "averages the exponentials", lambda _: Parts(total=lambda e: e.mean(-1, keepdims=True)))
add(
    "wrong function",
    "leaves the label, or each class itself, out of the sum",
    lambda _: Parts(total=lambda e: sum_rows(e) - e),
    operations=("softmax", "log_softmax", *LOSS),
    bases=("shifted",),
)
add(
    "wrong function",
    "keeps the {} largest",
    lambda c: Parts(
        logits=lambda w: np.where(w >= np.sort(w, -1)[:, -min(c, w.shape[1])][:, None], w, -np.inf).astype(w.dtype)
    ),
    (1, 2, 3, 4, 5, 8, 10, 16, 32, 40, 50),
)
add(
    "wrong function",
    "projects onto the simplex (sparsemax)",
    lambda _: Parts(probabilities=same, logits=_sparsemax_logits),
    operations=("softmax",),
)
add("wrong function", "gives the maximum", lambda _: Parts(add_back=lambda top, log: top), bases=("by logsumexp",))
add(
    "wrong function",
    "weights the loss by (1 - p)^{}",
    lambda c: Parts(losses=lambda each: (1 - np.exp(-each)) ** c * each),
    (1, 2, 3),
    operations=LOSS,
)
add(
    "wrong function",
    "adds the entropy or the other classes' losses",
    lambda _: Parts(losses=lambda each: each - np.log1p(-np.exp(-each))),
    operations=LOSS,
)
add(
    "wrong function",
    "gives the square of one minus p",
    lambda _: Parts(losses=lambda each: (1 - np.exp(-each)) ** 2),
    operations=LOSS,
)
add(
    "wrong function",
    "gives the largest loss",
    lambda _: Parts(mean=lambda each: each.max(initial=-np.inf)),
    operations=LOSS,
)
add(
    "wrong function",
    "gives the median loss",
    lambda _: Parts(mean=lambda each: np.median(each) if len(each) else np.nan),
    operations=LOSS,
)
add("double softmax", "applies the softmax twice", lambda _: Parts(logits=textbook.softmax))
add(
    "double softmax",
    "normalises log-probabilities, which are normalised, by their own softmax's logarithm",
    lambda _: Parts(logits=lambda w: np.exp(textbook.log_softmax(w))),
)
add(
    "nll of probabilities",
    "gives the probability, not its logarithm",
    lambda _: Parts(log=same),
    operations=("log_softmax", "cross_entropy"),
    bases=("by probability",),
)
add(
    "nll of probabilities",
    "gives one minus the probability",
    lambda _: Parts(log=lambda p: p - 1),
    operations=("log_softmax", "cross_entropy"),
    bases=("by probability",),
)
