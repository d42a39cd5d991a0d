"""Rows, classes and labels beyond what a capacity or an index type holds."""

from __future__ import annotations

import numpy as np

from softcert_implementations.gallery.mechanisms.mechanism import BY_ROW, LOSSES, Table
from softcert_implementations.gallery.mechanisms.shared import sum_of
from softcert_implementations.gallery.mechanisms.textbook_parts import Parts

TABLE = Table()
add = TABLE.add
CAPACITIES = (16, 32, 48, 64, 100, 128, 256, 512, 1000, 1024, 2000, 2048, 4096, 8192, 10000, 16384, 32768, 65536)


add(
    "capacity exceeded", "adds the first {} classes only", lambda c: Parts(total=sum_of(lambda n: slice(c))), CAPACITIES
)
add(
    "capacity exceeded",
    "handles the first {} classes only",
    lambda c: Parts(logits=lambda w: w[:, :c]),
    CAPACITIES,
    operations=(*BY_ROW, "cross_entropy_grad"),
)
add(
    "capacity exceeded",
    "writes the first {} classes only",
    lambda c: Parts(probabilities=lambda p: p[:, :c], log_probabilities=lambda p: p[:, :c]),
    CAPACITIES,
    operations=("softmax", "log_softmax"),
)
add(
    "capacity exceeded",
    "handles the first {} rows only",
    lambda c: Parts(logits=lambda w: w[:c]),
    CAPACITIES,
    operations=("softmax", "log_softmax", "cross_entropy_grad"),
)
add(
    "capacity exceeded",
    "averages the first {} rows only",
    lambda c: Parts(mean=lambda each: each[:c].mean()),
    CAPACITIES,
    operations=("cross_entropy",),
)
add(
    "index overflow",
    "counts classes modulo {}",
    lambda c: Parts(logits=lambda w: w[:, np.arange(w.shape[1]) % c]),
    (2**8, 2**15, 2**16),
)
add(
    "index overflow",
    "counts labels modulo {}",
    lambda c: Parts(labels=lambda y, x: y.astype(np.int64) % c),
    (2**15, 2**16),
    operations=LOSSES,
)
add(
    "index overflow",
    "counts labels in a signed integer of {} bits",
    lambda c: Parts(labels=lambda y, x: y.astype(f"int{c}").astype(np.int64) % x.shape[1]),
    (16,),
    operations=LOSSES,
)
