"""Values of contracts and limits as plain JSON data."""

from __future__ import annotations

from typing import Any


def plain(value: Any) -> Any:
    """A value as JSON data: mappings with string keys, sequences as lists."""
    if isinstance(value, dict):
        return {str(k): plain(v) for k, v in value.items()}
    return [plain(v) for v in value] if isinstance(value, (tuple, list)) else value
