"""From what a user gives to an `Implementation`: objects, callables, classes, modules, and SPEC strings.

A SPEC is a registered name, ``package.module:attribute``, ``path/to/file.py:attribute`` (split at the last colon),
a module or file as a whole, or a model file (``model.onnx``). What is not said is inferred, and each inference
becomes a sentence in `Implementation.inferred`.
"""

from __future__ import annotations

import difflib
import hashlib
import importlib
import importlib.util
import os
import sys
import traceback
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

from softcert_implementations.adapters import UnavailableError, adapter
from softcert_implementations.contract import Contract
from softcert_implementations.implementation import Implementation
from softcert_implementations.resolving import entry_points, trial_calls
from softcert_implementations.resolving.inference import (
    axis_keywords,
    declared_reduction,
    functions_of,
    labels_first,
    libraries_of,
    name_of,
)
from softcert_oracle import operations
from softcert_oracle.errors import UsageError
from softcert_oracle.numbers import formats

DEFAULT_FORMATS = ("float32", "float64")
FORMS = "a registered name, package.module:attribute, path/to/file.py:attribute, model.onnx or exec:./program"


def resolve(
    spec: object,
    *,
    op: str | Iterable[str] | None = None,
    dtypes: str | Iterable[str] | None = None,
    arrays: str | None = None,
    contract: Contract | Mapping[str, Any] | str | os.PathLike[str] | None = None,
    ops: Iterable[str] | Mapping[str, Callable[..., Any]] | None = None,
    batched: bool | None = None,
    name: str | None = None,
) -> Implementation:
    """The implementation that ``spec`` stands for; what is given by keyword wins over what is found.

    ``op`` says which operation a callable is (or which ones of a class or module to take); ``ops`` keeps only
    those operations, or, as a mapping, gives the functions itself. ``contract`` is a `Contract`, a mapping of
    its fields or the path of a TOML file. Trial calls on 2 x 3 arrays find out what is neither said nor
    visible: call this where the subject may run.

    Raises `UsageError` for what cannot be found, imported or understood.
    """
    asked = operations_of(op)
    target, label = _loaded(spec) if isinstance(spec, str) else (spec, _label(spec))
    if isinstance(ops, Mapping):
        target, ops = ops, None
    claims = contract_of(contract)
    if isinstance(target, Implementation):
        found = target
        if asked:
            missing = [a for a in asked if a not in target.ops]
            if missing:
                raise UsageError(f"op={', '.join(missing)}: {target.name} has {', '.join(target.ops)}.")
            found = trial_calls.changed(found, ops={o: target.ops[o] for o in asked})
        found = trial_calls.changed(
            found,
            spec=found.spec or label,
            contract=found.contract.updated(claims.given),
            arrays=arrays or found.arrays,
            dtypes=formats_of(dtypes) or found.dtypes,
            batched=found.batched if batched is None else batched,
            name=name or found.name,
        )
        implementation = _completed(found)
    else:
        implementation = _inferred(target, label, asked, formats_of(dtypes), arrays, claims, batched, name)
    if ops is not None:
        keep = [o for o in operations_of(ops) if o in implementation.ops]
        if not keep:
            raise UsageError(f"ops={list(operations_of(ops))!r}: {implementation.name} has {list(implementation.ops)}.")
        implementation = trial_calls.changed(implementation, ops={o: implementation.ops[o] for o in keep})
    return _with_defaults(implementation)


def _inferred(
    target: Any,
    label: str,
    asked: tuple[str, ...],
    dtypes: tuple[str, ...],
    arrays: str | None,
    claims: Contract,
    batched: bool | None,
    name: str | None,
) -> Implementation:
    functions, notes = functions_of(target, asked)
    reduction = declared_reduction(functions["cross_entropy"]) if "cross_entropy" in functions else None
    if reduction not in (None, "mean") and "reduction" not in claims.given:
        claims = claims.updated({"reduction": reduction})
        notes.append(f"reduction {reduction!r}, as the loss itself says")
    format = (dtypes or DEFAULT_FORMATS)[0]

    def build(library: str) -> Implementation:
        subject = Implementation(
            name or _name(target, label), functions, dtypes or DEFAULT_FORMATS, library, None, claims, spec=label
        )
        for operation, function in functions.items():
            subject, _, _ = trial_calls.with_axis(
                subject, operation, axis_keywords(function), format, labels_first(function)
            )
        return subject

    if arrays is None:
        arrays = getattr(target, "softcert_arrays", None)
    if arrays is None:
        hints: dict[str, str] = {}
        for function in functions.values():
            hints.update({k: v for k, v in libraries_of(function).items() if k not in hints})
        arrays, reason = trial_calls.library_of(build, hints, format)
        notes.append(f"arrays of {arrays}: {reason}")
    _check_library(arrays)
    subject = build(arrays)
    for operation, function in subject.ops.items():
        axis = getattr(function, "axis", None) if function is not functions[operation] else None
        if axis is not None:
            notes.append(f"{operation} is called with {axis + '=' if axis else 'a positional '}-1")
        if function is not functions[operation] and getattr(function, "labels_first", False):
            notes.append(f"{operation} takes its labels first, by the names of its parameters")
    subject = trial_calls.changed(subject, batched=batched, inferred=tuple(notes))
    return _completed(subject, find_formats=not dtypes)


def _completed(subject: Implementation, find_formats: bool = False) -> Implementation:
    """With ``batched`` found out, formats that run, and the framework's gradient."""
    format = subject.dtypes[0]
    if subject.batched is None:
        notes: tuple[str, ...] = ()
        single = trial_calls.one_row_only(subject, format)
        if single:
            notes = ("a function of one row: mapped over the rows",)
        subject = trial_calls.changed(subject, batched=not single, inferred=(*subject.inferred, *notes))
    if subject.batched is False and "cross_entropy" in subject.ops and "reduction" not in subject.contract.given:
        note = "reduction 'none': a loss of one row gives each row its own"
        claims = subject.contract.updated({"reduction": "none"})
        subject = trial_calls.changed(subject, contract=claims, inferred=(*subject.inferred, note))
    if find_formats:
        kept, more = trial_calls.working_formats(subject, subject.dtypes)
        subject = trial_calls.changed(subject, dtypes=kept, inferred=(*subject.inferred, *more))
    return trial_calls.with_gradient(subject, subject.dtypes[0])


def _with_defaults(subject: Implementation) -> Implementation:
    library = adapter(subject.arrays)
    if not library.flush_subnormals or "flush_subnormals" in subject.contract.given:
        return subject
    note = f"flush_subnormals=True: {library.name} flushes subnormal numbers to zero"
    claims = subject.contract.updated({"flush_subnormals": True})
    return trial_calls.changed(subject, contract=claims, inferred=(*subject.inferred, note))


def _check_library(arrays: str) -> None:
    try:
        adapter(arrays).check()
    except UnavailableError as error:
        raise UsageError(f"arrays={arrays!r}: {error}.") from None


def operations_of(given: str | Iterable[str] | None) -> tuple[str, ...]:
    """The operations that a user named: a name, names separated by commas, or several; () for none."""
    if given is None:
        return ()
    names = given.split(",") if isinstance(given, str) else list(given)
    return tuple(operations.lookup(n.strip()).name for n in names if n.strip())


def formats_of(given: str | Iterable[str] | None) -> tuple[str, ...]:
    """The formats that a user named, likewise."""
    if given is None:
        return ()
    names = given.split(",") if isinstance(given, str) else list(given)
    return tuple(formats.lookup(n.strip()).name for n in names if n.strip())


def contract_of(given: Contract | Mapping[str, Any] | str | os.PathLike[str] | None) -> Contract:
    """The contract that a user gave: as it is, from a mapping of fields, or from a TOML file."""
    if given is None:
        return Contract()
    if isinstance(given, Contract):
        return given
    return Contract(dict(given)) if isinstance(given, Mapping) else Contract.from_toml(os.fspath(given))


def _label(target: object) -> str:
    if isinstance(target, Implementation):
        return target.spec or target.name
    name = target.__name__ if isinstance(target, ModuleType) else name_of(target)
    home = getattr(target, "__module__", None)
    return f"{home}:{name}" if isinstance(home, str) and home != "__main__" else name


def _name(target: object, label: str) -> str:
    return label.rpartition(":")[2] if ":" in label else Path(label).stem if label.endswith(".py") else label


def _loaded(spec: str) -> tuple[Any, str]:
    """The object that a SPEC names, and the SPEC."""
    if spec.startswith("exec:"):
        raise UsageError(f"spec={spec!r}: a program is run by an executor of its own; use softcert.certify on it.")
    if spec.endswith(".onnx"):
        from softcert_implementations.adapters.onnx import load_model

        return load_model(spec), spec
    if spec in entry_points.registered():
        return entry_points.load(spec), spec
    place, colon, attribute = spec.rpartition(":")
    if not colon or (os.name == "nt" and len(place) == 1):  # no colon but a drive's
        place, attribute = spec, ""
    if not place:
        raise UsageError(f"spec={spec!r} names no module. Give {FORMS}.")
    if place.endswith(".py") or os.sep in place or "/" in place:
        module = _from_file(Path(place), spec)
    else:
        module = _from_name(place, spec, bool(colon))
    return (_attribute(module, attribute, spec) if attribute else _whole(module)), spec


def _whole(module: ModuleType) -> Any:
    own = [v for v in vars(module).values() if isinstance(v, Implementation)]
    return own[0] if len(own) == 1 else module


def _attribute(module: ModuleType, attribute: str, spec: str) -> Any:
    value: Any = module
    for part in attribute.split("."):
        try:
            value = getattr(value, part)
        except AttributeError:
            names = [n for n in dir(value) if not n.startswith("_")]
            near = difflib.get_close_matches(part, names, 1, 0.5)
            hint = f" Did you mean {near[0]!r}?" if near else f" It has: {', '.join(names[:12])}."
            shown = getattr(value, "__name__", value)
            raise UsageError(f"spec={spec!r}: {shown} has no attribute {part!r}.{hint}") from None
    return value


def _from_name(module: str, spec: str, sure: bool) -> ModuleType:
    if os.getcwd() not in sys.path and "" not in sys.path:
        sys.path.insert(0, os.getcwd())  # as `python -m` does: a user's own modules lie where they stand
    root = module.split(".")[0]
    if importlib.util.find_spec(root) is None if root.isidentifier() else True:
        known = entry_points.names()
        near = difflib.get_close_matches(spec, known, 1, 0.5)
        hint = f" Did you mean {near[0]!r}?" if near else ""
        kind = f"no module named {root!r} can be found" if sure else "it is neither a registered name nor a module"
        raise UsageError(f"spec={spec!r}: {kind}.{hint} Give {FORMS}; registered: {', '.join(known)}.")
    return _import(lambda: importlib.import_module(module), spec)


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
        return _import(lambda: importlib.import_module(name), spec)
    known = sys.modules.get(name)
    if known is not None and getattr(known, "__file__", None) != str(path):
        name = f"softcert_subject_{hashlib.sha256(str(path).encode()).hexdigest()[:8]}_{name}"
        known = sys.modules.get(name)
    if known is not None:
        return known
    found = importlib.util.spec_from_file_location(name, path)
    if found is None or found.loader is None:
        raise UsageError(f"spec={spec!r}: {path.name} is not a Python file.")
    module = importlib.util.module_from_spec(found)
    sys.modules[name] = module

    def execute() -> ModuleType:
        try:
            found.loader.exec_module(module)  # type: ignore[union-attr]
        except BaseException:
            sys.modules.pop(name, None)
            raise
        return module

    return _import(execute, spec)


def _import(action: Callable[[], ModuleType], spec: str) -> ModuleType:
    try:
        return action()
    except Exception as error:  # noqa: BLE001 (a user's module may raise anything while it is imported)
        places = [(f.f_code.co_filename, line) for f, line in traceback.walk_tb(error.__traceback__)]
        installed = (sys.prefix, sys.base_prefix, "<", __file__)
        own = [p for p in places if not p[0].startswith(installed)] or places  # the user's line, not a library's
        where = f" ({Path(own[-1][0]).name}, line {own[-1][1]})"
        raise UsageError(f"spec={spec!r} cannot be imported: {type(error).__name__}: {error}{where}.") from None
