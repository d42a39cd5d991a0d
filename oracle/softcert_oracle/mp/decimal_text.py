"""Decimal text of exact values, correctly rounded to any number of digits, and exact values of numeric text.

Ties go to the even digit. A number that is known as a ball has its digits only once both ends of the ball agree on
them (Ziv's way again); exponents that are too large for integers are scaled by powers of ten in Arb.
"""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from fractions import Fraction

from softcert_oracle.errors import UsageError
from softcert_oracle.mp.definition import Ball, Number
from softcert_oracle.numbers.rounding import Dyadic, floor_log2

_BY_INTEGERS = 20_000  # binary orders up to which values are scaled by integers
_FIXED = range(-6, 16)  # decimal orders of numbers that are written without an "e"
_LARGEST_ORDER = 5000  # decimal orders beyond this are above or below every format by any measure

_HEXADECIMAL = re.compile(r"([+-]?)0x([0-9a-f]*)(?:\.([0-9a-f]*))?(?:p([+-]?\d+))?", re.IGNORECASE)


def to_text(number: Number, digits: int) -> str | None:
    """A number in decimal, rounded to so many significant digits, ties to even.

    Returns
    -------
    str or None
        None where the number's ball leaves the digits open. A rational number ends where its digits end ("0.5");
        infinities and NaN are "inf", "-inf" and "nan".

    Examples
    --------
    >>> to_text(Fraction(2, 3), 4), to_text(Fraction(1, 8), 2), to_text(float("inf"), 4)
    ('0.6667', '0.12', 'inf')
    """
    if isinstance(number, float):
        return str(number)
    if isinstance(number, Fraction):
        if not number:
            return "0"
        n, k = _significant(number, digits)
        exact = number == n * Fraction(10) ** k
        return _written(n, k, strip=exact)
    low, high = number.bounds
    if low.sign != high.sign or not low.sign:
        return None
    shift = 0
    if max(abs(low.top), abs(high.top)) > _BY_INTEGERS:
        scaled = _scaled(number, digits)
        if scaled is None:
            return None
        (low, high), shift = scaled
    ends = {_significant(_fraction(b), digits) for b in (low, high)}
    if len(ends) > 1:
        return None
    n, k = ends.pop()
    return _written(n, k + shift, strip=False)


def _fraction(value: Dyadic) -> Fraction:
    return Fraction(value.mantissa) * Fraction(2) ** value.exponent


def _significant(value: Fraction, digits: int) -> tuple[int, int]:
    """(n, k) with n 10^k the number of ``digits`` digits nearest to a value that is not 0."""
    a = abs(value)
    # floor(log10) from floor(log2) times log10(2) = 0.30103: at most one off up to 2^(10^5).
    order = floor_log2(a.numerator, a.denominator) * 30103 // 100_000
    order += (a >= Fraction(10) ** (order + 1)) - (a < Fraction(10) ** order)
    k = order - digits + 1
    n = round(a / Fraction(10) ** k)  # of a Fraction: exact, ties to even
    if n == 10**digits:
        n, k = n // 10, k + 1
    return (n if value > 0 else -n), k


def _scaled(number: Ball, digits: int) -> tuple[tuple[Dyadic, Dyadic], int] | None:
    """Bounds of ``number / 10^shift`` near 1, and the shift; None where the ball is too wide to tell the shift."""
    from flint import arb

    from softcert_oracle.reference.arb import bounds, precision

    low, high = number.bounds
    size = max(abs(low.top), abs(high.top)).bit_length()
    with precision(max(low.mantissa.bit_length(), 4 * digits) + 2 * size + 64):
        ball = arb((low.mantissa, low.exponent)).union(arb((high.mantissa, high.exponent)))
        order = (abs(ball).log() / arb(10).log()).floor().unique_fmpz()
        if order is None:
            return None
        return bounds(ball / arb(10) ** order), int(order)


def _written(n: int, k: int, *, strip: bool) -> str:
    sign, text = ("-" if n < 0 else ""), str(abs(n))
    order = k + len(text) - 1
    padded = order >= len(text) and not strip  # zeros up to the point that are no digits would look like some
    if strip:
        text = text.rstrip("0")
    if order not in _FIXED or padded:
        rest = f".{text[1:]}" if len(text) > 1 else ""
        return f"{sign}{text[0]}{rest}e{order:+d}"
    if order < 0:
        return f"{sign}0.{'0' * (-order - 1)}{text}"
    text = text.ljust(order + 1, "0")
    rest = f".{text[order + 1 :]}" if len(text) > order + 1 else ""
    return f"{sign}{text[: order + 1]}{rest}"


def parse(text: str) -> Fraction | float:
    """The exact value of decimal or hexadecimal text.

    Returns
    -------
    Fraction or float
        inf, -inf and nan are floats. Text beyond 10^5000 or below 10^-5000 is an infinity or a zero to every format and
        is given back as such.

    Raises
    ------
    UsageError
        For text that is no number.

    Examples
    --------
    >>> parse("0x1.8p+1"), parse("-1e-2")
    (Fraction(3, 1), Fraction(-1, 100))
    """
    stripped = text.strip()
    if match := _HEXADECIMAL.fullmatch(stripped):
        sign, whole, part, power = match.groups(default="")
        if whole + part:
            order = int(power or 0)
            _bounded(text, order)
            value = Fraction(int(whole + part, 16)) * Fraction(2) ** (order - 4 * len(part))
            return -value if sign == "-" else value
    try:
        number = Decimal(stripped)
    except InvalidOperation:
        raise UsageError(
            f"logit={text!r} is no number. Accepted: decimal (-1.5, 2e3), hexadecimal (0x1.8p+1), inf, -inf, nan."
        ) from None
    if not number.is_finite():
        return float(number) if not number.is_nan() else float("nan")
    if number and abs(number.adjusted()) > _LARGEST_ORDER:
        return float("-inf" if number < 0 else "inf") if number.adjusted() > 0 else Fraction(0)
    return Fraction(number)


def _bounded(text: str, order: int) -> None:
    if abs(order) > 4 * _LARGEST_ORDER:
        raise UsageError(f"logit={text!r}: a binary exponent beyond {4 * _LARGEST_ORDER} is no logit of any format.")
