"""Numbers as a reader wants them: three significant digits, thousands set apart, powers of ten in superscript."""

from __future__ import annotations

import math
from collections.abc import Iterable

_SUPERSCRIPT = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")


def significant(value: float | None, digits: int = 3) -> str:
    """``0.0421``, ``4.2 × 10⁻⁹``, ``∞``, ``NaN``, ``–`` for an unknown number."""
    if value is None:
        return "–"
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    if value == 0:
        return "0"
    mantissa, exponent = f"{value:.{digits - 1}e}".split("e")
    if -4 <= int(exponent) < 6:
        text = f"{float(f'{value:.{digits - 1}e}'):,.{max(0, digits - 1 - int(exponent))}f}"
        return _trimmed(text).replace("-", "−")
    return f"{_trimmed(mantissa)} × 10{str(int(exponent)).translate(_SUPERSCRIPT)}".replace("-", "−")


def _trimmed(text: str) -> str:
    return text.rstrip("0").rstrip(".") if "." in text else text


def plain(value: float | None) -> str:
    """The same for a log file: ASCII only, ``4.2e-09``."""
    return "-" if value is None else f"{value:.3g}"


def short_number(value: float, digits: int = 4) -> float | str:
    """A number for the page's own script: few significant digits; a text where JSON has no number."""
    if math.isfinite(value):
        rounded = float(f"{value:.{digits}g}")
        return int(rounded) if rounded.is_integer() and abs(rounded) < 2**53 else rounded
    return "NaN" if math.isnan(value) else ("inf" if value > 0 else "-inf")


def count(value: int) -> str:
    """``12,345``."""
    return f"{value:,}"


def compact(value: int) -> str:
    """A count in at most five characters: exact below ten thousand, then ``737k``, ``28.5M`` (never rounded up)."""
    for unit, letter, least in ((10**9, "G", 10**9), (10**6, "M", 10**6), (10**3, "k", 10**4)):
        if value >= least:
            return f"{value // unit}{letter}" if value >= 100 * unit else f"{value * 10 // unit / 10:.1f}{letter}"
    return str(value)


def several(value: int, one: str, many: str | None = None) -> str:
    """``1 check``, ``2,000 checks``."""
    return f"{value:,} {one if value == 1 else many or one + 's'}"


def share(part: int, whole: int) -> str:
    """A percentage that says 100 % only of all and 0 % only of none."""
    if not whole:
        return "–"
    percent = 100 * part / whole
    if 0 < percent < 0.1:
        return "< 0.1 %"
    if 99.9 < percent < 100:
        return "> 99.9 %"
    return f"{percent:.1f}".removesuffix(".0") + " %"


def listed(items: Iterable[str], last: str = "and") -> str:
    """``a``, ``a and b``, ``a, b and c``."""
    names = list(items)
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} {last} {names[-1]}" if names else ""


def corners(shapes: Iterable[tuple[int, int]]) -> str:
    """``1 x 262,144, 2 x 65,537``: rows x classes at each corner of what was run; ``none`` for none.

    Corners of several hulls make one: a corner that another exceeds in both is left out.

    Examples
    --------
    >>> corners([(1, 9), (4, 2), (1, 5)])
    '1 x 9, 4 x 2'
    """
    kept: list[tuple[int, int]] = []
    for rows, classes in sorted(set(shapes), reverse=True):
        if not kept or classes > kept[-1][1]:
            kept.append((rows, classes))
    return ", ".join(f"{rows:,} x {classes:,}" for rows, classes in reversed(kept)) or "none"


def span(values: Iterable[int]) -> str:
    """``1 to 65,537`` for the smallest and largest of some sizes; ``none`` for none."""
    known = sorted(values)
    if not known:
        return "none"
    return count(known[0]) if known[0] == known[-1] else f"{known[0]:,} to {known[-1]:,}"
