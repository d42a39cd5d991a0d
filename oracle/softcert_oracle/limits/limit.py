"""Derived limits: how far a right result may be from the truth, given what its contract claims.

The rows of the table stand in `stable`, `sound`, `accurate` and `named`, each in exact form; docs/numerics.md derives
them. Levels nest: what is accurate is stable, what is stable is sound.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from softcert_oracle import operations
from softcert_oracle.errors import UsageError, unknown
from softcert_oracle.levels import Level
from softcert_oracle.limit_parameters import LimitParameters
from softcert_oracle.limits import accurate, formulas, named, reductions, sound, stable, sums
from softcert_oracle.limits.row_quantities import RowQuantities
from softcert_oracle.numbers.scaled import Float, Scaled
from softcert_oracle.reference.truth import Rows, reference

LIMITS_VERSION = "2"
"""Changes whenever a formula or a constant does; stands in every certificate."""

LEVELS = (Level.SOUND, Level.STABLE, Level.ACCURATE)
"""The levels that have a limit. Level "faithful" is decided by rounding (`softcert_oracle.decide.decisions`)."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Limit:
    """An absolute limit for each number of a result, with the formula and the numbers that it comes from.

    Parameters
    ----------
    name
        Operation and level, as in "softmax/stable".
    formula
        The limit in words, first order.
    parameters
        The scalars in ``formula``, by the name that they have there.
    numbers
        The limits, absolute, in the result's shape; 0 where the exact value is not finite, or exactly 0 or 1 by
        definition.
    quantities
        The arrays in ``formula``; they broadcast to the rows' shape.
    """

    name: str
    formula: str
    parameters: Mapping[str, float | str | int]
    numbers: Scaled
    quantities: Mapping[str, Float] = field(default_factory=dict)

    def at(self, index: Any) -> dict[str, float | str | int]:
        """Everything in the formula, with the values it has for one number of the result, limit included.

        ``index`` is an index into the rows (m, C), or into (m,) for results of one number a row.
        """
        shape = self.numbers.shape
        values: dict[str, float | str | int] = dict(self.parameters)
        for name, array in self.quantities.items():
            if len(shape) == 2:
                values[name] = float(np.broadcast_to(array, shape)[index])
            elif len(shape) == 1 and array.shape[1] == 1:
                values[name] = float(array[index][0])
        values["limit"] = float(self.numbers[index].to_float())
        return values


def limit(operation: str, level: str, rows: Rows, labels: ArrayLike | None, p: LimitParameters) -> Limit:
    """The limit of one of the five core operations at a level, absolute, in the shape of its result.

    Parameters
    ----------
    operation
        Name or alias of a core operation.
    level
        "sound", "stable" or "accurate".
    rows
        The exact values of the rows, from logits of shape (m, C).
    labels
        Class indices (m,) for the loss and its gradient, None for the other operations.
    p
        The subject's claims. A named algorithm sharpens "stable" (its own limit where that is the smaller one);
        "online" and narrower formats act at every level.

    Returns
    -------
    Limit
        How far a right result may be from the exact value, absolute, for each of its numbers.

    Raises
    ------
    UsageError
        For an unknown operation, a level that has no limit, or labels that are missing.

    Notes
    -----
    docs/numerics.md derives each formula. Limits nest: that of "accurate" is never larger than that of "stable".

    Examples
    --------
    >>> import numpy as np
    >>> from softcert_oracle.reference import truth
    >>> rows = truth.rows(np.array([[0.0, 1.0, 2.0]]))
    >>> stable = limit("logsumexp", "stable", rows, None, LimitParameters(format="float64"))
    >>> stable.name, stable.numbers.shape, float(stable.numbers.to_float()[0]) < 1e-13
    ('logsumexp/stable', (1,), True)
    """
    name = _core(operation)
    if level not in LEVELS:
        hint = " Faithful results are decided by rounding (softcert_oracle.decide.decisions)."
        hint = hint if level == Level.FAITHFUL else ""
        raise UsageError(f"level={str(level)!r}: limits exist for {', '.join(LEVELS)}.{hint}")
    level = Level(level)
    t = RowQuantities(rows, p)
    index = _labels(name, rows, labels)
    with np.errstate(over="ignore", under="ignore"):
        own = _row_limit(_FORMULAS[level], name, t, index)
        if level is Level.STABLE:
            sharper = None if p.algorithm in _WIDENING else named.sharp(name, t, index)
            own = own if sharper is None else _smaller(own, sharper)
        elif level is Level.ACCURATE:
            own = _smaller(own, _row_limit(stable, name, t, index))
        numbers = _returned(name, t, own, index)
    sharpened = p.algorithm if level is Level.STABLE and p.algorithm not in _WIDENING else "any"
    return _limit(name, level, sharpened, t, numbers)


def sharp_limit(operation: str, rows: Rows, labels: ArrayLike | None, p: LimitParameters) -> Limit | None:
    """The limit of the named algorithm alone, also where the default one is smaller; None where it has no row."""
    name = _core(operation)
    t = RowQuantities(rows, p)
    index = _labels(name, rows, labels)
    with np.errstate(over="ignore", under="ignore"):
        own = named.sharp(name, t, index)
        return None if own is None else _limit(name, Level.STABLE, p.algorithm, t, _returned(name, t, own, index))


_WIDENING = ("logaddexp", "online")
"""Algorithms that have no sharper row of their own: "online" says something of the sum only, and leaves exponential and
division open; "logaddexp" is level "sound"."""

_FORMULAS: Mapping[Level, ModuleType] = {Level.SOUND: sound, Level.STABLE: stable, Level.ACCURATE: accurate}


def _core(operation: str) -> str:
    name = operations.lookup(operation).name
    if name not in operations.CORE:
        raise unknown("core operation", operation, operations.CORE)
    return name


def _labels(name: str, rows: Rows, labels: ArrayLike | None) -> NDArray[np.intp] | None:
    if not operations.lookup(name).takes_labels:
        return None
    if labels is None:
        raise UsageError(f"labels=None: the limit of {name} needs one class index for each row.")
    return rows.labels(labels)


def _row_limit(module: ModuleType, name: str, t: RowQuantities, labels: NDArray[np.intp] | None) -> Scaled:
    if labels is None:
        by_row: Callable[[RowQuantities], Scaled] = getattr(module, name)
        return by_row(t)
    labelled: Callable[[RowQuantities, NDArray[np.intp]], Scaled]
    labelled = module.loss if name == "cross_entropy" else module.gradient
    return labelled(t, labels)


def _returned(name: str, t: RowQuantities, own: Scaled, labels: NDArray[np.intp] | None) -> Scaled:
    """From a row's own limit to that of what is returned: reduced, then rounded to the result's format."""
    if labels is not None and name == "cross_entropy":
        own = reductions.losses(t, own, t.rows.loss(labels))
    elif labels is not None:
        own = reductions.gradient(t, own, t.rows.gradient(labels))
    if not (t.arithmetic.narrow_result or t.arithmetic.flushed):
        return own
    truth = reference(name, t.rows, labels, reduction=t.parameters.reduction)
    return reductions.flushed(t, reductions.rounded(t, own, truth), truth)


def _smaller(a: Scaled, b: Scaled) -> Scaled:
    with np.errstate(invalid="ignore"):
        return a.where((a - b).significand <= 0, b)


def _limit(name: str, level: Level, algorithm: str, t: RowQuantities, numbers: Scaled) -> Limit:
    p, a = t.parameters, t.arithmetic
    entry = formulas.lookup(name, level, algorithm)
    parameters: dict[str, float | str | int] = {
        "format": p.format,
        "working precision": p.working_precision,
        "level": str(level),
        "algorithm": p.algorithm,
        "n": t.n,
        "m": t.m,
        "u": a.u,
        "h": sums.depth(t.n, p.summation),
        "exp_ulp": p.exp_ulp,
        "log_ulp": p.log_ulp,
        "div_ulp": p.div_ulp,
        "ε_e": 2.0 * p.exp_ulp * a.u,
        "ε_l": a.log,
        "flush_subnormals": str(p.flush_subnormals),
        "result_format": p.result_format,
    }
    formula = entry.formula
    if p.sum_format != p.working_precision:
        parameters["sum_format"] = p.sum_format
    if a.kept_log:
        parameters["u_s"] = a.kept_log
        formula = formulas.kept(formula)
    if a.saved is not None and name.startswith("cross_entropy"):
        parameters["saved_format"], parameters["u_v"] = p.saved_format, a.saved.unit_roundoff
    if name.startswith("cross_entropy"):
        parameters["reduction"] = p.reduction
        formula = formulas.reduced(name, p.reduction, formula)
    if a.narrow_result:
        parameters["u_o"] = a.result.unit_roundoff
        formula = formulas.rounded(formula)
    quantities = {
        "g": t.growth,
        "g_σ": t.lazy_shift,
        "|d_j|": t.distance,
        "|l_j|": t.surprisal,
        "L": t.log_sum,
        "p_j": t.weights,
        "D": t.mean_distance,
    }
    return Limit(name=f"{name}/{level}", formula=formula, parameters=parameters, numbers=numbers, quantities=quantities)
