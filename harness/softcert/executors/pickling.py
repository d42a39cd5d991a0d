"""What travels to an isolated worker so that it can load the subject: the SPEC, or the object by cloudpickle.

A SPEC string stays a string, so the harness never imports the user's file. Objects go by reference where the worker
can import them, and by value where it cannot (`__main__`, notebooks, files loaded by path, closures).
"""

from __future__ import annotations

import importlib.machinery
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

from softcert_implementations.implementation import Implementation
from softcert_implementations.resolving import entry_points
from softcert_oracle.errors import UsageError

_TORCH = re.compile(r"^\s*(?:import|from)\s+(?:torch|triton)\b", re.MULTILINE)


def dump(target: object, keywords: Mapping[str, Any]) -> bytes:
    """The payload. Raises `UsageError` for an object that cannot be carried into another process."""
    import cloudpickle

    by_value = [m for m in _modules(target) if not _importable(m)]
    for module in by_value:
        cloudpickle.register_pickle_by_value(module)
    try:
        return bytes(cloudpickle.dumps((target, dict(keywords))))
    except Exception as error:  # noqa: BLE001 (pickling calls the objects' own code)
        raise UsageError(
            f"{target!r} cannot be carried into the isolated worker ({type(error).__name__}: {error}). "
            "Name it by a SPEC (path/to/file.py:attribute), or use isolation='none'."
        ) from None
    finally:
        for module in by_value:
            cloudpickle.unregister_pickle_by_value(module)


def _modules(target: object) -> list[ModuleType]:
    found: dict[str, ModuleType] = {}
    for part in _parts(target, 4):
        for home in (getattr(part, "__module__", None), type(part).__module__):
            module = sys.modules.get(home) if isinstance(home, str) else None
            if module is not None and home not in ("__main__", "builtins"):
                found[str(home)] = module
    return list(found.values())


def _parts(target: object, depth: int) -> Iterator[object]:
    """The target, and what a function or implementation is made of, a few levels down."""
    if depth == 0:
        return
    yield target
    inner: list[object] = []
    if isinstance(target, Implementation):
        inner += target.ops.values()
    if isinstance(target, Mapping):
        inner += target.values()
    inner += [getattr(target, name) for name in ("func", "function", "__wrapped__", "__self__") if _has(target, name)]
    inner += [cell.cell_contents for cell in getattr(target, "__closure__", None) or () if _filled(cell)]
    for part in inner:
        if not isinstance(part, ModuleType):
            yield from _parts(part, depth - 1)


def _has(target: object, name: str) -> bool:
    return getattr(target, name, None) is not None


def _filled(cell: Any) -> bool:
    try:
        return cell.cell_contents is not None
    except ValueError:
        return False


def _importable(module: ModuleType) -> bool:
    """Whether a fresh interpreter with this search path finds the module's very file under its name."""
    path: Any = None
    found: importlib.machinery.ModuleSpec | None = None
    parts = module.__name__.split(".")
    for i, part in enumerate(parts):
        name = ".".join(parts[: i + 1])
        if part in sys.builtin_module_names and i == 0:
            return True
        found = importlib.machinery.PathFinder.find_spec(name, path)
        if found is None:
            return bool(getattr(module, "__file__", None) is None and i == len(parts) - 1)
        path = found.submodule_search_locations
    origin = getattr(module, "__file__", None)
    return origin is None or (found is not None and found.origin is not None and Path(found.origin) == Path(origin))


def modules_to_preload(target: object, keywords: Mapping[str, Any]) -> tuple[str, ...]:
    """The array library that the zygote should load before it forks, guessed without importing the subject."""
    arrays = keywords.get("arrays") or getattr(target, "arrays", None)
    if arrays is not None:
        return ("torch",) if arrays == "torch" else ()
    if not isinstance(target, str):
        roots = {m.__name__.split(".")[0] for m in _modules(target)}
        mentions = any(_mentions_torch(getattr(m, "__file__", None)) for m in _modules(target))
        return ("torch",) if roots & {"torch", "triton"} or mentions else ()
    if target in entry_points.registered():
        target = entry_points.registered()[target].value
    place = target.rpartition(":")[0] or target
    if place.split(".")[0] in ("torch", "triton"):
        return ("torch",)
    return ("torch",) if _mentions_torch(_file_of(place)) else ()


def _file_of(place: str) -> str | None:
    if place.endswith(".py"):
        return place
    path: Any = None
    found = None
    parts = place.split(".")
    for i in range(len(parts)):
        try:
            found = importlib.machinery.PathFinder.find_spec(".".join(parts[: i + 1]), path)
        except (ImportError, ValueError):
            return None
        if found is None:
            return None
        path = found.submodule_search_locations
    return found.origin if found is not None else None


def _mentions_torch(file: str | None) -> bool:
    if not file or not file.endswith(".py"):
        return False
    try:
        return bool(_TORCH.search(Path(file).read_text(encoding="utf-8", errors="replace")))
    except OSError:
        return False
