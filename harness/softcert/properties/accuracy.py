"""Accuracy by level, robustness, and special values: an output held directly against the exact result."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from softcert.properties.check import INFINITE, INFINITY, NAN, VACUOUS, VALUE, ZERO, Check, distribution, from_decisions
from softcert.properties.judged_call import JudgedCall
from softcert_oracle.decide import decisions
from softcert_oracle.levels import Level
from softcert_oracle.limits import Limit
from softcert_oracle.numbers.enclosure import Decision
from softcert_oracle.numbers.scaled import Scaled

PROPERTY = "accuracy"


HIGHER = (Level.ACCURATE, Level.FAITHFUL)
"""Levels above "stable": an output that is not stable is not checked at them."""


def check(judged: JudgedCall) -> list[Check]:
    """Checks of `special_values` and `finite`, and of `accuracy` at "sound" and "stable".

    An output within the limit of "stable" is within that of "sound", which is wider; so the wider limit is evaluated
    only where the narrower one is exceeded.
    """
    checks = [check_special(judged)] if judged.accepted.applies.any() else []
    plain = ~judged.accepted.applies
    if not plain.any():
        return checks
    stable = _against_limit(judged, Level.STABLE, plain)
    sound = _against_limit(judged, Level.SOUND, plain) if stable.failed else within_sound(stable)
    return [*checks, _finite(judged, plain, Level.SOUND if sound.failed else Level.STABLE), sound, stable]


def within_sound(stable: Check) -> Check:
    """The check at "sound" of an output that is within the narrower limit of "stable"."""
    return replace(stable, level=Level.SOUND, undecided=0, cause="", histogram=None)


def check_higher(judged: JudgedCall, level: Level) -> Check:
    """The check of `accuracy` at one of the `HIGHER` levels, for an output with ordinary numbers that is stable."""
    plain = ~judged.accepted.applies
    return _faithful(judged, plain) if level == Level.FAITHFUL else _against_limit(judged, level, plain)


def cause(judged: JudgedCall, index: tuple[int, ...]) -> str:
    """The kind of error of an element: NaN, infinity, zero or another value."""
    value = float(judged.got[index])
    if np.isnan(value):
        return NAN
    if np.isinf(value):
        return INFINITY
    return ZERO if value == 0 else VALUE


def _against_limit(judged: JudgedCall, level: Level, plain: np.ndarray) -> Check:
    limit = judged.expected.limit(level)
    considered = plain & ~_vacuous(judged, level)
    if not considered.any():
        return Check(property_name=PROPERTY, level=level, checked=0, cause=VACUOUS)
    answers = np.where(considered, judged.exceeds(level), Decision.NO)
    ratios = np.where(considered, judged.distance.centre.ratio(limit.numbers), 0.0)
    return _described(judged, from_decisions(PROPERTY, level, answers, ratios), limit, considered)


def _vacuous(judged: JudgedCall, level: Level) -> np.ndarray:
    vacuous = judged.expected.vacuous(level)
    if vacuous.ndim and vacuous.ndim < judged.got.ndim:
        vacuous = vacuous[:, None]
    return np.broadcast_to(vacuous, judged.got.shape)


def _described(judged: JudgedCall, check: Check, limit: Limit | None, considered: np.ndarray) -> Check:
    """The check with the size of its worst error and limit, in ulp."""
    ulps = np.where(considered, judged.ulps, 0.0)
    worst = float(np.max(np.where(np.isnan(ulps), np.inf, ulps), initial=0.0))
    here = float(ulps[check.index])
    finite_ratio = bool(check.ratio) and np.isfinite(check.ratio)
    return replace(
        check,
        checked=int(considered.sum()),
        cause=cause(judged, check.index) if check.failed else "",
        measured=here,
        limit=here / check.ratio if finite_ratio else _limit_in_ulp(judged, limit, check.index),
        unit="ulp",
        ulp=worst,
        histogram=distribution(ulps[considered]) if check.level == Level.STABLE else None,
    )


def _limit_in_ulp(judged: JudgedCall, limit: Limit | None, index: tuple[int, ...]) -> float:
    if limit is None:
        return 1.0
    power = decisions.ulp_exponent(judged.expected.exact, judged.result_format)
    numbers = limit.numbers[index]
    return float((numbers * Scaled.of(1.0, -int(power[index]))).to_float())


def _faithful(judged: JudgedCall, plain: np.ndarray) -> Check:
    expected = judged.expected
    good = decisions.faithful(judged.got, expected.exact, judged.result_format, refine=expected.refine)
    answers = np.where(good == Decision.YES, Decision.NO, np.where(good == Decision.NO, Decision.YES, good))
    answers = np.where(plain, answers, Decision.NO)
    ranked = np.where(plain, judged.ulps, 0.0)
    return _described(judged, from_decisions(PROPERTY, Level.FAITHFUL, answers, ranked), None, plain)


def rounding(judged: JudgedCall) -> tuple[int, int]:
    """How many ordinary numbers an output has, and how many of them are not correctly rounded."""
    plain = ~judged.accepted.applies
    expected = judged.expected
    nearest = decisions.correctly_rounded(judged.got, expected.exact, judged.result_format, refine=expected.refine)
    return int(np.count_nonzero(plain)), int(np.count_nonzero((nearest != Decision.YES) & plain))


def _finite(judged: JudgedCall, plain: np.ndarray, level: Level) -> Check:
    got = judged.got
    count = int(plain.sum())
    suspect = plain & (~np.isfinite(got) | (got == 0)) & (judged.expected.exact.hi != 0)
    if not suspect.any():
        return Check(property_name="finite", level=level, checked=count)
    answers = np.where(suspect & (judged.exceeds(level) == Decision.YES), Decision.YES, Decision.NO)
    rank = np.where(np.isnan(got), 3.0, np.where(np.isinf(got), 2.0, 1.0))
    check = from_decisions("finite", level, answers, rank)
    return replace(
        check,
        checked=count,
        ratio=INFINITE if check.failed else 0.0,
        cause=cause(judged, check.index) if check.failed else "",
    )


def check_special(judged: JudgedCall) -> Check:
    """The check of `special_values`, for an output with some."""
    accepted = judged.accepted
    good = accepted.holds(judged.got)
    finite = np.isfinite(judged.expected.exact.hi)
    if judged.got.ndim == 0 and finite:
        # A mean in which the label lies on +inf: an ordinary number, held to its limit.
        good |= judged.exceeds(Level.STABLE) != Decision.YES
    wrong = accepted.applies & ~good
    check = Check(property_name="special_values", level=Level.SOUND, checked=int(accepted.applies.sum()))
    if not wrong.any():
        return check
    index = tuple(int(k) for k in np.argwhere(wrong)[0]) if wrong.ndim else ()
    name = row_name(judged, index)
    return replace(
        check,
        violated=int(wrong.sum()),
        ratio=INFINITE,
        index=index,
        cause=f"{name}: {cause(judged, index)}",
        message=f"{name}: accepted {accepted_text(judged, index)}",
    )


def row_name(judged: JudgedCall, index: tuple[int, ...]) -> str:
    """The row of the table of special values that an element belongs to."""
    names = judged.accepted.row_names
    if index:
        return names[index[0]]
    return next((n for n in names if n), "")


def accepted_text(judged: JudgedCall, index: tuple[int, ...]) -> str:
    """The values accepted at an element, in words."""
    values = dict.fromkeys(f"{float(v[index]):g}" for v in judged.accepted.accepted)
    return " or ".join(values)
