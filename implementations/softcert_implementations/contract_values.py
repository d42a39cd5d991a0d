"""The values that fields of a contract may have: tables of names, and checks that refuse everything else.

A field's value may come from Python, TOML or a document, so a check takes any object. It raises `UsageError`, with the
field, what was given and what is accepted, and never fails in another way.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from softcert_oracle import operations
from softcert_oracle.errors import UsageError, shown, unknown

SPECIAL_ROWS = (
    "one +inf",
    "several +inf",
    "some -inf",
    "label on -inf",
    "all -inf",
    "any NaN",
    "one class",
    "no classes",
    "[M, -M]",
    "[M, M]",
    "soft target 0 on -inf",
    "all rows ignored",
)
"""The rows of the special-value table, as a contract may name them in ``special_values``."""

LAYOUTS = (
    "C",
    "Fortran",
    "row stride",
    "column stride",
    "reversed columns",
    "reversed rows",
    "every other row",
    "transposed slice",
    "offset",
    "read-only",
)
"""The memory layouts of logits, as a contract may name them in ``layouts``."""

LABEL_DTYPES = ("int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64")
"""The integer types of labels."""

INPUT_KINDS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "arrays": ("arrays",),
        "integers": ("int8", "int16", "int32", "int64"),
        **{name: (name,) for name in ("int8", "int16", "int32", "int64", "uint8")},
        "booleans": ("bool",),
        **{name: (name,) for name in ("lists", "NumPy scalars", "0-d", "big-endian", "subclass", "masked")},
        **{name: (name,) for name in ("DataFrame", "requires_grad", "other device")},
    }
)
"""What a contract may name in ``input_kinds``, with the kinds of logits that each name stands for.

"arrays": arrays of the format, of the subject's library. Integers and booleans: arrays of these types. "lists" and
"NumPy scalars": Python lists of numbers, and of the array library's own numbers. "0-d": one logit that is no row.
"big-endian": NumPy arrays in the byte order that the machine does not have. "subclass", "masked": of NumPy's or torch's
array, and a masked array that masks nothing. "DataFrame": what its ``to_numpy()`` gives. "requires_grad" and "other
device": tensors that are differentiated, and that lie on a GPU."""

EMPTY_BATCHES = ("any", "result")
"""What a contract may say of a batch without rows: anything may come of it, or an empty result must."""

DEVICES = ("cpu", "cuda", "gpu", "mps", "xpu", "hpu", "npu", "tpu", "xla", "rocm", "metal")
"""The kinds of devices that array libraries name; a number may follow, as in "cuda:1"."""

NAMES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "label_dtypes": LABEL_DTYPES,
        "options": tuple(operations.OPTIONS),
        "layouts": LAYOUTS,
        "input_kinds": tuple(INPUT_KINDS),
    }
)
"""The fields that hold several names, with the names that they may hold."""

_SPECIAL_POLICIES = ("limit or nan", "limit", "nan")
_DEVICE = re.compile(rf"({'|'.join(DEVICES)})(:[0-9]{{1,4}})?")
_LARGEST_COUNT = 2**63 - 1  # array libraries count in int64


def check_flag(field: str, value: object) -> None:
    """Refuse anything but True and False."""
    if not isinstance(value, bool):
        raise UsageError(f"contract field {field}={shown(value)}: give True or False.")


def check_count(field: str, value: object, least: int) -> None:
    """Refuse anything but a whole number of at least ``least`` that an array can have."""
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= _LARGEST_COUNT:
        raise UsageError(f"contract field {field}={shown(value)}: give a whole number of at least {least}.")


def check_size(field: str, value: object) -> None:
    """Refuse anything but a finite number of at least 0."""
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if not number or not _finite(value) or value < 0:  # type: ignore[arg-type,operator] # a number
        raise UsageError(f"contract field {field}={shown(value)}: give a finite number of at least 0, or leave it out.")


def check_device(value: object) -> None:
    """Refuse a device that no array library names so."""
    if not isinstance(value, str) or not _DEVICE.fullmatch(value):
        raise UsageError(
            f"contract field device={shown(value)}: give one of {', '.join(DEVICES)}, with a number behind it where "
            "there are several, as in 'cuda:1'."
        )


def check_names(field: str, value: object, accepted: tuple[str, ...], *, empty: bool) -> None:
    """Refuse names that are not in the field's table, and no name at all unless the field may be ``empty``."""
    if not isinstance(value, tuple):
        raise UsageError(f"contract field {field}={shown(value)}: give a list of names: {', '.join(accepted)}.")
    for name in value:
        if name not in accepted:
            raise unknown("option" if field == "options" else f"contract value of {field}", name, accepted)
    if not value and not empty:
        raise UsageError(f"contract field {field}=[] leaves nothing to call with. Give at least one name.")


def sequence(value: Any) -> Any:
    """A name, or several, as a tuple; anything else is left to `check_names`."""
    if isinstance(value, str):
        return (value,)
    return tuple(value) if isinstance(value, list | tuple) else value


def input_kinds(value: Any) -> Any:
    """The names of kinds of inputs, with "array" for one of them written as in the table."""
    named = sequence(value)
    return tuple("arrays" if name == "array" else name for name in named) if isinstance(named, tuple) else named


def special_values(value: object) -> Mapping[str, str]:
    """The policy for each row of `SPECIAL_ROWS` that has one of its own, and under "default" that of the others."""
    if not isinstance(value, str | Mapping):
        raise unknown("policy for special values", value, _SPECIAL_POLICIES)
    table = {"default": value} if isinstance(value, str) else dict(value)
    for row, policy in table.items():
        if row != "default" and row not in SPECIAL_ROWS:
            raise unknown("row of special values", row, ("default", *SPECIAL_ROWS))
        if policy not in _SPECIAL_POLICIES:
            raise unknown("policy for special values", policy, _SPECIAL_POLICIES)
    return MappingProxyType({"default": "limit or nan", **table})


def _finite(number: float) -> bool:
    try:
        return math.isfinite(number)
    except OverflowError:  # an int beyond the largest float
        return False
