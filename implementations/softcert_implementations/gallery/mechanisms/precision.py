"""Less precision than the working one, in a sum or on the way."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ml_dtypes
import numpy as np

from softcert_implementations.gallery import textbook
from softcert_implementations.gallery.mechanisms.mechanism import LOSSES, Table
from softcert_implementations.gallery.mechanisms.shared import cut_to
from softcert_implementations.gallery.mechanisms.textbook_parts import Part, Parts, sum_rows
from softcert_implementations.gallery.textbook import Array

TABLE = Table()
add = TABLE.add
HALF, BF16 = np.dtype(np.float16), np.dtype(ml_dtypes.bfloat16)
NARROW = (HALF, BF16)
NARROWER = (np.dtype(np.float16), np.dtype(ml_dtypes.bfloat16), np.dtype(np.float32))


def _one_by_one(dtype: Any) -> Callable[[Array], Array]:
    return lambda e: textbook.running_sum(e, dtype).astype(e.dtype)


def _at_once(dtype: Any) -> Callable[[Array], Array]:
    return lambda e: sum_rows(e).astype(dtype).astype(e.dtype)


def _running_mean(each: Array, dtype: Any) -> Any:
    mean = np.zeros((), dtype)
    for k, loss in enumerate(each.astype(dtype)):
        mean = (mean + (loss - mean).astype(dtype) / dtype.type(k + 1)).astype(dtype)
    return mean.astype(np.float32)


def _through(dtype: Any) -> Callable[[Array], Array]:
    return lambda v: v.astype(dtype).astype(v.dtype)


def _of_part(change: Callable[[Part], Parts], rounding: Callable[[Any], Part]) -> Callable[[Any], Parts]:
    """The parts of a constant: one of them rounded as the constant says."""
    return lambda constant: change(rounding(constant))


add("low-precision sum", "adds the exponentials one by one in {}", lambda c: Parts(total=_one_by_one(c)), NARROW)
add(
    "low-precision sum",
    "adds in blocks of 32 in {}",
    lambda c: Parts(
        total=lambda e: textbook.running_sum(
            np.add.reduceat(e, range(0, e.shape[1], 32), axis=1) if e.shape[1] else e, c
        ).astype(e.dtype)
    ),
    NARROW,
)
add(
    "low-precision sum",
    "adds one by one in {} and takes the logarithm there",
    lambda c: Parts(total=lambda e: textbook.running_sum(e, c), log=lambda s: np.log(s).astype(np.float32)),
    NARROW,
    operations=("log_softmax", "logsumexp", "cross_entropy"),
)
add("low-precision sum", "rounds the sum to {}", lambda c: Parts(total=_at_once(c)), NARROW)
add(
    "low-precision sum",
    "adds the losses one by one in {}",
    lambda c: Parts(
        mean=lambda each: (
            np.add.accumulate(each.astype(c), dtype=c)[-1:].sum().astype(np.float32) / np.float32(len(each))
        )
    ),
    (*NARROW, np.dtype(np.float32)),
    operations=("cross_entropy",),
)
add(
    "low-precision sum",
    "keeps the sum of the losses in {}",
    lambda c: Parts(mean=lambda each: each.sum().astype(c).astype(np.float32) / np.float32(len(each))),
    NARROW,
    operations=("cross_entropy",),
)
add(
    "low-precision sum",
    "keeps the running mean of the losses in {}",
    lambda c: Parts(mean=lambda each: _running_mean(each, c)),
    NARROW,
    operations=("cross_entropy",),
)
for _what, _change in (
    ("logits", lambda f: Parts(logits=f)),
    ("shifted logits", lambda f: Parts(differences=f)),
    ("exponentials", lambda f: Parts(exp=lambda d: f(np.exp(d)))),
    ("sum", lambda f: Parts(total=lambda e: f(sum_rows(e)))),
    ("results", lambda f: Parts(probabilities=f, log_probabilities=f)),
    ("logarithm of the sum", lambda f: Parts(log=lambda s: f(np.log(s)))),
    ("normaliser", lambda f: Parts(add_back=lambda top, log: f(top + log))),
    ("losses", lambda f: Parts(losses=f)),
    ("reciprocal of the sum", lambda f: Parts(total=lambda e: 1 / f(1 / sum_rows(e)))),
):
    _operations = ("cross_entropy",) if _what == "losses" else ("softmax", "log_softmax", "logsumexp", *LOSSES)
    _bases = ("by logsumexp",) if _what == "normaliser" else ("shifted", "by logsumexp")
    add(
        "precision lost",
        f"rounds the {_what} to {{}}",
        _of_part(_change, _through),
        NARROWER,
        operations=_operations,
        bases=_bases,
    )
    add(
        "precision lost",
        f"cuts the {_what} to {{}} bits",
        _of_part(_change, cut_to),
        (8, 11, 16, 24),
        operations=_operations,
        bases=_bases,
    )
add(
    "precision lost",
    "rounds the logits to {} and adds in float64",
    lambda c: Parts(logits=lambda w: w.astype(c).astype(np.float32), total=lambda e: sum_rows(e.astype(np.float64))),
    NARROWER,
)
add(
    "precision lost",
    "works in {} throughout",
    lambda c: Parts(
        logits=lambda w: w.astype(c),
        total=lambda e: textbook.running_sum(e, c) if e.dtype.itemsize < 4 else sum_rows(e),
    ),
    NARROWER,
)
add(
    "precision lost",
    "rounds logits and results to {}",
    lambda c: Parts(logits=_through(c), probabilities=_through(c), log_probabilities=_through(c)),
    NARROWER,
)
