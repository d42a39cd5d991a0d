"""What the kernel holds of the row that it is judging: sums, coefficients of limits, counts; one record."""

from __future__ import annotations

import numpy as np

from softcert_oracle.judging.layout import BINS

_SUMS = (
    ("joined", "sum p (e^{3u|d| + eps_e} - 1)"),
    ("named_joined", "the same for the named algorithm's terms"),
    ("others_joined", "and over all but the maximum, with weights relative to their sum"),
    ("common", "what the named algorithm's terms have in common: u^2 |m|"),
    ("mean_distance", "D = sum p |d|"),
    ("without_maximum", "D_o of all but the maximum"),
    ("without_label", "D_o of all but the label"),
    ("below_normal", "how many terms may have underflowed"),
    ("largest", "max |x| over the finite logits"),
    ("furthest", "max |d|"),
    ("absent", "logits of -inf"),
)
_LIMITS = (
    ("uncertain", "1 where the sum's error is ill-conditioned"),
    ("log_sum", "L"),
    ("displacement", "what sound adds: to the exponent of p, or absolute"),
    ("stable", "a of a + b |d|, an exponent of p or an absolute limit"),
    ("stable_slope", "b"),
    ("accurate", "exponent of p, or of |l|"),
    ("accurate_slope", "per |d| for p; for |l| what is multiplied by L/|l|"),
    ("moved", "how far rounding the input may move a logit"),
    ("lost", "n_s omega + eta/2"),
    ("lost_scaled", ""),
    ("label", "relative limit of 1 - p_y from the sum of the others"),
    ("underflow", "added where p < 2N"),
    ("underflow_scaled", ""),
    ("named", "as stable, for the named algorithm"),
    ("named_slope", ""),
    ("named_off_maximum", "added where d > 0"),
    ("named_below", "added where e^d < 2N"),
    ("named_below_scaled", ""),
    ("named_underflow", "added where p < 2N"),
    ("named_underflow_scaled", ""),
)

ROW_STATE = np.dtype([(name, np.float64) for name, _ in (*_SUMS, *_LIMITS)] + [("bins", np.int64, (BINS,))])
"""Sums of the row, then the coefficients of its limits; ``bins`` counts errors by `layout.BIN_EDGES`."""
