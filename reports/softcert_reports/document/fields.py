"""The kinds of fields that records are made of, and how a file holds each: pydantic reads them off the annotations.

JSON has no NaN and decimal text no bits, so a file holds a `Real` as `float.hex` writes it ("0x1.8p+1", "inf", "nan").
In `Plain` data, where anything may stand, a float is written as ``{"float": "0x1.8p+1"}``, so that it comes back as a
float. Numbers of NumPy are taken as numbers; a bool is none.
"""

from __future__ import annotations

import math
import numbers
import re
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import ConfigDict, PlainSerializer, PlainValidator, Strict, ValidationInfo, WithJsonSchema
from pydantic_core import PydanticCustomError

from softcert_reports.document.levels import Level

HEX = r"^(-?0x[01](\.[0-9a-f]+)?p[+-][0-9]+|-?inf|nan)$"
"""How a document writes a float: the output of `float.hex`, which includes inf, -inf and nan."""

_HEX = re.compile(HEX)


class Record:
    """Base of every record: no unknown fields, no conversions, and parts are checked again when a whole is written."""

    __pydantic_config__ = ConfigDict(extra="forbid", strict=True, revalidate_instances="always")


def misfit(value: object, accepted: str, at: str = "") -> PydanticCustomError:
    """The error of a value that does not fit; ``at`` is the way to it from the field that is being read."""
    return PydanticCustomError("misfit", "{accepted}", {"accepted": accepted, "value": value, "at": at})


def _real(value: Any, info: ValidationInfo) -> float:
    if info.mode == "json":
        return _from_hex(value)
    if isinstance(value, bool) or not isinstance(value, numbers.Real):
        raise misfit(value, "a number")
    return float(value)


def _from_hex(value: object, at: str = "") -> float:
    if not isinstance(value, str) or not _HEX.match(value):
        raise misfit(value, "a hexadecimal float such as '0x1.8p+1', 'inf' or 'nan'", at)
    try:
        return float.fromhex(value)
    except OverflowError:
        raise misfit(value, "a float64", at) from None


def _integer(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, numbers.Integral):
        raise misfit(value, "an integer")
    return int(value)


def _count(value: Any) -> int:
    count = _integer(value)
    if count < 0:
        raise misfit(value, "a whole number of at least 0")
    return count


def _size(value: Any, info: ValidationInfo) -> float:
    size = _real(value, info)
    if math.isnan(size) or size < 0:
        raise misfit(value, "a number of at least 0, or infinity")
    return size


def _plain(value: Any, info: ValidationInfo) -> Any:
    return _read_plain(value, "") if info.mode == "json" else _given_plain(value, "")


def _given_plain(value: Any, at: str) -> Any:
    """Plain data as Python code hands them over: mappings, lists and tuples of text, numbers and None."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return str(value)
    if isinstance(value, numbers.Integral):
        return int(value)
    if isinstance(value, numbers.Real):
        return float(value)
    if isinstance(value, Mapping):
        if set(value) == {"float"}:
            raise misfit(value, "an object with other keys than the single key 'float'", at)
        if other := [key for key in value if not isinstance(key, str)]:
            raise misfit(other[0], "text", f"{at}, a key,")
        return {str(key): _given_plain(item, f"{at}.{key}") for key, item in value.items()}
    if isinstance(value, list | tuple):
        return tuple(_given_plain(item, f"{at}[{i}]") for i, item in enumerate(value))
    raise misfit(value, "plain data (text, numbers, lists, objects)", at)


def _read_plain(value: Any, at: str) -> Any:
    """Plain data as a file holds them."""
    if isinstance(value, dict):
        if set(value) == {"float"}:
            return _from_hex(value["float"], f"{at}.float")
        return {key: _read_plain(item, f"{at}.{key}") for key, item in value.items()}
    if isinstance(value, list):
        return tuple(_read_plain(item, f"{at}[{i}]") for i, item in enumerate(value))
    if isinstance(value, float):
        raise misfit(value, "an integer, or a float written as {'float': '0x1.8p+1'}", at)
    return value


def _written_plain(value: Any) -> Any:
    """Plain data as JSON can hold them."""
    if isinstance(value, float):
        return {"float": value.hex()}
    if isinstance(value, dict):
        return {key: _written_plain(item) for key, item in value.items()}
    return [_written_plain(item) for item in value] if isinstance(value, tuple) else value


_HEX_SCHEMA = WithJsonSchema({"type": "string", "pattern": HEX})
_SIZE_SCHEMA = WithJsonSchema({"type": "string", "pattern": r"^(0x[01](\.[0-9a-f]+)?p[+-][0-9]+|inf)$"})
Real = Annotated[float, PlainValidator(_real), PlainSerializer(float.hex), _HEX_SCHEMA]
Integer = Annotated[int, PlainValidator(_integer), WithJsonSchema({"type": "integer"})]
Count = Annotated[int, PlainValidator(_count), WithJsonSchema({"type": "integer", "minimum": 0})]
Size = Annotated[float, PlainValidator(_size), PlainSerializer(float.hex), _SIZE_SCHEMA]  # NaN is above no limit
Plain = Annotated[Any, PlainValidator(_plain), PlainSerializer(_written_plain)]
AnyLevel = Annotated[Level, Strict(False)]  # a plain string, or the oracle's own member of that name, is taken too
