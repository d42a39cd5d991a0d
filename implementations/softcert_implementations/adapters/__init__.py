"""Array libraries, one file each: how a request's bytes become their arrays and their results become bytes."""

from softcert_implementations.adapters.base import (
    Adapter,
    Argument,
    DeclinedError,
    NotAnArrayError,
    Raw,
    UnavailableError,
    UnsupportedError,
    View,
)
from softcert_implementations.adapters.lookup import LIBRARIES, adapter

__all__ = [
    "LIBRARIES",
    "Adapter",
    "Argument",
    "DeclinedError",
    "NotAnArrayError",
    "Raw",
    "UnavailableError",
    "UnsupportedError",
    "View",
    "adapter",
]
