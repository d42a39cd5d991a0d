"""From what a user gives to an `Implementation`: objects, callables, classes, modules, and SPEC strings.

What is not said is inferred from names, code and trial calls, and each inference becomes a sentence in
`Implementation.inferred`.
"""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable, Iterable, Mapping
from itertools import product
from pathlib import Path
from types import ModuleType
from typing import Any

from softcert_implementations.adapters import UnavailableError, adapter
from softcert_implementations.call_form import PLAIN_TEXT, CallForm
from softcert_implementations.contract import Contract
from softcert_implementations.implementation import Implementation
from softcert_implementations.resolving.derived_gradients import with_gradient
from softcert_implementations.resolving.libraries_from_code import libraries_of
from softcert_implementations.resolving.load_spec import load_spec
from softcert_implementations.resolving.operations_from_names import Functions, UnnamedError, functions_of
from softcert_implementations.resolving.operations_from_values import functions_by_values
from softcert_implementations.resolving.probability_domain import with_domain
from softcert_implementations.resolving.signatures import declared_reduction, labels_first
from softcert_implementations.resolving.trials import choose_form, no_trial, trial_calls
from softcert_implementations.resolving.trials.choose_library import library_of
from softcert_implementations.resolving.wrappers import AdaptedFunction, name_of
from softcert_oracle import operations
from softcert_oracle.errors import UsageError
from softcert_oracle.numbers import formats

DEFAULT_FORMATS = ("float32", "float64")
_CPU_ONLY = ("numpy", "onnx")


def resolve(
    spec: object,
    *,
    op: str | Iterable[str] | None = None,
    dtypes: str | Iterable[str] | None = None,
    arrays: str | None = None,
    contract: Contract | Mapping[str, Any] | str | os.PathLike[str] | None = None,
    ops: Iterable[str] | Mapping[str, Callable[..., Any]] | None = None,
    batched: bool | None = None,
    call: str | None = None,
    name: str | None = None,
) -> Implementation:
    """The implementation that ``spec`` stands for.

    Trial calls on 2 x 3 arrays find out what is neither given nor visible, so the subject runs here.

    Parameters
    ----------
    spec
        An `Implementation`, a callable, class, object, module or mapping, or a SPEC string (see `load_spec`).
    op
        The operation of a callable, or the operations that are taken of a class or module; names separated by commas,
        or an iterable.
    dtypes
        The formats, likewise. Without it: those of an `Implementation`, or `DEFAULT_FORMATS` as far as they run.
    arrays
        The array library. Without it: inferred from the code and by trial calls.
    contract
        A `Contract`, a mapping of its fields, or the path of a TOML file. Its fields win over those of ``spec``.
    ops
        The operations that are kept; or a mapping that gives the functions itself, in place of those of ``spec``.
    batched
        False for functions of a single row. Without it: found out by trial calls.
    call
        The form of the calls (`softcert_implementations.call_form`), as the contract's field of this name.
    name
        The name of the subject in reports. Without it: taken from ``spec``.

    Returns
    -------
    Implementation
        Complete: its ``batched`` is known, and a loss without gradient has the one of its array library.

    Raises
    ------
    UsageError
        For anything that cannot be found, imported or understood, and where no trial call succeeds.

    Examples
    --------
    >>> subject = resolve("naive", ops=["softmax"], dtypes="float32")
    >>> subject.name, list(subject.ops), subject.dtypes
    ('naive', ['softmax'], ('float32',))
    >>> import numpy as np
    >>> resolve(lambda x: np.exp(x) / np.exp(x).sum(axis=-1, keepdims=True), op="softmax").inferred
    ('arrays of numpy: its code uses numpy',)
    """
    target = load_spec(spec) if isinstance(spec, str) else spec
    label = spec if isinstance(spec, str) else _label(spec)
    if isinstance(ops, Mapping):
        target, ops = ops, None
    asked, wanted, claims = operations_of(op), formats_of(dtypes), contract_of(contract)
    if call is not None:
        claims = claims.updated({"call": call})
    if isinstance(target, Implementation):
        declared = _restricted(target, asked)
        subject = dataclasses.replace(
            declared,
            name=name or declared.name,
            dtypes=wanted or declared.dtypes,
            arrays=arrays or declared.arrays,
            batched=declared.batched if batched is None else batched,
            contract=declared.contract.updated(claims.given),
            spec=declared.spec or label,
        )
        subject = _with_declared_hints(subject)
        subject = _with_batched(subject)
    else:
        arrays = arrays or getattr(target, "softcert_arrays", None)

        def built(functions: Functions, notes: Iterable[str] = ()) -> Implementation:
            found = Implementation(
                name or _name(label),
                functions,
                wanted or _own_formats(functions, arrays),
                contract=claims,
                spec=label,
                inferred=notes,
            )
            return _with_arrays(_with_declared_reduction(found), arrays)

        try:
            functions, notes = functions_of(target, asked)
        except UnnamedError as error:
            functions, notes = functions_by_values(error, built)
        subject = built(functions, notes)
        subject = _with_reduction_by_shape(_with_batched(dataclasses.replace(subject, batched=batched)))
        no_trial.check(subject)
        subject = with_domain(_with_hints(subject if wanted else _with_working_formats(subject)))
    # Before a gradient is derived: that claims flush_subnormals for itself where nobody else has.
    subject = _with_defaults(subject)
    subject = with_gradient(subject, subject.dtypes[0])
    return subject if ops is None else _only(subject, operations_of(ops))


def _restricted(declared: Implementation, asked: tuple[str, ...]) -> Implementation:
    """An implementation with only the operations that ``op`` names, each of which it must have."""
    missing = [o for o in asked if o not in declared.ops]
    if missing:
        raise UsageError(f"op={', '.join(missing)}: {declared.name} has {', '.join(declared.ops)}.")
    return dataclasses.replace(declared, ops={o: declared.ops[o] for o in asked}) if asked else declared


def _only(subject: Implementation, wanted: tuple[str, ...]) -> Implementation:
    """A subject with those operations that ``ops`` names, as far as it has them."""
    kept = {o: subject.ops[o] for o in wanted if o in subject.ops}
    if not kept:
        raise UsageError(f"ops={list(wanted)!r}: {subject.name} has {list(subject.ops)}.")
    return dataclasses.replace(subject, ops=kept)


def _noted(subject: Implementation, *notes: str, **changes: Any) -> Implementation:
    """A subject with changes, and sentences that say how they were inferred."""
    return dataclasses.replace(subject, **changes, inferred=(*subject.inferred, *notes))


def _with_declared_reduction(subject: Implementation) -> Implementation:
    loss = subject.ops.get("cross_entropy")
    reduction = declared_reduction(loss) if loss is not None else None
    if reduction in (None, "mean") or "reduction" in subject.contract.given:
        return subject
    claims = subject.contract.updated({"reduction": reduction})
    return _noted(subject, f"reduction {reduction!r}, as the loss itself says", contract=claims)


def _with_arrays(subject: Implementation, arrays: str | None) -> Implementation:
    """With an array library, inferred if none is given, and functions that take their arguments as it gives them."""
    hints: dict[str, str] = {}
    for function in subject.ops.values() if arrays is None else ():
        for library, reason in libraries_of(function).items():
            hints.setdefault(library, reason)
    plain = all(_plain(subject, operation) for operation in subject.ops)
    for format in subject.dtypes:
        built, notes = _in_library(subject, arrays, hints, format)
        if (plain and arrays is not None) or any(trial_calls.attempt(built, o, format).ran for o in built.ops):
            break
    else:
        built, notes = _in_library(subject, arrays, hints, subject.dtypes[0])
    for operation, function in built.ops.items():
        if isinstance(function, AdaptedFunction):
            notes += _notes_of(operation, function)
        notes += _notes_of_form(subject, built, operation)
    return _noted(built, *notes)


def _own_formats(functions: Functions, arrays: str | None) -> tuple[str, ...]:
    """The formats that functions declare by themselves, as a model with typed inputs does; else the default ones."""
    libraries = [arrays] if arrays is not None else [name for f in functions.values() for name in libraries_of(f)]
    for name in libraries[:1]:
        refuses = adapter(name).refuses
        own = tuple(f for f in formats.FORMATS if not all(refuses(function, f) for function in functions.values()))
        if 0 < len(own) < len(formats.FORMATS):
            return own
    return DEFAULT_FORMATS


def _plain(subject: Implementation, operation: str) -> bool:
    """Whether the contract says that an operation is called in the plain form."""
    return bool(subject.contract.value("call", operation, subject.dtypes[0]) == PLAIN_TEXT)


def _in_library(
    subject: Implementation, arrays: str | None, hints: Mapping[str, str], format: str
) -> tuple[Implementation, list[str]]:
    """With an array library and the forms of the calls that trials in one format choose."""

    def build(library: str) -> Implementation:
        built = dataclasses.replace(subject, arrays=library)
        for operation in subject.ops:
            built = choose_form.adapted(built, operation, format)
        return built

    notes = []
    if arrays is None:
        arrays, reason = library_of(build, hints, format)
        notes.append(f"arrays of {arrays}: {reason}")
    try:
        adapter(arrays).check()
    except UnavailableError as error:
        raise UsageError(f"arrays={arrays!r}: {error}.") from None
    return build(arrays), notes


def _notes_of(operation: str, function: AdaptedFunction) -> list[str]:
    """Sentences on what a function is given beside its arguments."""
    notes = []
    if function.axis is not None:
        notes.append(f"{operation} is called with {function.axis + '=' if function.axis else 'a positional '}-1")
    if function.options:
        given = ", ".join(f"{name}={value}" for name, value in function.options.items())
        notes.append(f"{operation} is called with {given}, as its signature has it")
    return notes


def _notes_of_form(asked: Implementation, built: Implementation, operation: str) -> list[str]:
    """A sentence on the form of the calls, where the user has not said it."""
    format = built.dtypes[0]
    before, now = (s.contract.value("call", operation, format) for s in (asked, built))
    if CallForm.parsed(before) == CallForm.parsed(now):
        return []
    trials = [attempt(built, operation, format) for attempt in (trial_calls.attempt_batch, trial_calls.attempt_rows)]
    if labels_first(asked.ops[operation]) and CallForm.parsed(now).text == "order=labels first":
        why = "the names of its parameters say so"
    elif any(trial.right for trial in trials):
        why = "so a trial call gives the right values"
    else:
        why = "so a trial call gives a result of the right shape"
    return [f"{operation} is called with {now}: {why}"]


def _with_declared_hints(subject: Implementation) -> Implementation:
    """An `Implementation` says how it is called; with a sentence where only another form gives the right values."""
    if subject.batched is not None:
        return subject
    format, notes = subject.dtypes[0], []
    for operation in subject.ops:
        if subject.contract.value("call", operation, format):
            continue
        found = choose_form.adapted(subject, operation, format)
        text = found.contract.value("call", operation, format)
        if text and trial_calls.attempt_batch(found, operation, format).right:
            notes.append(
                f"{operation}: called as it is declared, a trial fails; with call={text!r} its values would "
                "be right. Say so if that is what it takes"
            )
    return _noted(subject, *notes)


def _with_hints(subject: Implementation) -> Implementation:
    """With a sentence for each form that would explain the values of a trial, and that only the user can say."""
    notes = [
        f"{operation}: with --call {text} the values of a trial call would be right; say so if that is what it takes"
        for operation in subject.ops
        if not _plain(subject, operation)
        for text in choose_form.explanations(subject, operation, subject.dtypes[0])
    ]
    return _noted(subject, *notes)


def _with_batched(subject: Implementation) -> Implementation:
    """With ``batched`` known, and the reduction "none" for a loss of one row."""
    if subject.batched is None:
        single = trial_calls.one_row_only(subject, subject.dtypes[0])
        notes = ("a function of one row: mapped over the rows",) if single else ()
        subject = _noted(subject, *notes, batched=not single)
    if subject.batched is False and "cross_entropy" in subject.ops and "reduction" not in subject.contract.given:
        claims = subject.contract.updated({"reduction": "none"})
        note = "reduction 'none': a loss of one row gives each row its own"
        subject = _noted(subject, note, contract=claims)
    return subject


def _with_reduction_by_shape(subject: Implementation) -> Implementation:
    """With the reduction "none" for a loss that gives a batch as many losses as it has rows."""
    if "cross_entropy" not in subject.ops or "reduction" in subject.contract.given:
        return subject
    trial = trial_calls.attempt_batch(subject, "cross_entropy", subject.dtypes[0])
    if trial.shape != (2,):
        return subject
    claims = subject.contract.updated({"reduction": "none"})
    return _noted(subject, "reduction 'none': a trial of two rows gave two losses", contract=claims)


def _with_working_formats(subject: Implementation) -> Implementation:
    working, notes = trial_calls.working_formats(subject, subject.dtypes)
    return _noted(subject, *notes, dtypes=working)


def _with_defaults(subject: Implementation) -> Implementation:
    """With the defaults of the contract that depend on the array library, which must have the claimed device."""
    library = adapter(subject.arrays)
    if subject.arrays in _CPU_ONLY:
        for operation, format in product(subject.ops, subject.dtypes):
            if (device := subject.contract.terms(operation, format).device) != "cpu":
                raise UsageError(f"device={device!r}: arrays of {subject.arrays} are on the CPU. Leave it out.")
    if not library.flush_subnormals or "flush_subnormals" in subject.contract.given:
        return subject
    claims = subject.contract.updated({"flush_subnormals": True})
    note = f"flush_subnormals=True: {library.name} flushes subnormal numbers to zero"
    return _noted(subject, note, contract=claims)


def operations_of(given: str | Iterable[str] | None) -> tuple[str, ...]:
    """The operations that a user named.

    >>> operations_of("softmax, lse"), operations_of(["softmax"]), operations_of(None)
    (('softmax', 'logsumexp'), ('softmax',), ())
    """
    return tuple(operations.lookup(name).name for name in _names(given))


def formats_of(given: str | Iterable[str] | None) -> tuple[str, ...]:
    """The formats that a user named, likewise."""
    return tuple(formats.lookup(name).name for name in _names(given))


def _names(given: str | Iterable[str] | None) -> list[str]:
    names = given.split(",") if isinstance(given, str) else given or ()
    return [name.strip() for name in names if name.strip()]


def contract_of(given: Contract | Mapping[str, Any] | str | os.PathLike[str] | None) -> Contract:
    """The contract that a user gave: as it is, from a mapping of fields, or from a TOML file."""
    if given is None:
        return Contract()
    if isinstance(given, Contract):
        return given
    if isinstance(given, str | os.PathLike):
        return Contract.from_toml(os.fspath(given))
    return Contract(dict(given) if isinstance(given, Mapping) else given)


def _label(target: object) -> str:
    if isinstance(target, Implementation):
        return target.spec or target.name
    name = target.__name__ if isinstance(target, ModuleType) else name_of(target)
    home = getattr(target, "__module__", None)
    return f"{home}:{name}" if isinstance(home, str) and home != "__main__" else name


def _name(label: str) -> str:
    return label.rpartition(":")[2] if ":" in label else Path(label).stem if label.endswith(".py") else label
