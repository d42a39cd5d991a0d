"""A result of one number: log-sum-exp, the loss of a row or of a batch; compiled."""

from __future__ import annotations

from typing import Any

import numpy as np

from softcert_oracle.fast.jit import embedded
from softcert_oracle.fast.row import shifted_sum
from softcert_oracle.judging.compiled import structure
from softcert_oracle.judging.compiled.by_class import BESIDE, log_probability, most_of
from softcert_oracle.judging.compiled.comparison import UNDECIDED, YES
from softcert_oracle.judging.compiled.constants import LOGSUMEXP
from softcert_oracle.judging.compiled.element_limits import logarithm_limits, returned, shifted_limits
from softcert_oracle.judging.compiled.elementary import in_unit, unit_of
from softcert_oracle.judging.compiled.tally import enter
from softcert_oracle.judging.compiled.vacuous import number_is_vacuous
from softcert_oracle.judging.layout import EXACT, STRUCTURE, VACUOUS, VIOLATED


@embedded
def number_of(x: Any, place: int, label: int, row: Any, c: Any, k: Any) -> Any:
    """``((hi, lo, radius, q), (sound, stable, accurate))``: the exact log-sum-exp or loss of a row, and its limits."""
    if k.operation == LOGSUMEXP:
        hi, lo, n, radius = shifted_sum(x[place], row)
        most = most_of(row)
        if 0.0 < most < BESIDE * abs(x[place]):
            hi, lo, n, radius = x[place], 0.5 * most, 0, 0.5 * most
        hi, lo, radius, q = in_unit(hi, lo, n, radius)
        return (hi, lo, radius, q), shifted_limits(abs(hi), c.largest, q, k, c)
    hi, lo, n, radius = log_probability(x[label], x[place], label == place, row)
    hi, lo, radius, q = in_unit(hi, lo, n, radius)
    return (-hi, -lo, radius, q), logarithm_limits(abs(hi), x[place] - x[label], q, k, c)


@embedded
def judge_number(g: float, v: Any, limits: Any, once: Any, band: float, k: Any, c: Any, out: Any) -> Any:
    """Judge one number and enter it; False where it has to go to the exact path.

    ``once`` = (classes, factor of log C in the degenerate loss, maximum, log of the number of finite logits).
    """
    hi, _, _, q = v
    size, unit = abs(hi), unit_of(q)
    sound, stable, accurate = limits
    three, clear = returned((sound, stable, accurate), (band, band, band), size, q, k)
    if not clear:
        return False
    if q == 1 and sound == np.inf:  # an absolute limit that overflows in this unit
        return False
    if not enter(j=np.int64(0), g=g, v=v, limits=three, bands=(band, band, band), k=k, c=c, out=out)[0]:
        return False
    out.floats[EXACT] = hi / unit
    vacuous = 0
    for level in range(3):
        answer = number_is_vacuous(hi / unit, three[level] / unit, once[0], once[1], 2.0 * band, k)
        if answer == UNDECIDED:
            return False
        if answer == YES:
            vacuous |= 1 << level
    out.integers[VACUOUS] = vacuous
    for level in range(2):
        limit = three[1 - level] / unit
        margin = 2.0 * structure.MARGIN
        if not structure.of_number(
            operation=k.operation, g=g, limit=limit, once=(once[2], once[3]), margin=margin, level=level, out=out
        ):
            return False
        if out.counts[STRUCTURE, VIOLATED] == 0:
            break
    return True
