"""What an enclosure leaves undecided, decided on exact bounds of doubling precision, up to a stated cap.

A `Refine` gives bounds of the exact values as dyadic numbers at a precision; `softcert_oracle.reference.truth.refine`
offers one for every operation, over Arb. Rounding both bounds to the same number decides a rounding (Ziv's way).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from softcert_oracle.decide.precision import CAP_BITS, FIRST_BITS
from softcert_oracle.numbers.enclosure import Decision
from softcert_oracle.numbers.formats import Format
from softcert_oracle.numbers.rounding import Direction, Dyadic, round_to
from softcert_oracle.numbers.scaled import Scaled

Float = NDArray[np.float64]
Bool = NDArray[np.bool_]

Bounds = tuple[Dyadic, Dyadic]
Refine = Callable[[NDArray[np.intp], int], Sequence[Bounds]]
"""Bounds of the exact values at flat positions (C order) of the result, from balls of that many bits."""

_APART = 10_000  # binary orders: beyond, integers are not aligned (exponents reach -2^36) and nothing is decided


def escalate(positions: NDArray[np.intp], refine: Refine, decide: Callable[[int, Bounds], Any]) -> dict[int, Any]:
    """``decide(position, bounds)`` at 256, 512, ... 4096 bits until it is not None; what never is, is left out."""
    settled: dict[int, Any] = {}
    pending, bits = positions, FIRST_BITS
    while pending.size and bits <= CAP_BITS:
        for position, bounds in zip(pending.tolist(), refine(pending, bits), strict=True):
            answer = decide(position, bounds)
            if answer is not None:
                settled[position] = answer
        pending = np.array([k for k in pending.tolist() if k not in settled], np.intp)
        bits *= 2
    return settled


def settle(
    values: Float, decided: Bool, fmt: Format, direction: Direction, refine: Refine, only: Bool | None = None
) -> tuple[Float, Bool]:
    """Fill in the roundings that an enclosure leaves open.

    Parameters
    ----------
    values, decided
        Roundings and whether they are decided, arrays of one shape.
    fmt, direction
        What the values are rounded to, and how.
    refine
        Bounds of the exact values at any precision.
    only
        Where to look; everywhere if left out.

    Returns
    -------
    values, decided
        Copies with what is decided now; the arrays themselves where nothing is open.
    """
    open_ = ~decided if only is None else ~decided & only
    if not bool(np.any(open_)):
        return values, decided

    def rounded(_: int, bounds: Bounds) -> float | None:
        low, high = (round_to(b, fmt, direction) for b in bounds)
        return low if low == high or (low != low and high != high) else None

    roundings = escalate(np.flatnonzero(open_), refine, rounded)
    values, decided = np.array(values), np.array(decided)  # copies, and arrays where they were scalars
    for position, value in roundings.items():
        values.flat[position], decided.flat[position] = value, True
    return values, decided


def settle_excess(answers: NDArray[np.int8], got: ArrayLike, allowed: Scaled, refine: Refine) -> NDArray[np.int8]:
    """Decide ``|got - v| > allowed`` where it is undecided, from bounds of v.

    Parameters
    ----------
    answers
        Decisions; only the undecided ones change, and of them those with a finite result and a finite limit.
    got, allowed
        Results and limits, both absolute; they broadcast to the shape of the answers.
    refine
        Bounds of the exact values at any precision.

    Returns
    -------
    numpy.ndarray
        The decisions, `UNDECIDED` where the cap of precision is not enough.
    """
    open_ = (answers == Decision.UNDECIDED) & np.isfinite(allowed.significand)
    if not bool(np.any(open_)):
        return answers
    given = np.broadcast_to(np.asarray(got, dtype=np.float64), answers.shape).ravel()
    significand = np.broadcast_to(allowed.significand, answers.shape).ravel()
    exponent = np.broadcast_to(allowed.exponent, answers.shape).ravel()
    open_ &= np.isfinite(given).reshape(answers.shape)

    def beyond(position: int, bounds: Bounds) -> Decision | None:
        mantissa, power = Dyadic.of(float(significand[position]))
        if mantissa:
            power += int(exponent[position])
        terms = [Dyadic.of(float(given[position])), Dyadic(mantissa, power), *bounds]
        powers = [t.exponent for t in terms if t.mantissa]
        if max(powers) - min(powers) > _APART:
            return None
        base = min(powers)
        g, limit, low, high = (t.mantissa << (t.exponent - base) if t.mantissa else 0 for t in terms)
        if max(abs(g - low), abs(g - high)) <= limit:
            return Decision.NO
        if g - high > limit or low - g > limit:
            return Decision.YES
        return None

    answers = np.array(answers)
    for position, answer in escalate(np.flatnonzero(open_), refine, beyond).items():
        answers.flat[position] = answer
    return answers
