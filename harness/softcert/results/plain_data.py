"""Values of contracts and limits as plain JSON data, and records that a UTF-8 file can hold."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar

T = TypeVar("T")
_SURROGATE = re.compile("[\ud800-\udfff]")


def plain(value: Any) -> Any:
    """A value as JSON data: mappings with string keys, sequences as lists."""
    if isinstance(value, dict):
        return {str(k): plain(v) for k, v in value.items()}
    return [plain(v) for v in value] if isinstance(value, (tuple, list)) else value


def storable(value: T) -> T:
    """The same records, sequences and mappings with each lone surrogate in their texts shown as U+XXXX.

    A subject's message may hold one, and no UTF-8 file can: it must not cost the document.
    """
    changed: Any = value
    if isinstance(value, str):
        # Most texts stay the objects that they are, members of an enumeration among them.
        if _SURROGATE.search(value):
            changed = _SURROGATE.sub(lambda match: f"⟨U+{ord(match[0]):04X}⟩", value)
    elif isinstance(value, tuple | list):
        changed = type(value)(storable(v) for v in value) if value else value
    elif isinstance(value, Mapping):
        changed = {storable(k): storable(v) for k, v in value.items()}
    elif is_dataclass(value) and not isinstance(value, type):
        new = {f.name: storable(getattr(value, f.name)) for f in fields(value)}
        changed = replace(value, **new)
    return changed  # type: ignore[no-any-return]
