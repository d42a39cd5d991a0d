"""From a SPEC string to the object that it names: registered names, modules, files and model files.

Files and modules are imported as Python would import them from the command line: the user's folder is searched, and a
file within a package is imported as a part of that package.
"""

from __future__ import annotations

import difflib
import hashlib
import importlib
import importlib.util
import inspect
import os
import sys
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from importlib.abc import Loader
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType
from typing import Any

from softcert_implementations.implementation import Implementation
from softcert_implementations.resolving import entry_points
from softcert_oracle.errors import UsageError

FORMS = "a registered name, package.module:attribute, path/to/file.py:attribute, model.onnx or exec:./program"
SUBJECT_PREFIX = "softcert_subject_"
"""Begins the module names of files whose own name is already taken by another module."""


@dataclass(frozen=True)
class UnboundMethod:
    """A method that a SPEC names by its class: it needs an instance."""

    kind: type
    name: str


def load_spec(spec: str) -> Any:
    """The object that a SPEC names.

    Parameters
    ----------
    spec
        A registered name, ``package.module:attribute``, ``path/to/file.py:attribute`` (split at the last colon; the
        attribute may be dotted), a module or file as a whole, or a model file (``model.onnx``).

    Returns
    -------
    object
        A module that holds exactly one `Implementation` gives that one.

    Raises
    ------
    UsageError
        If there is no such object, or if its module cannot be imported.

    Examples
    --------
    >>> load_spec("math:exp")
    <built-in function exp>
    """
    if spec.startswith("exec:"):
        raise UsageError(f"spec={spec!r}: a program is run by an executor of its own; use softcert.certify on it.")
    if spec.endswith(".onnx"):
        from softcert_implementations.adapters.libraries.onnx import load_model

        return load_model(spec)
    if spec in entry_points.registered():
        return entry_points.load(spec)
    place, colon, attribute = spec.rpartition(":")
    if not colon or (os.name == "nt" and len(place) == 1):  # no colon but a drive's
        place, attribute = spec, ""
    if not place:
        raise UsageError(f"spec={spec!r} names no module. Give {FORMS}.")
    if place.endswith(".py") or os.sep in place or "/" in place:
        module = _from_file(Path(place), spec)
    else:
        module = _from_name(place, spec, bool(colon))
    return _attribute(module, attribute, spec) if attribute else _whole(module)


def _whole(module: ModuleType) -> Any:
    own = [v for v in vars(module).values() if isinstance(v, Implementation)]
    return own[0] if len(own) == 1 else module


def _attribute(module: ModuleType, attribute: str, spec: str) -> Any:
    value: Any = module
    for part in attribute.split("."):
        holder = value
        try:
            value = getattr(value, part)
        except AttributeError:
            names = [n for n in dir(value) if not n.startswith("_")]
            near = difflib.get_close_matches(part, names, 1, 0.5)
            hint = f" Did you mean {near[0]!r}?" if near else f" It has: {', '.join(names[:12])}."
            shown = getattr(value, "__name__", value)
            raise UsageError(f"spec={spec!r}: {shown} has no attribute {part!r}.{hint}") from None
    if isinstance(holder, type) and inspect.isfunction(inspect.getattr_static(holder, part, None)):
        return UnboundMethod(holder, part)
    return value


def _from_name(module: str, spec: str, has_colon: bool) -> ModuleType:
    if os.getcwd() not in sys.path and "" not in sys.path:
        sys.path.insert(0, os.getcwd())  # as `python -m` does: a user's own modules lie where they stand
    root = module.split(".")[0]
    if not root.isidentifier() or importlib.util.find_spec(root) is None:
        known = entry_points.names()
        near = difflib.get_close_matches(spec, known, 1, 0.5)
        hint = f" Did you mean {near[0]!r}?" if near else ""
        neither = "it is neither a registered name nor a module"
        reason = f"no module named {root!r} can be found" if has_colon else neither
        raise UsageError(f"spec={spec!r}: {reason}.{hint} Give {FORMS}; registered: {', '.join(known)}.")
    return _imported(lambda: importlib.import_module(module), spec)


def _from_file(path: Path, spec: str) -> ModuleType:
    if not path.is_file():
        raise UsageError(f"spec={spec!r}: there is no file {str(path)!r}. Give {FORMS}.")
    path = path.resolve()
    folder, name = path.parent, path.stem
    while (folder / "__init__.py").is_file():  # a file of a package is imported as such: its relative imports work
        folder, name = folder.parent, f"{folder.name}.{name}"
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))
    if "." in name:
        return _imported(lambda: importlib.import_module(name), spec)
    known = sys.modules.get(name)
    if known is not None and getattr(known, "__file__", None) != str(path):
        name = f"{SUBJECT_PREFIX}{hashlib.sha256(str(path).encode()).hexdigest()[:8]}_{name}"
        known = sys.modules.get(name)
    if known is not None:
        return known
    source = importlib.util.spec_from_file_location(name, path)
    if source is None or source.loader is None:
        raise UsageError(f"spec={spec!r}: {path.name} is not a Python file.")
    loader = source.loader
    return _imported(lambda: _executed(source, loader), spec)


def _executed(source: ModuleSpec, loader: Loader) -> ModuleType:
    """The module of a file, under a name of its own in ``sys.modules``."""
    module = importlib.util.module_from_spec(source)
    sys.modules[source.name] = module
    try:
        loader.exec_module(module)
    except BaseException:
        sys.modules.pop(source.name, None)
        raise
    return module


def _imported(action: Callable[[], ModuleType], spec: str) -> ModuleType:
    try:
        return action()
    except Exception as error:  # noqa: BLE001 (a user's module may raise anything while it is imported)
        places = [(f.f_code.co_filename, line) for f, line in traceback.walk_tb(error.__traceback__)]
        installed = (sys.prefix, sys.base_prefix, "<", __file__)
        own = [p for p in places if not p[0].startswith(installed)] or places  # the user's line, not a library's
        where = f" ({Path(own[-1][0]).name}, line {own[-1][1]})"
        raise UsageError(f"spec={spec!r} cannot be imported: {type(error).__name__}: {error}{where}.") from None
