"""What the kernel holds of the row that it is judging: sums, coefficients of limits, counts; one record."""

from __future__ import annotations

import numpy as np

from softcert_oracle.judging.compiled.growth.claims import CUTS
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
    ("present", "the others, without the label's where it is counted apart"),
    ("at_maximum", "terms that are 1"),
    ("at_zero", "how many of them have a logit of 0"),
    ("lazy", "the furthest logit that a lazy shift may be"),
    ("zeros", "terms that are 0 in the working precision"),
    ("zero_mass", "the most that they may be, relative to the maximum's"),
    ("subnormal", "terms that float64 holds with fewer bits"),
    ("label_distance", "the label's |d|, -1 where it is not counted apart"),
    ("label_mass", "the most that its term may be"),
    ("label_term", "its exponential"),
    ("label_total", "the sum of all exponentials but the label's"),
    ("others", "how many terms there are beside the maximum; 0 where nobody asks"),
    ("others_share", "their sum, relative to the maximum's"),
    ("others_scale", "what makes their masses shares of their sum"),
    ("others_zero_mass", "as zero_mass, before that"),
)
_GROWTHS = (
    ("growth", "g"),
    ("growth_lazy", "g + g_sigma"),
    ("growth_maximum", "that of all but the maximum"),
    ("growth_label", "that of all but the label"),
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

TALLY = 2 * (CUTS + 1)
"""Numbers of a tally of terms by whole distances: a count and a mass for each."""

ROW_STATE = np.dtype(
    [(name, np.float64) for name, _ in (*_SUMS, *_GROWTHS, *_LIMITS)]
    + [("near", np.float64, (TALLY,)), ("beside", np.float64, (TALLY,)), ("bins", np.int64, (BINS,))]
)
"""Sums of the row, then the coefficients of its limits; terms by their distance from the maximum, and those beside it
by their distance from the nearest of them; ``bins`` counts errors by `layout.BIN_EDGES`."""
