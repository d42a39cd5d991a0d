"""The description that a worker sends of its subject, checked: it names operations, formats and a library of ours."""

from __future__ import annotations

from typing import Any

from softcert.executors.transport import untrusted
from softcert.executors.transport.untrusted import ProtocolError
from softcert_implementations.adapters import adapter
from softcert_implementations.contract import Contract
from softcert_implementations.resolving.trials import telling_values, trial_calls
from softcert_oracle import operations
from softcert_oracle.errors import UsageError
from softcert_oracle.numbers import formats

_NOTES_LIMIT = 200
_TRIALS_LIMIT = 2000
_FIELDS_LIMIT = 1000  # of a contract and its tables


def description_of(message: object) -> dict[str, Any]:
    """The description of a subject, from a worker's message.

    Parameters
    ----------
    message : object
        What JSON has given; nothing is assumed about it.

    Returns
    -------
    dict
        name, ops, dtypes, arrays, batched, contract, description, spec, inferred, digests, trials, homes.

    Raises
    ------
    ProtocolError
        If a field is missing, has another type, or names what is in no table.
    """
    given = {name: untrusted.field(message, name) for name in _NAMES}
    ops = untrusted.items(given["ops"], "ops", len(operations.OPERATIONS))
    dtypes = untrusted.items(given["dtypes"], "dtypes", len(formats.FORMATS))
    homes = untrusted.mapping(given["homes"], "homes", len(operations.OPERATIONS))
    digests = untrusted.mapping(given["digests"], "digests", len(operations.OPERATIONS))
    if not ops or not dtypes or len({*map(repr, ops)}) < len(ops) or len({*map(repr, dtypes)}) < len(dtypes):
        raise ProtocolError("a subject needs operations and formats, each of them once")
    named = [untrusted.one_of(o, "an operation", operations.OPERATIONS) for o in ops]
    return {
        "name": untrusted.text(given["name"], "name"),
        "ops": named,
        "dtypes": [untrusted.one_of(f, "a format", formats.FORMATS) for f in dtypes],
        "arrays": _library(given["arrays"]),
        "batched": None if given["batched"] is None else untrusted.flag(given["batched"], "batched"),
        "contract": _contract(given["contract"]),
        "description": untrusted.text(given["description"], "description"),
        "spec": untrusted.text(given["spec"], "spec"),
        "inferred": untrusted.texts(given["inferred"], "inferred", _NOTES_LIMIT),
        "digests": {o: untrusted.text(untrusted.field(digests, o), "a digest") for o in named},
        "trials": [_trial(entry) for entry in untrusted.items(given["trials"], "trials", _TRIALS_LIMIT)],
        "homes": {o: untrusted.text(untrusted.field(homes, o), "a home") for o in named},
    }


_NAMES = (
    "name",
    "ops",
    "dtypes",
    "arrays",
    "batched",
    "contract",
    "description",
    "spec",
    "inferred",
    "digests",
    "homes",
    "trials",
)


def _trial(value: object) -> list[Any]:
    """The answer of a trial call. Only another worker of the same subject reads it, but it must be one."""
    entry = untrusted.items(value, "a trial", trial_calls.ENTRY)
    if len(entry) != trial_calls.ENTRY:
        raise ProtocolError("a trial has not all of its parts")
    operation, format, arrays, batched, axis, call, shape, error, reading, parts = entry
    return [
        untrusted.one_of(operation, "an operation", operations.OPERATIONS),
        untrusted.one_of(format, "a format", formats.FORMATS),
        untrusted.text(arrays, "arrays"),
        untrusted.flag(batched, "batched"),
        None if axis is None else untrusted.text(axis, "axis"),
        untrusted.text(call, "call"),
        None
        if shape is None
        else [untrusted.whole(n, "shape", 0, 1 << 62) for n in untrusted.items(shape, "shape", 64)],
        untrusted.text(error, "error"),
        untrusted.one_of(reading, "a reading", telling_values.READINGS),
        untrusted.texts(parts, "parts", 64),
    ]


def _library(value: object) -> str:
    name = untrusted.text(value, "arrays", 200)
    try:
        adapter(name)
    except UsageError:
        raise ProtocolError(f"arrays is no library: {name[:60]!r}") from None
    return name


def _contract(value: object) -> Contract:
    given = untrusted.mapping(value, "contract", _FIELDS_LIMIT)
    try:
        return Contract(dict(given))
    except (UsageError, TypeError, ValueError, KeyError, AttributeError, RecursionError, OverflowError):
        raise ProtocolError("the contract is no contract") from None
