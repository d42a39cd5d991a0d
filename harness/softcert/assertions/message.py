"""What a failed assertion says: the worst number, the exact one, the error and its limit, the cause and the remedy."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

import numpy as np

from softcert.assertions import cause
from softcert.assertions.comparison import Comparison
from softcert_oracle.decide import decisions
from softcert_oracle.levels import Level
from softcert_oracle.mp.decimal_text import to_text
from softcert_oracle.numbers.enclosure import Enclosure
from softcert_oracle.numbers.scaled import Scaled

_DIGITS = 20


def of_wrong(found: Comparison) -> str:
    """The message of a result with wrong numbers."""
    return "\n".join(_lines(found))


def of_undecided(found: Comparison) -> str:
    """The message of a result that stayed undecided."""
    return (
        f"{_head(found)}: {found.undecided} of {found.got.size} numbers stayed undecided at level {str(found.level)!r}"
    )


def of_vacuous(found: Comparison) -> str:
    """The message of inputs that prove nothing."""
    return (
        f"{_head(found)}: these inputs prove nothing. The limit of level {str(found.level)!r} is so wide here that "
        "zeros, a constant or the uniform distribution would pass. Give fewer classes, logits of which few count, or a "
        "contract with a sharper `summation`; `softcert tolerance` says where limits tell something."
    )


def _lines(found: Comparison) -> Iterator[str]:
    count = int(np.count_nonzero(found.wrong))
    yield f"{_head(found)}: {count} of {found.got.size} numbers are beyond the limit of level {str(found.level)!r}"
    index = found.worst
    exact = found.expected.exact[index]
    got = float(found.got[index])
    yield f"  worst   {_place(found, index)}"
    yield f"  got     {_decimal(got)} = {got.hex()}"
    nearest = float(np.asarray(_nearest(found, exact)))
    yield f"  exact   {_exact_text(exact)}; the nearest {found.format.name} is {nearest!r} = {nearest.hex()}"
    if found.accepted.applies[index]:
        values = dict.fromkeys(f"{float(v[index]):g}" for v in found.accepted.accepted)
        yield f"  special accepted here: {' or '.join(values)}"
    else:
        yield from _sizes(found, index)
    if claims := _claims(found):
        yield f"  claimed {claims}"
    if (known := cause.of(found)) is not None:
        yield f"  cause   behaves like {known.name}: {known.behaves.rstrip('.')}. {known.agrees}"
        yield f"  remedy  {known.remedy}"


def _head(found: Comparison) -> str:
    x = next(iter(found.call.arguments.values()))
    options = "".join(f", {name}" for name in found.call.options if name not in ("axis", "reduction"))
    reduced = f", reduction={found.call.reduction}" if found.call.canonical.reduced else ""
    return f"{found.call.operation} of {found.call.format} {x.shape}{options}{reduced}"


def _place(found: Comparison, index: tuple[int, ...]) -> str:
    call = found.call.canonical
    if not index:
        return "the result, one number"
    if not found.call.plain:
        return f"element {index if len(index) > 1 else index[0]}"
    row = np.unravel_index(index[0], call.lead) if call.lead else ()
    where = f"row {int(row[0]) if len(row) == 1 else tuple(int(k) for k in row)}" if len(row) else "the row"
    label = "" if call.labels is None else f", whose label is {int(call.labels[index[0]])}"
    return f"{where}, class {index[1]}{label}" if len(index) == 2 else f"{where}{label}"


def _sizes(found: Comparison, index: tuple[int, ...]) -> Iterator[str]:
    ulps = float(_ulps(found)[index])
    if found.level == Level.FAITHFUL:
        yield f"  error   {ulps:.4g} ulp; neither neighbour of the exact value"
        return
    limit = found.expected.limit(found.level)
    power = int(decisions.ulp_exponent(found.expected.exact[index], found.format))
    number = limit.numbers[index] if index else limit.numbers
    allowed = float(np.asarray((number * Scaled.of(1.0, -power)).to_float()))
    absolute = float(np.asarray(number.to_float()))
    ratio = float(found.ratios[index])
    yield f"  error   {ulps:.4g} ulp, {ratio:.4g} limits (one limit: {allowed:.4g} ulp, {absolute:.4g})"
    yield f"  limit   {limit.formula}"


def _ulps(found: Comparison) -> np.ndarray:
    """Errors in ulp."""
    return np.asarray(decisions.ulp_error(found.got, found.expected.exact, found.format, found.distance)[1])


def _claims(found: Comparison) -> str:
    from softcert_implementations.contract import FIELDS, Contract

    default = Contract().terms(found.call.operation, found.call.format)
    given = found.call.terms
    return ", ".join(f"{f}={getattr(given, f)}" for f in FIELDS if getattr(given, f) != getattr(default, f))


def _decimal(value: float) -> str:
    return f"{value:.17g}"


def _exact_text(exact: Enclosure) -> str:
    hi = float(exact.hi)
    if not np.isfinite(hi) or hi == 0:
        return f"{hi:g}"
    whole = (Fraction(hi) + Fraction(float(exact.lo))) * Fraction(2) ** int(exact.exponent)
    return f"{to_text(whole, _DIGITS)}"


def _nearest(found: Comparison, exact: Enclosure) -> np.ndarray:
    return np.asarray(decisions.nearest(exact.reshape(1), found.format)[0][0])
