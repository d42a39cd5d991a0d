"""Whether a contract claims less than it did: field by field, with a direction for each.

A field that is not in the table, or whose values have no order, counts as loosened when it changes: nobody could say
that it was not. The defaults are those of `softcert_implementations.contract`, which a test holds equal to these.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from typing import Any

_PRECISION = {"float64": 53, "float32": 24, "float16": 11, "bfloat16": 8, "float8_e4m3fn": 4, "float8_e5m2": 3}
"""Bits of the significand by format."""


def _number(value: Any) -> float | None:
    """A number, with None for "no bound"."""
    if value is None:
        return math.inf
    return float(value) if isinstance(value, int | float) and not math.isnan(value) else None


def _smaller(value: Any) -> float | None:
    number = _number(value)
    return None if number is None else -number


def _precision(value: Any) -> float | None:
    """Bits of the significand; the default, at least float32, stands above float32 and below float64."""
    return {**_PRECISION, "": 24.5}.get(value) if isinstance(value, str) else None


FIELDS: Mapping[str, tuple[Any, Callable[[Any], float | None]]] = {
    "exp_ulp": (4.0, _smaller),
    "log_ulp": (4.0, _smaller),
    "div_ulp": (0.5, _smaller),
    "min_classes": (1, _smaller),
    "classes_multiple_of": (1, _smaller),
    "max_classes": (None, _number),
    "max_rows": (None, _number),
    "max_abs_logit": (None, _number),
    "flush_subnormals": (False, _smaller),
    "repeatable": (False, _number),
    "batch_invariant": (False, _number),
    "working_precision": ("", _precision),
    "sum_format": ("", _precision),
    "saved_format": ("", _precision),
}
"""By field: its default, and a strength that grows with what is claimed (None where a value has no strength)."""

SETS: Mapping[str, tuple[str, ...] | None] = {
    "options": (),
    "label_dtypes": ("int64",),
    "layouts": None,
    "input_kinds": ("arrays",),
}
"""Fields that list what is accepted, with their defaults: fewer claim less, None is everything."""

WEAKEST: Mapping[str, Any] = {
    "special_values": "limit or nan",
    "invalid_labels": "untested",
    "summation": "any",
    "empty_batch": "any",
}
"""Fields without an order, with the value that claims least; it is the default as well."""

_TELL_NOTHING = frozenset({"device"})


def loosened(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """The fields in which a contract claims less than it did, with the old and the new value.

    Parameters
    ----------
    before, after
        The deviations of two contracts from the default, as documents hold them.
    """
    for field in sorted(before.keys() | after.keys()):
        was, now = before.get(field, _default(field)), after.get(field, _default(field))
        if was != now and field not in _TELL_NOTHING and _claims_less(field, was, now):
            yield field, str(was), str(now)


def _default(field: str) -> Any:
    if field in FIELDS:
        return FIELDS[field][0]
    return SETS[field] if field in SETS else WEAKEST.get(field)


def _claims_less(field: str, was: Any, now: Any) -> bool:
    keys = {key for value in (was, now) if isinstance(value, Mapping) for key in value} | {"default"}
    pairs = [(_at(was, key, field), _at(now, key, field)) for key in sorted(keys)]
    return any(_weaker(field, one, other) for one, other in pairs if one != other)


def _at(value: Any, key: str, field: str) -> Any:
    """The value for an operation, a format or both: that of the most specific key, as a contract is looked up."""
    if not isinstance(value, Mapping):
        return value
    for candidate in (key, *key.split("/"), "default"):
        if candidate in value:
            return value[candidate]
    return _default(field)


def _weaker(field: str, was: Any, now: Any) -> bool:
    """Whether a changed value claims less, or has no order that says otherwise."""
    if field in SETS:
        return now is not None and (was is None or not set(_listed(was)) <= set(_listed(now)))
    if field in FIELDS:
        before, after = FIELDS[field][1](was), FIELDS[field][1](now)
        return before is None or after is None or after < before
    if field in WEAKEST:
        return bool(was != WEAKEST[field])
    return True


def _listed(value: Any) -> tuple[Any, ...]:
    return tuple(value) if isinstance(value, list | tuple) else (value,)
