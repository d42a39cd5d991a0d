"""The reference of record: the definitions evaluated by mpmath, at a precision raised until it no longer matters.

Ziv, "Fast evaluation of elementary mathematical functions with correctly rounded last bit", ACM TOMS 17 (1991).
Inputs are taken exactly as their format holds them. 1 - p and log p next to 1 come from tau, the sum of the others.
Rows whose finite entries are all equal are rational numbers and stay so; p, l and y of every other row are
transcendental (Lindemann-Weierstrass), so that the loop ends.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any, NamedTuple

import mpmath

from softcert_oracle import operations
from softcert_oracle.decide.precision import CAP_BITS, FIRST_BITS
from softcert_oracle.errors import UsageError, unknown
from softcert_oracle.numbers import formats
from softcert_oracle.numbers.formats import Format
from softcert_oracle.numbers.rounding import Direction, Dyadic, round_to

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

LOST_BITS = 10
"""Bits granted below the working precision W. exp and log1p are within 2 units of 2^-W (mpmath claims one), d and the
sums are exact but for one rounding each, so p = e / s is within 7 units, the sum of the others over s within 8, L 5,
d - L (one sign, no cancellation) 6, the mean of losses 8, p_i (1 - p_j) 16. 2^10 units leave
mpmath's functions 60 times what they claim."""

OPERATIONS = (*operations.CORE, "jacobian")


class Ball(NamedTuple):
    """A real number within ``error`` of ``centre`` (mpmath numbers)."""

    centre: Any
    error: Any

    @property
    def bounds(self) -> tuple[Dyadic, Dyadic]:
        """Lower and upper bound, exactly."""
        low, high = (mpmath.fadd(self.centre, w, exact=True) for w in (-self.error, self.error))
        return Dyadic.of(low), Dyadic.of(high)


Number = Ball | Fraction | float
"""A transcendental number as a ball, a rational one as itself, inf, -inf or nan as a float."""


class _Row(NamedTuple):
    softmax: list[Number]
    complement: list[Number]
    log_softmax: list[Number]
    logsumexp: Number


def evaluate(
    operation: str, x: ArrayLike, labels: ArrayLike | None = None, reduction: str = "mean", *, bits: int = FIRST_BITS
) -> list[Number]:
    """The exact results by mpmath, flat in C order.

    Parameters
    ----------
    operation
        One of the core operations or "jacobian" (m C C entries).
    x
        Logits (m, C) of any format, taken exactly.
    labels
        Class indices (m,) for the loss and its gradient.
    reduction
        "mean", "sum" or "none".
    bits
        The working precision.

    Returns
    -------
    list of Number
        Balls around transcendental numbers, Fractions, and floats for infinities and NaN.

    Raises
    ------
    UsageError
        For an unknown operation or reduction, another shape or format, or labels that are missing.

    Examples
    --------
    >>> evaluate("softmax", [[1.0, 1.0, float("-inf")]])
    [Fraction(1, 2), Fraction(1, 2), Fraction(0, 1)]
    """
    with mpmath.workprec(bits):
        return _evaluate(operation, x, labels, reduction)


def rounded(
    operation: str,
    x: ArrayLike,
    labels: ArrayLike | None = None,
    reduction: str = "mean",
    *,
    fmt: Format,
    direction: Direction = "nearest",
    cap: int = CAP_BITS,
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """The exact results rounded once to ``fmt``, flat, as float64, and which of them were decided by ``cap`` bits."""
    import numpy as np

    def decide(number: Number) -> float | None:
        if not isinstance(number, Ball):
            return round_to(number, fmt, direction)
        low, high = (round_to(b, fmt, direction) for b in number.bounds)
        return low if low == high or (low != low and high != high) else None

    answers = ziv(lambda bits: evaluate(operation, x, labels, reduction, bits=bits), decide, cap=cap)
    values = np.array([np.nan if a is None else a for a in answers])
    return values, np.array([a is not None for a in answers], bool)


def digits(
    operation: str, x: ArrayLike, labels: ArrayLike | None = None, reduction: str = "mean", *, digits: int
) -> list[Any]:
    """The exact results as mpmath numbers, flat, each within 10^-digits relative (special values as mpf)."""

    def decide(number: Number) -> Any:
        if isinstance(number, float):
            return mpmath.mpf(number)
        if isinstance(number, Fraction):
            with mpmath.workdps(digits + 5):
                return mpmath.mpf(number.numerator) / number.denominator
        with mpmath.workdps(digits + 5):
            return +number.centre if number.error <= abs(number.centre) * mpmath.mpf(10) ** (-digits - 1) else None

    start = max(FIRST_BITS, int(digits * 3.33) + 64)
    numbers = ziv(lambda bits: evaluate(operation, x, labels, reduction, bits=bits), decide, start, 64 * start)
    if any(value is None for value in numbers):
        raise ArithmeticError(f"{operation} of {x!r} has no {digits} digits at {64 * start} bits.")
    return numbers


def ziv(
    compute: Callable[[int], Sequence[Number]],
    decide: Callable[[Number], Any],
    start: int = FIRST_BITS,
    cap: int = CAP_BITS,
) -> list[Any]:
    """``decide`` of each number, computed at start, 2 start, ... bits until it is not None; None at the cap."""
    bits = start
    answers = [decide(number) for number in compute(bits)]
    while bits * 2 <= cap and any(a is None for a in answers):
        bits *= 2
        again = compute(bits)
        answers = [decide(again[k]) if a is None else a for k, a in enumerate(answers)]
    return answers


def _evaluate(operation: str, x: ArrayLike, labels: ArrayLike | None, reduction: str) -> list[Number]:
    rows = [_row(row) for row in _float_rows(x)]
    if operation == "softmax":
        return [p for row in rows for p in row.softmax]
    if operation == "log_softmax":
        return [v for row in rows for v in row.log_softmax]
    if operation == "logsumexp":
        return [row.logsumexp for row in rows]
    if operation == "jacobian":
        return [entry for row in rows for entry in _jacobian(row)]
    if operation not in ("cross_entropy", "cross_entropy_grad"):
        raise unknown("operation", operation, OPERATIONS)
    if reduction not in operations.REDUCTIONS:
        raise unknown("reduction", reduction, operations.REDUCTIONS)
    if labels is None:
        raise UsageError(f"labels=None: {operation} needs one class index for each row.")
    index = labels if isinstance(labels, list) else _as_list(labels)
    mean = len(rows) if reduction == "mean" else 1
    if operation == "cross_entropy_grad":
        return [
            _divided(_negated(row.complement[k]) if j == k else row.softmax[j], mean)
            for row, k in zip(rows, index, strict=True)
            for j in range(len(row.softmax))
        ]
    losses = [_negated(row.log_softmax[k]) for row, k in zip(rows, index, strict=True)]
    if reduction == "none":
        return losses
    if not losses:
        return [float("nan") if reduction == "mean" else Fraction(0)]
    return [_divided(_sum(losses), mean)]


def _float_rows(x: ArrayLike) -> list[list[float]]:
    """The rows as floats, exactly; plain lists of floats as they are, so that one row needs no NumPy."""
    if isinstance(x, list) and len(x) == 1 and isinstance(x[0], list) and all(type(v) is float for v in x[0]):
        return x
    import numpy as np

    values = np.asarray(x)
    if formats.of_array(values) is None or values.ndim != 2:
        raise UsageError(f"x has dtype {values.dtype} and shape {values.shape}: (m, C) of a known format is needed.")
    rows: list[list[float]] = values.astype(np.float64).tolist()
    return rows


def _as_list(labels: ArrayLike) -> Any:
    import numpy as np

    return np.asarray(labels).tolist()


def _row(x: list[float]) -> _Row:
    """All quantities of one row at the working precision; limits and NaN for rows without a finite maximum."""
    nan = float("nan")
    n = len(x)
    if any(v != v for v in x):
        return _Row([nan] * n, [nan] * n, [nan] * n, nan)
    top = max(x, default=-math.inf)
    if top == -math.inf:
        return _Row([nan] * n, [nan] * n, [nan] * n, -math.inf)
    if top == math.inf:
        one = x.count(math.inf) == 1
        p: list[Number] = [(Fraction(1) if one else nan) if v == top else Fraction(0) for v in x]
        q: list[Number] = [(Fraction(0) if one else nan) if v == top else Fraction(1) for v in x]
        return _Row(p, q, [(Fraction(0) if one else nan) if v == top else -math.inf for v in x], math.inf)
    finite = [v for v in x if v != -math.inf]
    if min(finite) == top:
        return _ties(x, top, len(finite))
    return _ordinary(x, top)


def _ties(x: list[float], top: float, k: int) -> _Row:
    """k equal entries beside -inf: 1/k, rationally."""
    p: list[Number] = [Fraction(0) if v == -math.inf else Fraction(1, k) for v in x]
    q: list[Number] = [Fraction(1) if v == -math.inf else Fraction(k - 1, k) for v in x]
    if k == 1:
        return _Row(p, q, [-math.inf if v == -math.inf else Fraction(0) for v in x], Fraction(top))
    log = mpmath.log(k)
    level: Number = _ball(-log)
    y: Number = _ball(mpmath.mpf(top) + log, max(abs(mpmath.mpf(top)), log))
    return _Row(p, q, [-math.inf if v == -math.inf else level for v in x], y)


def _ordinary(x: list[float], top: float) -> _Row:
    m = mpmath.mpf(top)
    first = x.index(top)
    d = [None if v == -math.inf else mpmath.fsub(mpmath.mpf(v), m, exact=True) for v in x]
    e = [mpmath.mpf(0) if v is None else mpmath.exp(v) for v in d]
    tau = mpmath.fsum(v for j, v in enumerate(e) if j != first)
    s = 1 + tau
    log = mpmath.log1p(tau)
    p: list[Number] = [Fraction(0) if d[j] is None else _ball(e[j] / s) for j in range(len(x))]
    q: list[Number] = [Fraction(1) if d[j] is None else _ball(1 - e[j] / s) for j in range(len(x))]
    q[first] = _ball(tau / s)
    level: list[Number] = [-math.inf if v is None else _ball(v - log) for v in d]
    return _Row(p, q, level, _ball(m + log, max(abs(m), log)))


def _ball(centre: Any, scale: Any = None) -> Ball:
    """A ball with the error that the working precision allows, relative to ``scale`` (else to the centre)."""
    size = abs(centre) if scale is None else scale
    return Ball(centre, mpmath.ldexp(size, LOST_BITS - mpmath.mp.prec))


def _negated(v: Number) -> Number:
    return Ball(-v.centre, v.error) if isinstance(v, Ball) else -v


def _divided(v: Number, n: int) -> Number:
    if n == 1 or isinstance(v, float):
        return v
    # The grant of `_ball` holds for the quotient too: its own rounding is one of the units counted there.
    return Ball(v.centre / n, v.error / n) if isinstance(v, Ball) else v / n


def _sum(terms: list[Number]) -> Number:
    special = [v for v in terms if isinstance(v, float)]
    if special:
        return sum(special)
    rational = sum((v for v in terms if isinstance(v, Fraction)), Fraction(0))
    balls = [v for v in terms if isinstance(v, Ball)]
    if not balls:
        return rational
    # Losses are not negative and the rational ones are 0, so the errors add up to the grant of the sum.
    centre = mpmath.fsum(v.centre for v in balls) + mpmath.mpf(rational.numerator) / rational.denominator
    return Ball(centre, mpmath.fsum(v.error for v in balls))


def _product(a: Number, b: Number) -> Number:
    if isinstance(a, Fraction) and isinstance(b, Fraction):
        return a * b
    if isinstance(a, float) or isinstance(b, float) or a == 0 or b == 0:
        return Fraction(0) if a == 0 or b == 0 else float("nan")
    left, right = (v.centre if isinstance(v, Ball) else mpmath.mpf(v.numerator) / v.denominator for v in (a, b))
    return _ball(left * right)


def _jacobian(row: _Row) -> list[Number]:
    """p_i (delta_ij - p_j); NaN for rows without a finite maximum, whose limits are not their derivatives."""
    p, q = row.softmax, row.complement
    if not isinstance(row.logsumexp, Ball | Fraction):
        return [float("nan")] * len(p) ** 2
    return [_product(p[i], q[j] if i == j else _negated(p[j])) for i in range(len(p)) for j in range(len(p))]
