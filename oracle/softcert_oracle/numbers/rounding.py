"""Exact rounding to any of the formats, by integers alone: one rounding, never two.

IEEE 754-2019, sections 4.3 and 7.4; subnormals, ties to even, overflow. ``float(mpf)`` rounds to 53 bits first and
then once more to a subnormal or a narrower format, so it is never used. float8_e4m3fn has no infinity: overflow is
NaN there (OCP 8-bit floating-point specification 1.0, non-saturating).
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any, Literal, NamedTuple

from softcert_oracle.errors import UsageError
from softcert_oracle.numbers.formats import Format

Direction = Literal["nearest", "down", "up"]


class Dyadic(NamedTuple):
    """``mantissa * 2^exponent``, exact; the mantissa carries the sign."""

    mantissa: int
    exponent: int

    @classmethod
    def of(cls, value: Any) -> Dyadic:
        """The dyadic number that an int, a finite float, an mpf, an exact ball or a dyadic Fraction is."""
        if isinstance(value, Dyadic):
            return value
        if isinstance(value, int):
            return cls(value, 0)
        if isinstance(value, float | Fraction):
            numerator, denominator = value.as_integer_ratio()
            power = denominator.bit_length() - 1
            if denominator != 1 << power:
                raise UsageError(f"value={value!r} is not an integer times a power of two.")
            return cls(numerator, -power)
        if hasattr(value, "_mpf_"):
            sign, mantissa, exponent, _ = value._mpf_
            if not mantissa and exponent:
                raise UsageError(f"value={value!r} is not finite.")
            return cls(-int(mantissa) if sign else int(mantissa), int(exponent))
        mantissa, exponent = value.man_exp()  # a ball of radius 0; flint raises for any other
        return cls(int(mantissa), int(exponent))

    def __float__(self) -> float:
        """The float64 nearest to it, rounded once (for reading)."""
        return _round(self.mantissa, 1, self.exponent, precision=53, emin=-1022, emax=1023, direction="nearest")

    def compare(self, other: Dyadic) -> int:
        """-1, 0 or 1, at no cost for exponents that are far apart."""
        a, b = self, other
        if a.sign != b.sign or not a.mantissa:
            return (a.sign > b.sign) - (a.sign < b.sign)
        if a.top != b.top:
            return a.sign if a.top > b.top else -a.sign
        low = min(a.exponent, b.exponent)
        left, right = a.mantissa << (a.exponent - low), b.mantissa << (b.exponent - low)
        return (left > right) - (left < right)

    @property
    def sign(self) -> int:
        """-1, 0 or 1."""
        return (self.mantissa > 0) - (self.mantissa < 0)

    @property
    def top(self) -> int:
        """The power of two just above the magnitude: ``2^(top-1) <= |value| < 2^top``."""
        return self.exponent + self.mantissa.bit_length()


def round_to(value: Any, fmt: Format, direction: Direction = "nearest") -> float:
    """A value rounded once to a format, as the float64 that it equals.

    Parameters
    ----------
    value
        An int, float, Fraction, mpf, exact ball or `Dyadic`, taken exactly.
    fmt
        The format of the result.
    direction
        "nearest" takes ties to the even significand, "down" goes towards -inf, "up" towards +inf.

    Returns
    -------
    float
        The rounded number. Infinite and NaN values stay what they are, except that an infinity becomes NaN in a format
        without one; so does what overflows there.

    Notes
    -----
    IEEE 754-2019, sections 4.3 and 7.4.

    Examples
    --------
    >>> from softcert_oracle.numbers.formats import lookup
    >>> [round_to(Fraction(1, 3), lookup("float8_e5m2"), d) for d in ("down", "nearest", "up")]
    [0.3125, 0.3125, 0.375]
    """
    special = _special(value)
    if special is not None:
        return special if fmt.has_infinity or special != special else float("nan")
    if isinstance(value, Fraction):
        numerator, denominator, exponent = value.numerator, value.denominator, 0
    else:
        (numerator, exponent), denominator = Dyadic.of(value), 1
    result = _round(
        numerator, denominator, exponent, precision=fmt.precision, emin=fmt.emin, emax=fmt.emax, direction=direction
    )
    if abs(result) <= fmt.largest:
        return result
    over = float("inf") if fmt.has_infinity else float("nan")
    if fmt.largest < abs(result) < float("inf"):
        # float8_e4m3fn: the topmost significand is NaN's, and directed rounding stops below it.
        towards_zero = direction == ("down" if result > 0 else "up")
        return _signed(fmt.largest if towards_zero else over, result)
    return _signed(over, result)


def _signed(magnitude: float, like: float) -> float:
    return -magnitude if like < 0 else magnitude


def _special(value: Any) -> float | None:
    if isinstance(value, float):
        return None if value - value == 0 else value
    if hasattr(value, "_mpf_") and not value._mpf_[1] and value._mpf_[2]:
        text = str(value)
        return float(text.replace("+", ""))
    if hasattr(value, "is_finite") and callable(value.is_finite) and not value.is_finite():
        return float(value.mid())
    return None


def _round(
    numerator: int, denominator: int, power: int, *, precision: int, emin: int, emax: int, direction: Direction
) -> float:
    """Round ``numerator / denominator * 2^power``; what exceeds the format's range by rounding is +-inf."""
    if numerator == 0:
        return 0.0
    negative, a = numerator < 0, abs(numerator)
    e = floor_log2(a, denominator) + power
    away = direction == ("down" if negative else "up")
    sign = -1.0 if negative else 1.0
    largest = (2.0 - 2.0 ** (1 - precision)) * 2.0**emax
    if e > emax:
        return sign * (float("inf") if away or direction == "nearest" else largest)
    quantum = max(e, emin) - precision + 1
    if e < quantum - 1:  # below half the smallest subnormal
        n = 1 if away else 0
    else:
        shift = power - quantum
        top, bottom = (a << shift, denominator) if shift >= 0 else (a, denominator << -shift)
        n, rest = divmod(top, bottom)
        if direction == "nearest":
            n += 2 * rest > bottom or (2 * rest == bottom and n & 1)
        elif away and rest:
            n += 1
    if n.bit_length() + quantum > emax + 1:
        return sign * float("inf")
    return sign * float(n) * 2.0**quantum if quantum >= -1022 else sign * (float(n) * 2.0**-52) * 2.0 ** (quantum + 52)


def floor_log2(numerator: int, denominator: int = 1) -> int:
    """floor(log2(numerator / denominator)) for positive integers."""
    e = numerator.bit_length() - denominator.bit_length()
    below = numerator < denominator << e if e >= 0 else numerator << -e < denominator
    return e - 1 if below else e


def to_bits(value: float, fmt: Format) -> int:
    """The bit pattern of a number of a format, sign bit first.

    Parameters
    ----------
    value
        A float64 that ``fmt`` holds exactly. NaN gives the canonical quiet one with the sign clear.
    fmt
        The format of the encoding.

    Returns
    -------
    int
        The encoding as an unsigned integer of ``fmt.bits`` bits.

    Raises
    ------
    UsageError
        For a value that the format does not hold.

    Examples
    --------
    >>> from softcert_oracle.numbers.formats import lookup
    >>> hex(to_bits(-1.5, lookup("float32")))
    '0xbfc00000'
    """
    p, fraction_bits, exponent_bits = fmt.precision, fmt.precision - 1, fmt.bits - fmt.precision
    special = (1 << exponent_bits) - 1
    if value != value:
        top = (1 << fraction_bits) - 1 if not fmt.has_infinity else 1 << (fraction_bits - 1)
        return special << fraction_bits | top
    sign = int(_is_negative(value)) << (fmt.bits - 1)
    if value - value != 0 and fmt.has_infinity:
        return sign | special << fraction_bits
    if value - value != 0 or round_to(value, fmt) != value:
        raise UsageError(f"value={value!r} is no number of {fmt.name}: round it first.")
    if value == 0:
        return sign
    numerator, denominator = abs(value).as_integer_ratio()
    e = floor_log2(numerator, denominator)
    quantum = max(e, fmt.emin) - p + 1
    shift = -quantum - (denominator.bit_length() - 1)
    n = numerator << shift if shift >= 0 else numerator >> -shift
    biased = e - fmt.emin + 1 if e >= fmt.emin else 0
    return sign | biased << fraction_bits | n & ((1 << fraction_bits) - 1)


def _is_negative(value: float) -> bool:
    return value < 0 or (value == 0 and str(value)[0] == "-")


def ulp_exponent(value: Any, fmt: Format) -> int:
    """k with ulp(value) = 2^k, for an exact value: ``max(floor(log2|value|), emin) - p + 1``.

    Exponents are unbounded above (Goldberg; Muller et al.); ulp(0) is the smallest subnormal.
    """
    if isinstance(value, Fraction):
        e = floor_log2(abs(value.numerator), value.denominator) if value else fmt.emin
    else:
        number = Dyadic.of(value)
        e = number.top - 1 if number.mantissa else fmt.emin
    return max(e, fmt.emin) - fmt.precision + 1


def ulp(value: Any, fmt: Format) -> Fraction:
    """The unit in the last place of an exact value, as an exact number."""
    k = ulp_exponent(value, fmt)
    return Fraction(1 << k) if k >= 0 else Fraction(1, 1 << -k)
