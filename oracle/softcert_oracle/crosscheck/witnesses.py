"""The witnesses held against one another: the fast path, Arb, mpmath and SymPy on seeded adversarial rows.

Each pair is compared value by value: a disagreement is two intervals without a common point, so that one of them is
wrong. ``python -m softcert_oracle.crosscheck.witnesses --elements 1000000`` prints the counts as a table and as JSON.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from softcert_oracle.crosscheck.inputs import ROWS, batches
from softcert_oracle.errors import UsageError, unknown
from softcert_oracle.mp import definition
from softcert_oracle.mp.definition import Ball, Number
from softcert_oracle.numbers import formats
from softcert_oracle.numbers.enclosure import Enclosure
from softcert_oracle.numbers.formats import FORMATS
from softcert_oracle.numbers.row_enclosures import RowEnclosures
from softcert_oracle.reference import arb, backends
from softcert_oracle.symbolic import witness as sympy_witness

Float = NDArray[np.float64]

WITNESSES = ("arb", "mpmath", "sympy")
OPERATIONS = ("softmax", "complement", "log_softmax", "logsumexp")
SYMBOLIC_CLASSES = 5
SYMBOLIC_DIGITS = 40

_RESOLUTION = 2.0**-105
"""What the difference of two centres may be off by, relative: the high parts subtract exactly, the low parts, each
at most 2^-53, round within 2^-105. Exact values have no low parts of that kind, so there it is exact."""

_NONSENSE = 1e300  # the distance, in radii, from something that is no number at all


@dataclass(frozen=True, kw_only=True)
class Agreement:
    """How one operation of one format fared between two witnesses.

    ``disagreements`` are intervals that miss the other witness's; ``largest_in_radius`` is the largest distance of
    the two centres in units of the first witness's radius (below 1 if all is well), where the radius is not 0 and
    the value is known to more than its size.
    """

    pair: str
    format: str
    operation: str
    elements: int
    disagreements: int
    largest_in_radius: float


def compare(
    elements: int,
    formats_: Sequence[str] = tuple(FORMATS),
    witnesses: Sequence[str] = WITNESSES,
    seed: int = 0,
    rows: str = "adversarial",
) -> list[Agreement]:
    """Compare the default backend with the other witnesses on seeded adversarial rows.

    Parameters
    ----------
    elements
        How many logits of each format, at least 1.
    formats_, witnesses
        Names of `FORMATS` and of `WITNESSES`.
    seed
        Makes the rows repeatable.
    rows
        The collection of rows, of `softcert_oracle.crosscheck.inputs.ROWS`.

    Returns
    -------
    list of Agreement
        One for each pair, format and operation. Arb answers every operation on every row, mpmath softmax on every row
        and the others on every eighth batch, SymPy softmax, log-softmax and log-sum-exp on a quarter of the rows of up
        to five classes. Where the backend is Arb itself (no Numba), its pair with Arb is left out.

    Raises
    ------
    UsageError
        For an unknown name or a count below 1.
    """
    if elements < 1:
        raise UsageError(f"elements={elements!r}: at least one logit of each format is compared.")
    for name in witnesses:
        if name not in WITNESSES:
            raise unknown("witness", name, WITNESSES)
    if rows not in ROWS:
        raise unknown("collection of rows", rows, ROWS)
    own, first = backends.default(), backends.name()
    agreements: dict[tuple[str, str, str], Agreement] = {}
    for fmt in (formats.lookup(name) for name in formats_):
        for turn, x in enumerate(batches(fmt, elements, seed, rows)):
            mine = own(x)
            for name in witnesses:
                if name == first:
                    continue
                for operation, other, count in _ANSWERS[name](x, turn):
                    key = (f"{first}/{name}", fmt.name, operation)
                    agreement = _compared(key, getattr(mine, operation)[:count], other)
                    agreements[key] = _joined(agreements.get(key), agreement)
    return list(agreements.values())


def distances(a: Enclosure, b: Enclosure) -> tuple[Float, NDArray[np.bool_]]:
    """Distance of the centres in units of a's radius, and where the intervals have no common point; shapes are equal.

    The distance is 0 where a is exact, or an interval as wide as its centre.
    """
    with np.errstate(all="ignore"):
        shift = np.clip(b.exponent - a.exponent, -(2**20), 2**20).astype(np.int32)
        high, low, radius = (np.ldexp(v, shift) for v in (b.hi, b.lo, b.radius))
        apart = np.abs((a.hi - high) + (a.lo - low))
        room = a.radius + radius + _RESOLUTION * np.abs(a.hi) * (a.radius > 0)
        same = (a.hi == b.hi) & ~np.isfinite(a.hi)
        disjoint = ~same & ~(apart <= room)
        known = (a.radius > 0) & (a.radius < 0.5 * np.abs(a.hi))
        ratio = np.nan_to_num(apart / a.radius, nan=_NONSENSE, posinf=_NONSENSE)  # JSON has neither
        return np.where(known & ~same, np.minimum(ratio, _NONSENSE), 0.0), disjoint


def _compared(key: tuple[str, str, str], a: Enclosure, b: Enclosure) -> Agreement:
    ratio, disjoint = distances(a, b)
    pair, format_, operation = key
    return Agreement(
        pair=pair,
        format=format_,
        operation=operation,
        elements=ratio.size,
        disagreements=int(np.count_nonzero(disjoint)),
        largest_in_radius=float(ratio.max(initial=0.0)),
    )


def _joined(a: Agreement | None, b: Agreement) -> Agreement:
    if a is None:
        return b
    worst = max(a.largest_in_radius, b.largest_in_radius)
    total, wrong = a.elements + b.elements, a.disagreements + b.disagreements
    return Agreement(
        pair=a.pair,
        format=a.format,
        operation=a.operation,
        elements=total,
        disagreements=wrong,
        largest_in_radius=worst,
    )


Answers = Iterator[tuple[str, Enclosure, int]]  # operation, its enclosures for the first rows, how many rows


def _by_arb(x: Float, turn: int) -> Answers:
    rows: RowEnclosures = arb.enclose(x)
    for operation in OPERATIONS:
        yield operation, getattr(rows, operation), len(x)


def _by_mpmath(x: Float, turn: int) -> Answers:
    yield "softmax", _enclosure(definition.evaluate("softmax", x), x.shape), len(x)
    if turn % 8 == 0:
        yield "log_softmax", _enclosure(definition.evaluate("log_softmax", x), x.shape), len(x)
        yield "logsumexp", _enclosure(definition.evaluate("logsumexp", x), x.shape[:1]), len(x)


def _by_sympy(x: Float, turn: int) -> Answers:
    if x.shape[1] > SYMBOLIC_CLASSES or turn % 2:
        return
    part = x[: (len(x) + 1) // 2]
    for operation, shape in (("softmax", part.shape), ("log_softmax", part.shape), ("logsumexp", part.shape[:1])):
        numbers: list[Number] = []
        for row in part.tolist():
            numbers += map(_as_ball, sympy_witness.evaluate(operation, row, digits=SYMBOLIC_DIGITS))
        yield operation, _enclosure(numbers, shape), len(part)


_ANSWERS: Mapping[str, Callable[[Float, int], Answers]] = {"arb": _by_arb, "mpmath": _by_mpmath, "sympy": _by_sympy}


def _as_ball(value: Any) -> Number:
    finite = value - value == 0
    return Ball(value, abs(value) * 10**-SYMBOLIC_DIGITS) if finite else float(value)


def _enclosure(numbers: Sequence[Number], shape: tuple[int, ...]) -> Enclosure:
    """Numbers of another witness as intervals, cut to 107 bits."""
    parts = [_parts(number) for number in numbers]
    hi, lo, exponent, radius = zip(*parts, strict=True) if parts else ((), (), (), ())
    return Enclosure(
        hi=np.array(hi, np.float64),
        lo=np.array(lo, np.float64),
        exponent=np.array(exponent, np.int64),
        radius=np.array(radius, np.float64),
    ).reshape(*shape)


def _parts(number: Number) -> tuple[float, float, int, float]:
    if isinstance(number, float):
        return number, 0.0, 0, 0.0
    if isinstance(number, Fraction):
        hi = float(number)
        lo = float(number - Fraction(hi))
        return hi, lo, 0, 0.0 if Fraction(hi) + Fraction(lo) == number else abs(hi) * 2.0**-106
    sign, mantissa, power, bits = number.centre._mpf_
    mantissa, power, bits = int(mantissa), int(power), int(bits)
    if not mantissa:
        return 0.0, 0.0, 0, 0.0
    cut = max(0, bits - 107)
    kept = mantissa >> cut
    hi = float(kept)
    lo = float(kept - int(hi))
    error = float(number.error / abs(number.centre)) * hi + (1.0 if cut else 0.0)
    top, scale = power + cut, (-1.0 if sign else 1.0)
    if top < -(2**36):  # below every other witness's range: an interval from 0
        return scale * 0.5, 0.0, -(2**36), 0.5
    return scale * hi, scale * lo, top, error


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the agreement as a table, then as JSON. Returns 1 if any two witnesses disagree."""
    parser = argparse.ArgumentParser(prog="python -m softcert_oracle.crosscheck.witnesses", description=__doc__)
    parser.add_argument("--elements", type=int, default=1_000_000, help="logits of each format (default: a million)")
    parser.add_argument("--formats", default=",".join(FORMATS), help="names with commas between (default: all)")
    parser.add_argument("--witnesses", default=",".join(WITNESSES), help="names with commas between (default: all)")
    parser.add_argument("--rows", default="adversarial", help=f"which rows: {', '.join(ROWS)} (default: adversarial)")
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args(arguments)
    try:
        names = given.formats.split(","), given.witnesses.split(",")
        agreements = compare(given.elements, *names, seed=given.seed, rows=given.rows)
    except UsageError as error:
        parser.error(str(error))
    print(f"{'pair':14}{'format':15}{'operation':13}{'elements':>11}{'disagree':>10}{'largest/radius':>16}")
    for a in agreements:
        print(
            f"{a.pair:14}{a.format:15}{a.operation:13}{a.elements:11d}{a.disagreements:10d}{a.largest_in_radius:16.4f}"
        )
    print(json.dumps([asdict(a) for a in agreements]))
    return int(any(a.disagreements for a in agreements))


if __name__ == "__main__":
    raise SystemExit(main())
