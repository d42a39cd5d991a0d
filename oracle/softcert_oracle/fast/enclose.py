"""The fast path: enclosures of softmax, log-softmax and log-sum-exp in double-double, compiled by Numba.

Only IEEE 754 additions, multiplications, divisions and fused multiply-adds: the proof in docs/oracle.md needs no
libm. The relative error is below 2^-96 for every row of float64 logits with a finite maximum, whatever its length.
"""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

from softcert_oracle.errors import UsageError, unknown
from softcert_oracle.numbers.row_enclosures import RowEnclosures

PARTS = ("softmax", "complement", "log_softmax")
"""What `enclose` may be asked for, element by element; what a row has once always comes with it."""

MOST_CLASSES = 2**24
"""Up to here the bound on the sum's error is proven (docs/oracle.md, step 4)."""


def enclose(x: np.ndarray, parts: Collection[str] = PARTS) -> RowEnclosures:
    """Enclosures of softmax, its complement, log-softmax and log-sum-exp of rows.

    Parameters
    ----------
    x
        Logits, float64 of shape (m, C) with 1 to 2^24 classes; each row has a finite maximum. Entries of -inf have
        p = 0 and log p = -inf exactly.
    parts
        Which of `PARTS` are wanted; the others come back with shape (m, 0).

    Returns
    -------
    RowEnclosures
        Radii are at most 2^-96 relative, but for two cases: a value in (0, 2^-(2^32)) gets an interval from 0 to about
        there, and where max + L cancels the radius is 2^-96 L.

    Raises
    ------
    UsageError
        For another shape or format, a row without a finite maximum, a NaN, or an unknown part.

    Notes
    -----
    docs/oracle.md derives each radius.

    Examples
    --------
    >>> rows = enclose(np.array([[0.0, 0.0], [0.0, -1000.0]]))
    >>> rows.softmax.to_float().tolist(), rows.softmax.radius[0].tolist()
    ([[0.5, 0.5], [1.0, 0.0]], [0.0, 0.0])
    >>> int(rows.softmax.exponent[1, 1])  # e^-1000 is below the range of float64, but not below the enclosure's
    -1443
    """
    for part in parts:
        if part not in PARTS:
            raise unknown("part", part, PARTS)
    if x.ndim != 2 or not 1 <= x.shape[1] <= MOST_CLASSES or x.dtype != np.float64:
        raise UsageError(
            f"x has shape {x.shape} and dtype {x.dtype}: "
            f"enclose takes float64 rows, (m, C), of 1 to {MOST_CLASSES} classes."
        )
    from softcert_oracle.fast import schedule

    values = np.require(x, np.float64, ["C", "W"])  # one memory layout: one compiled version
    m, classes = values.shape
    p = schedule.room(m, classes) if "softmax" in parts else None
    c, logs = (schedule.room(m, classes if part in parts else 0) for part in PARTS[1:])
    y, plain = schedule.room(m), (np.empty(m), np.empty(m), np.empty(m))
    if schedule.compute(values, p, c, logs, y, plain):
        bad = int(np.count_nonzero(~np.isfinite(values.max(axis=1))))
        raise UsageError(
            f"x has {bad} rows with a NaN or without a finite maximum: give them to "
            "softcert_oracle.reference.truth.rows, which knows the limits of special values."
        )
    s, tau, log_s = plain
    softmax = schedule.room(m, 0) if p is None else p
    return RowEnclosures(softmax=softmax, complement=c, log_softmax=logs, logsumexp=y, s=s, tau=tau, L=log_s)
