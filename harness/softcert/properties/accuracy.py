"""Accuracy by level, robustness, and special values: an output held directly against the truth."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

from softcert.properties.check import Check, distribution, from_decisions
from softcert.properties.trial import Trial
from softcert_implementations.contract import Terms
from softcert_oracle.decide import decisions
from softcert_oracle.limits import Limit
from softcert_oracle.numbers.enclosure import Decision
from softcert_oracle.numbers.scaled import Scaled

CAUSES = ("nan", "infinity", "zero", "value")
"""Kinds of wrong, the most telling first."""


def check(trial: Trial, levels: Collection[str]) -> list[Check]:
    """Checks of `special_values`, `finite` and `accuracy`, the last at each of the levels that are still in question.

    Where the output is within the limit of "stable" it is within that of "sound", which adds to it; so the wider
    limit is evaluated only for an output that needs it.
    """
    found = [_special(trial)] if trial.accepted.applies.any() else []
    plain = ~trial.accepted.applies
    if not plain.any():
        return found
    stable = _against_limit(trial, "stable", plain)
    sound = _against_limit(trial, "sound", plain) if stable.failed else _implied(stable, "sound")
    found += [_finite(trial, plain, "sound" if sound.failed else "stable"), sound, stable]
    if "accurate" in levels and not stable.failed:
        found.append(_against_limit(trial, "accurate", plain))
    if "faithful" in levels and not stable.failed:
        found.append(_faithful(trial, plain))
    return found


def cause(trial: Trial, index: tuple[int, ...]) -> str:
    """What kind of wrong an element is."""
    value = float(trial.got[index])
    if np.isnan(value):
        return "nan"
    if np.isinf(value):
        return "infinity"
    return "zero" if value == 0 else "value"


def _implied(stable: Check, level: str) -> Check:
    return Check(
        "accuracy", level, stable.checked, ratio=stable.ratio, index=stable.index, ulp=stable.ulp, unit=stable.unit,
        measured=stable.measured, limit=stable.limit,
    )  # fmt: skip


def _against_limit(trial: Trial, level: str, plain: np.ndarray) -> Check:
    limit = trial.truth.limit(level)
    judged = plain & ~_vacuous(trial, level)
    if not judged.any():
        return Check("accuracy", level, 0, cause="vacuous")
    answers = np.where(judged, trial.exceeds(level), Decision.NO)
    ratios = np.where(judged, trial.distance.centre.ratio(limit.numbers), 0.0)
    return _described(trial, from_decisions("accuracy", level, answers, ratios, unit="ulp"), limit, judged)


def _vacuous(trial: Trial, level: str) -> np.ndarray:
    vacuous = trial.truth.vacuous(level)
    if vacuous.ndim and vacuous.ndim < trial.got.ndim:
        vacuous = vacuous[:, None]
    return np.broadcast_to(vacuous, trial.got.shape)


def _described(trial: Trial, check: Check, limit: Limit | None, judged: np.ndarray) -> Check:
    ulps = np.where(judged, trial.ulps, 0.0)
    worst = float(np.max(np.where(np.isnan(ulps), np.inf, ulps), initial=0.0))
    here = float(ulps[check.index])
    over = here / check.ratio if check.ratio and np.isfinite(check.ratio) else _limit_in_ulp(trial, limit, check.index)
    return Check(
        check.property, check.level, int(judged.sum()), check.violated, check.undecided, check.ratio, check.index,
        cause(trial, check.index) if check.failed else "", here, over, "ulp", "", worst,
        distribution(ulps[judged]) if check.level == "stable" else None,
    )  # fmt: skip


def _limit_in_ulp(trial: Trial, limit: Limit | None, index: tuple[int, ...]) -> float:
    if limit is None:
        return 1.0
    power = decisions.ulp_exponent(trial.truth.reference, trial.result_format)
    numbers = limit.numbers[index]
    return float((numbers * Scaled.of(1.0, -int(power[index]))).to_float())


def _faithful(trial: Trial, plain: np.ndarray) -> Check:
    reference, fmt = trial.truth.reference, trial.result_format
    good = decisions.faithful(trial.got, reference, fmt, refine=trial.truth.refine)
    answers = np.where(good == Decision.YES, Decision.NO, np.where(good == Decision.NO, Decision.YES, good))
    answers = np.where(plain, answers, Decision.NO)
    ranked = np.where(plain, trial.ulps, 0.0)
    return _described(trial, from_decisions("accuracy", "faithful", answers, ranked), None, plain)


def _finite(trial: Trial, plain: np.ndarray, level: str) -> Check:
    got = trial.got
    suspect = plain & (~np.isfinite(got) | (got == 0)) & (trial.truth.reference.hi != 0)
    if not suspect.any():
        return Check("finite", level, int(plain.sum()))
    answers = np.where(suspect & (trial.exceeds(level) == Decision.YES), Decision.YES, Decision.NO)
    rank = np.where(np.isnan(got), 3.0, np.where(np.isinf(got), 2.0, 1.0))
    check = from_decisions("finite", level, answers, rank)
    kind = cause(trial, check.index) if check.failed else ""
    ratio = float("inf") if check.failed else 0.0
    return Check("finite", level, int(plain.sum()), check.violated, 0, ratio, check.index, kind)


def _special(trial: Trial) -> Check:
    accepted = trial.accepted
    good = accepted.holds(trial.got)
    finite = np.isfinite(trial.truth.reference.hi)
    if trial.got.ndim == 0 and finite:
        # A mean in which the label lies on +inf: an ordinary number, held to its limit.
        good |= trial.exceeds("stable") != Decision.YES
    wrong = accepted.applies & ~good
    if not wrong.any():
        return Check("special_values", "sound", int(accepted.applies.sum()))
    index = tuple(int(k) for k in np.argwhere(wrong)[0]) if wrong.ndim else ()
    name = row_name(trial, index)
    return Check(
        "special_values", "sound", int(accepted.applies.sum()), int(wrong.sum()), ratio=float("inf"), index=index,
        cause=f"{name}: {cause(trial, index)}", message=f"{name}: accepted {accepted_text(trial, index, trial.terms)}",
    )  # fmt: skip


def row_name(trial: Trial, index: tuple[int, ...]) -> str:
    """The row of the special-value table that an element belongs to."""
    names = trial.accepted.row_names
    if index:
        return names[index[0]]
    return next((n for n in names if n), "")


def accepted_text(trial: Trial, index: tuple[int, ...], terms: Terms) -> str:
    """The values accepted at an element, in words."""
    values = dict.fromkeys(f"{float(v[index]):g}" for v in trial.accepted.accepted)
    return " or ".join(values)
