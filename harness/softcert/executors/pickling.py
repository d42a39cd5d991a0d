"""The payload by which an isolated worker loads the subject: the SPEC, or the object pickled by cloudpickle.

A SPEC string stays a string, so the harness never imports the user's file. Objects are pickled by reference where the
worker can import them, and by value where it cannot (`__main__`, notebooks, files loaded by path, closures).
"""

from __future__ import annotations

import importlib.machinery
import pickle
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

from softcert_implementations.contract import Contract
from softcert_implementations.implementation import Implementation
from softcert_implementations.resolving import entry_points
from softcert_oracle.errors import UsageError

_TORCH = re.compile(r"^\s*(?:import|from)\s+(?:torch|triton)\b", re.MULTILINE)


def dump(target: object, keywords: Mapping[str, Any]) -> bytes:
    """Pickle a subject for its worker.

    Parameters
    ----------
    target : object
        The subject, as `softcert_implementations.resolving.resolve.resolve` takes it.
    keywords : mapping
        The keywords of ``resolve``.

    Returns
    -------
    bytes
        A pickle of ``(target, keywords)``.

    Raises
    ------
    UsageError
        If an object cannot be carried into another process.
    """
    if isinstance(target, str) and all(_is_plain(value) for value in keywords.values()):
        return pickle.dumps((target, dict(keywords)))
    import cloudpickle  # here, as it costs a third of a worker's start

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


class Pickled:
    """A subject that another process has pickled by `dump`: it is unpickled in its worker, and nowhere before.

    Parameters
    ----------
    payload
        What `dump` gave, without keywords.
    """

    def __init__(self, payload: bytes) -> None:
        self.payload = payload

    def __reduce__(self) -> tuple[Any, ...]:
        """Become the subject itself where this is unpickled."""
        return _target_of, (self.payload,)


def _target_of(payload: bytes) -> object:
    return pickle.loads(payload)[0]


def _is_plain(value: object) -> bool:
    """Whether a keyword of ``resolve`` holds no object of the user's."""
    if isinstance(value, Contract):
        return all(_is_plain(v) for v in value.given.values())
    if isinstance(value, Mapping):
        return all(_is_plain(v) for v in (*value.keys(), *value.values()))
    if isinstance(value, tuple | list | set | frozenset):
        return all(map(_is_plain, value))
    return value is None or type(value) in (bool, int, float, str)


def _modules(target: object) -> list[ModuleType]:
    """The modules that a target and its parts come from, `__main__` left out: cloudpickle pickles it by value."""
    modules: dict[str, ModuleType] = {}
    for part in _parts(target, 4):
        for home in (getattr(part, "__module__", None), type(part).__module__):
            module = sys.modules.get(home) if isinstance(home, str) else None
            if module is not None and home not in ("__main__", "builtins"):
                modules[str(home)] = module
    return list(modules.values())


def _parts(target: object, depth: int) -> Iterator[object]:
    """The target and the objects that a function or implementation holds, a few levels down."""
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
    spec: importlib.machinery.ModuleSpec | None = None
    parts = module.__name__.split(".")
    for i, part in enumerate(parts):
        name = ".".join(parts[: i + 1])
        if part in sys.builtin_module_names and i == 0:
            return True
        spec = importlib.machinery.PathFinder.find_spec(name, path)
        if spec is None:
            return bool(getattr(module, "__file__", None) is None and i == len(parts) - 1)
        path = spec.submodule_search_locations
    origin = getattr(module, "__file__", None)
    return origin is None or (spec is not None and spec.origin is not None and Path(spec.origin) == Path(origin))


def modules_to_preload(target: object, keywords: Mapping[str, Any]) -> tuple[str, ...]:
    """The modules that the zygote loads before it forks, guessed without importing the subject.

    Parameters
    ----------
    target, keywords
        As for `dump`.

    Returns
    -------
    tuple of str
        "torch" where the subject says that it uses torch, or its source imports torch or Triton; "cloudpickle" where
        the payload is the subject itself, and not a SPEC.
    """
    torch = ("torch",) if _uses_torch(target, keywords) else ()
    return torch if isinstance(target, str) else (*torch, "cloudpickle")


def _uses_torch(target: object, keywords: Mapping[str, Any]) -> bool:
    arrays = keywords.get("arrays") or getattr(target, "arrays", None)
    if arrays is not None:
        return bool(arrays == "torch")
    if not isinstance(target, str):
        roots = {m.__name__.split(".")[0] for m in _modules(target)}
        return bool(roots & {"torch", "triton"}) or any(
            _mentions_torch(getattr(m, "__file__", None)) for m in _modules(target)
        )
    if target in entry_points.registered():
        target = entry_points.registered()[target].value
    place = target.rpartition(":")[0] or target
    return place.split(".")[0] in ("torch", "triton") or _mentions_torch(_file_of(place))


def _file_of(place: str) -> str | None:
    if place.endswith(".py"):
        return place
    path: Any = None
    spec = None
    parts = place.split(".")
    for i in range(len(parts)):
        try:
            spec = importlib.machinery.PathFinder.find_spec(".".join(parts[: i + 1]), path)
        except (ImportError, ValueError):
            return None
        if spec is None:
            return None
        path = spec.submodule_search_locations
    return spec.origin if spec is not None else None


def _mentions_torch(file: str | None) -> bool:
    if not file or not file.endswith(".py"):
        return False
    try:
        return bool(_TORCH.search(Path(file).read_text(encoding="utf-8", errors="replace")))
    except OSError:
        return False
