"""References and refinements for calls with options, from Arb at escalating precision.

Each result is computed at 160, 320, ... bits until its ball has 120 relative bits, so that no cancellation is left in
it; what cancels entirely (an exact 0 that is not recognised as one) ends at `CAP_BITS` as a very narrow interval.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from flint import arb
from numpy.typing import NDArray

from softcert_oracle.decide.ziv import Bounds, Refine
from softcert_oracle.numbers.enclosure import Enclosure
from softcert_oracle.options.arb_values import Exact
from softcert_oracle.options.canonical_call import CanonicalCall, canonical_call
from softcert_oracle.reference.arb import BITS, KEPT_BITS, bounds, from_balls, precision

CAP_BITS = 2560
"""Beyond the 2200 bits that any difference of two float64 needs; what is still not separated from 0 is below 2^-2400
of the terms that it is made of, far below half the smallest subnormal of float64."""

At = Callable[[int, int], Any]


def reference(
    operation: str, arguments: Mapping[str, Any], options: Mapping[str, Any] | None = None
) -> Enclosure | tuple[Enclosure, ...]:
    """The exact result of an operation with options; three of them, by X, W and b, for linear_cross_entropy_grad.

    Parameters
    ----------
    operation
        Name or alias of any operation of the table, the linear ones included.
    arguments, options
        As in `softcert_oracle.options.canonical_call.canonical_call`.

    Returns
    -------
    Enclosure or tuple of Enclosure
        In the shapes of the table of operations, with the axis of the classes where ``axis`` has it. Exactly 0 for
        ignored rows and by masked logits; NaN where no value exists (a mean over no weight, a row without any class).

    Raises
    ------
    UsageError
        For an option that the operation does not take, an impossible value, or shapes that do not fit.

    Examples
    --------
    >>> import numpy as np
    >>> x, y = np.array([[2.0, 1.0, 0.0]]), np.array([0])
    >>> round(float(reference("cross_entropy", {"x": x, "labels": y}, {"temperature": 2.0}).to_float()), 6)
    0.68027
    """
    return option_reference(canonical_call(operation, arguments, options))


def option_reference(call: CanonicalCall) -> Enclosure | tuple[Enclosure, ...]:
    """The exact result of a call in canonical form."""
    exact = Exact(call)
    if call.operation == "linear_cross_entropy_grad":
        return tuple(
            _enclosures(int(np.prod(shape)), _part(exact, which)).reshape(*shape)
            for which, shape in enumerate(linear_shapes(call))
        )
    places = call.positions
    count = 1 if call.reduced else call.m * (call.classes if call.by_class else 1)
    return _enclosures(count, exact.at)[places]


def refine(
    operation: str, arguments: Mapping[str, Any], options: Mapping[str, Any] | None = None, part: int = 0
) -> Refine:
    """What decisions take as ``refine`` for the result of `reference` (``part``: of which of several results)."""
    return refiner(canonical_call(operation, arguments, options), part)


def refiner(call: CanonicalCall, part: int = 0) -> Refine:
    """As `refine`, of a call in canonical form."""
    exact = Exact(call)
    linear = call.operation == "linear_cross_entropy_grad"
    at = _part(exact, part) if linear else exact.at
    places = None if linear else call.positions.reshape(-1)

    def refined(positions: NDArray[np.intp], bits: int) -> list[Bounds]:
        with precision(bits):
            balls = [at(int(k if places is None else places[k]), bits) for k in positions]
            return [bounds(arb(v) if isinstance(v, float) else v) for v in balls]

    return refined


def linear_shapes(call: CanonicalCall) -> tuple[tuple[int, ...], ...]:
    """Shapes of the gradients by X, W and b."""
    assert call.linear is not None
    return tuple(a.shape for a in call.linear)


def _part(exact: Exact, which: int) -> At:
    return lambda k, bits: exact.linear_part(which, k, bits)


def _enclosures(count: int, at: At) -> Enclosure:
    if count == 0:
        return Enclosure.exactly(np.zeros(0))
    balls: list[Any] = [at(k, BITS) for k in range(count)]
    open_ = [k for k in range(count) if not _narrow(balls[k])]
    bits = 2 * BITS
    while open_ and bits <= CAP_BITS:
        for k in open_:
            balls[k] = at(k, bits)
        open_ = [k for k in open_ if not _narrow(balls[k])]
        bits *= 2
    wide = set(open_)
    result = from_balls([arb(0) if k in wide else arb(v) if isinstance(v, float) else v for k, v in enumerate(balls)])
    for k in open_:  # |v| < 2^top, as the interval 2^(top-1) +- 3 * 2^(top-1)
        mantissa, power = balls[k].abs_upper().man_exp()
        top = int(power) + int(mantissa).bit_length()
        result.hi[k], result.lo[k], result.exponent[k], result.radius[k] = 0.5, 0.0, top, 1.5
    return result


def _narrow(value: Any) -> bool:
    return isinstance(value, float) or value.is_zero() or value.rel_accuracy_bits() >= KEPT_BITS
