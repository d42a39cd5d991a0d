"""Frozen dataclasses to plain JSON and back, checked against their annotations on both ways.

JSON has no NaN and decimal text no bits, so a float is written as `float.hex` writes it ("0x1.8p+1", "inf",
"nan"); where a field may hold anything, it is written as ``{"float": "0x1.8p+1"}``, so that it comes back a float.
Fields whose metadata say ``time`` are measurements of this run's speed or clock and can be left out (for a digest).
"""

from __future__ import annotations

import functools
import numbers
import re
import types
import typing
from collections.abc import Callable, Iterable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from enum import StrEnum
from typing import Any, Literal

HEX = r"^(-?0x[01](\.[0-9a-f]+)?p[+-][0-9]+|-?inf|nan)$"
"""What a float looks like in a document: the output of `float.hex`, which includes inf, -inf and nan."""

_HEX = re.compile(HEX)


class DocumentError(ValueError):
    """A results document, certificate or argument that cannot be used; the message is one sentence for a person."""


class _MisfitError(Exception):
    """A value that does not fit; the way to it is put together as the error comes up, since most values do fit."""

    def __init__(self, message: str, path: str = "") -> None:
        super().__init__(message)
        self.message, self.path = message, path

    def under(self, step: str) -> _MisfitError:
        """The same, seen from one step further up."""
        return _MisfitError(self.message, step + self.path)


def encode(value: Any, annotation: Any, path: str = "document", times: bool = True) -> Any:
    """Plain JSON data for a value of that annotation; `DocumentError` naming the path where it does not fit."""
    try:
        return _encode(value, annotation, times)
    except _MisfitError as error:
        raise DocumentError(f"{path}{error.path} {error.message}") from None


def decode(data: Any, annotation: Any, path: str = "document") -> Any:
    """The value of that annotation that plain JSON data describe; `DocumentError` naming the path otherwise."""
    try:
        return _decode(data, annotation)
    except _MisfitError as error:
        raise DocumentError(f"{path}{error.path} {error.message}") from None


def hints(cls: type) -> dict[str, Any]:
    """The resolved annotations of a dataclass."""
    return typing.get_type_hints(cls)


@functools.cache
def _kind(annotation: Any) -> tuple[str, Any]:
    """What an annotation asks for, looked up once: a kind, and what it is made of."""
    if is_dataclass(annotation):
        kinds = hints(annotation)  # type: ignore[arg-type]
        return "record", tuple((f.name, kinds[f.name], f) for f in fields(annotation))
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin in (types.UnionType, typing.Union):
        return "optional", next(a for a in arguments if a is not type(None))
    if origin is Literal:
        return "literal", arguments
    if origin is tuple:
        return "list", arguments[0]
    if origin is not None and issubclass(origin, Mapping):
        return "map", arguments[1]
    if isinstance(annotation, type) and issubclass(annotation, StrEnum):
        return "enum", annotation
    return "scalar", annotation


def _encode(value: Any, annotation: Any, times: bool) -> Any:
    kind, inner = _kind(annotation)
    if kind == "scalar":
        return _encode_scalar(value, inner)
    if kind == "record":
        if not isinstance(value, annotation):
            raise _wrong(value, f"a {annotation.__name__}")
        wanted = ((name, of) for name, of, f in inner if times or not f.metadata.get("time"))
        return _each_field(wanted, lambda name, of: _encode(getattr(value, name), of, times))
    if kind == "list":
        return _each(value, lambda item: _encode(item, inner, times))
    if kind == "map":
        return _each_key(value, lambda item: _encode(item, inner, times))
    if kind == "optional":
        return None if value is None else _encode(value, inner, times)
    if kind == "enum":
        return str(_literal(value, tuple(map(str, inner))))
    return _literal(value, inner)


def _decode(data: Any, annotation: Any) -> Any:
    kind, inner = _kind(annotation)
    if kind == "scalar":
        return _decode_scalar(data, inner)
    if kind == "record":
        known = {name for name, _, _ in inner}
        if unknown := sorted(set(_mapped(data)) - known):
            raise _MisfitError(f"has the unknown field {unknown[0]!r}.")
        for name, _, f in inner:
            if name not in data and f.default is MISSING and f.default_factory is MISSING:
                raise _MisfitError(f"lacks the field {name!r}.")
        given = ((name, of) for name, of, _ in inner if name in data)
        return annotation(**_each_field(given, lambda name, of: _decode(data[name], of)))
    if kind == "list":
        return tuple(_each(data, lambda item: _decode(item, inner)))
    if kind == "map":
        return _each_key(data, lambda item: _decode(item, inner))
    if kind == "optional":
        return None if data is None else _decode(data, inner)
    if kind == "enum":
        return inner(_literal(data, tuple(map(str, inner))))
    return _literal(data, inner)


def _each_field(wanted: Iterable[tuple[str, Any]], convert: Callable[[str, Any], Any]) -> dict[str, Any]:
    out, name = {}, ""
    try:
        for name, of in wanted:
            out[name] = convert(name, of)
    except _MisfitError as error:
        raise error.under(f".{name}") from None
    return out


def _each(values: Any, convert: Callable[[Any], Any]) -> list[Any]:
    if not isinstance(values, list | tuple):
        raise _wrong(values, "a list")
    out: list[Any] = []
    try:
        for value in values:
            out.append(convert(value))
    except _MisfitError as error:
        raise error.under(f"[{len(out)}]") from None
    return out


def _each_key(values: Any, convert: Callable[[Any], Any]) -> dict[str, Any]:
    return _each_field(((key, None) for key in _mapped(values)), lambda key, _: convert(values[key]))


def _mapped(value: Any) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise _wrong(value, "an object")
    for key in value:
        _text(key)
    return value


def _literal(value: Any, accepted: tuple[Any, ...]) -> Any:
    if not isinstance(value, str) or value not in accepted:
        raise _wrong(value, "one of " + ", ".join(map(repr, accepted)))
    return value


def _encode_scalar(value: Any, annotation: Any) -> Any:
    if annotation is str:
        return _text(value)
    if annotation is float:
        if isinstance(value, bool) or not isinstance(value, numbers.Real):
            raise _wrong(value, "a number")
        return float.hex(float(value))
    if annotation is int:
        if isinstance(value, bool) or not isinstance(value, numbers.Integral):
            raise _wrong(value, "an integer")
        return int(value)
    return _encode_any(value) if annotation is Any else _truth(value)


def _decode_scalar(value: Any, annotation: Any) -> Any:
    if annotation is str:
        return _text(value)
    if annotation is float:
        return _float(value)
    if annotation is int:
        if isinstance(value, bool) or not isinstance(value, int):
            raise _wrong(value, "an integer")
        return value
    return _decode_any(value) if annotation is Any else _truth(value)


def _truth(value: Any) -> bool:
    if not isinstance(value, bool):
        raise _wrong(value, "true or false")
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise _wrong(value, "text")
    if not value.isascii():
        try:
            value.encode("utf-8")
        except UnicodeEncodeError:
            raise _MisfitError("holds a lone surrogate, which no UTF-8 file can.") from None
    return str(value)


def _float(value: Any) -> float:
    if not isinstance(value, str) or not _HEX.match(value):
        raise _wrong(value, "a hexadecimal float such as '0x1.8p+1', 'inf' or 'nan'")
    try:
        return float.fromhex(value)
    except OverflowError:
        raise _wrong(value, "a float64") from None


def _encode_any(value: Any) -> Any:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, numbers.Integral):
        return int(value)
    if isinstance(value, numbers.Real):
        return {"float": float.hex(float(value))}
    if isinstance(value, Mapping):
        if set(value) == {"float"}:
            raise _wrong(value, "an object with other keys than the single key 'float'")
        return _each_key(value, _encode_any)
    if isinstance(value, list | tuple):
        return _each(value, _encode_any)
    raise _wrong(value, "plain data (text, numbers, lists, objects)")


def _decode_any(value: Any) -> Any:
    if isinstance(value, Mapping):
        return _float(value["float"]) if set(value) == {"float"} else _each_key(value, _decode_any)
    if isinstance(value, list):
        return tuple(_each(value, _decode_any))
    if isinstance(value, float):
        raise _wrong(value, "an integer, or a float written as {'float': '0x1.8p+1'}")
    return value


def _wrong(value: Any, accepted: str) -> _MisfitError:
    given = repr(value)
    return _MisfitError(f"is {given[:80] + ('…' if len(given) > 80 else '')}; expected {accepted}.")
