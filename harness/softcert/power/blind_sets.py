"""Blind sets: folders of models that were written without sight of the gallery, each with a manifest.

``manifest.toml`` names the set and lists its models: the function, what it computes, and which verdict is right.
Nothing of a set is read when the suite is written; it is only measured on.
"""

from __future__ import annotations

import importlib.util
import sys
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

from softcert_implementations.implementation import Implementation
from softcert_oracle import operations
from softcert_oracle.errors import UsageError, unknown
from softcert_oracle.numbers import formats

MANIFEST = "manifest.toml"
DEFECT, RIGHT, DEBATED = "defect", "right", "debated"
EXPECTED = (DEFECT, RIGHT, DEBATED)
"""What a model is: to be refused, to be certified at level "stable", or without a verdict that all agree on."""


@dataclass(frozen=True, kw_only=True)
class BlindModel:
    """One model of a set.

    Attributes
    ----------
    name
        Unique in the set.
    function
        ``file.py:attribute``, the file in the folder of the set; parts after a dot are attributes, or keys.
    operation, formats
        What it computes, and in which formats.
    expect
        One of `EXPECTED`.
    why
        Where a defect shows, or why the model is right or debated.
    arrays
        The array library of its arguments.
    contract
        What its author claims.
    """

    name: str
    function: str
    operation: str
    formats: tuple[str, ...]
    expect: str
    why: str
    arrays: str = "numpy"
    contract: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class BlindSet:
    """A folder of models."""

    name: str
    folder: Path
    models: tuple[BlindModel, ...]


def sets(folder: Path) -> list[BlindSet]:
    """The sets of a folder: itself, if it has a manifest, or the folders in it that have one, by name.

    Raises
    ------
    UsageError
        If there is none, or a manifest that cannot be read or says what does not exist.
    """
    found = [folder] if (folder / MANIFEST).is_file() else sorted(p.parent for p in folder.glob(f"*/{MANIFEST}"))
    if not found:
        raise UsageError(
            f"{str(folder)!r} holds no blind set. Give a folder that has a {MANIFEST}, or holds such folders."
        )
    return [_read(each.resolve()) for each in found]


def _read(folder: Path) -> BlindSet:
    path = folder / MANIFEST
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
        models = tuple(_model(**entry) for entry in data["model"])
        name = str(data["name"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UsageError(f"{str(path)!r} is no manifest of a blind set ({type(error).__name__}: {error}).") from None
    if repeated := {m.name for m in models if sum(n.name == m.name for n in models) > 1}:
        raise UsageError(f"{str(path)!r} names {', '.join(sorted(repeated))} twice. Give each model a name of its own.")
    return BlindSet(name=name, folder=folder, models=models)


def _model(**entry: Any) -> BlindModel:
    given = BlindModel(**{**entry, "formats": tuple(formats.lookup(f).name for f in entry["formats"])})
    if given.expect not in EXPECTED:
        raise unknown("expect", given.expect, EXPECTED)
    operations.lookup(given.operation)
    return given


def subject(folder: str, name: str, format: str) -> Implementation:
    """One model as a subject in one format; its file is imported here.

    Raises
    ------
    UsageError
        If the set has no such model, or its file no such function.
    """
    models = {m.name: m for m in _read(Path(folder)).models}
    if name not in models:
        raise unknown("model", name, models)
    model = models[name]
    return Implementation(
        model.name,
        {model.operation: _function(Path(folder), model.function)},
        (format,),
        arrays=model.arrays,
        batched=True,
        description=model.why,
        contract=dict(model.contract),
    )


def _function(folder: Path, place: str) -> Callable[..., Any]:
    file, _, attribute = place.partition(":")
    value: Any = _module(folder / file)
    for part in attribute.split("."):
        try:
            value = value[part] if isinstance(value, Mapping) else getattr(value, part)
        except (KeyError, AttributeError):
            raise UsageError(f"function={place!r}: {file} has no {part!r}.") from None
    if not callable(value):
        raise UsageError(f"function={place!r} is {type(value).__name__}, which cannot be called.")
    function: Callable[..., Any] = value
    return function


def _module(path: Path) -> ModuleType:
    """The module of a file, whose neighbours it may import by their names."""
    if str(path.parent) not in sys.path:
        sys.path.insert(0, str(path.parent))
    source = importlib.util.spec_from_file_location(path.stem, path)
    if source is None or source.loader is None or not path.is_file():
        raise UsageError(f"{str(path)!r} is no Python file.")
    module = importlib.util.module_from_spec(source)
    sys.modules[path.stem] = module
    source.loader.exec_module(module)
    return module
