"""Executors run a subject's calls: in this process, in an isolated one, or as a program of any language.

`describe` resolves a subject where it may run, never in the harness; `open_executor` starts the executor that runs
it. Both are imported at their first use, since workers import this package too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from softcert.executors.factory import describe, open_executor

__all__ = ["describe", "open_executor"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from softcert.executors import factory

    return getattr(factory, name)
