"""What an implementation claims about itself: the contract, per operation and format.

Every field has a default; deviations from it are shown beside each verdict, so that nobody loosens a
contract unseen. A field may be one value, or a mapping whose keys are operations, formats or
"operation/format" (the most specific key wins; "default" covers the rest).
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from types import MappingProxyType
from typing import Any

from softcert_oracle import operations
from softcert_oracle.errors import UsageError, unknown
from softcert_oracle.numbers import formats

_SPECIAL_POLICIES = ("limit or nan", "limit", "nan")
SPECIAL_ROWS = (
    "one +inf", "several +inf", "some -inf", "label on -inf", "all -inf", "any NaN", "one class", "no classes",
    "[M, -M]", "[M, M]", "soft target 0 on -inf", "all rows ignored",
)  # fmt: skip
"""The rows of the special-value table, as a contract may name them in ``special_values``."""


@dataclass(frozen=True)
class Terms:
    """The contract as it stands for one operation in one format: plain values, nothing left to look up."""

    operation: str
    format: str
    reduction: str = "mean"
    working_precision: str = ""  # a format's name; "" is resolved: float32 below 32 bits, else the format
    sum_format: str = ""
    saved_format: str = ""
    result_format: str = ""
    summation: str | int = "any"
    algorithm: str = "any"
    exp_ulp: float = 4.0
    log_ulp: float = 4.0
    div_ulp: float = 0.5
    flush_subnormals: bool = False
    special_values: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({"default": "limit or nan"}))
    label_dtypes: tuple[str, ...] = ("int64",)
    invalid_labels: str = "untested"
    repeatable: bool = False
    batch_invariant: bool = False
    options: tuple[str, ...] = ()
    device: str = "cpu"
    min_classes: int = 1
    max_classes: int | None = None
    classes_multiple_of: int = 1
    max_rows: int | None = None
    max_abs_logit: float | None = None
    layouts: tuple[str, ...] | None = None  # None: every layout that the array library can express


FIELDS = tuple(f.name for f in fields(Terms) if f.name not in ("operation", "format"))
"""Names of the fields of a contract, in the order of the documentation."""

_CHOICES: Mapping[str, tuple[str, ...]] = {
    "reduction": operations.REDUCTIONS,
    "invalid_labels": ("untested", "refuse", "nan"),
}
_ALGORITHMS = ("any", "shift-divide", "x-m-L", "lse", "lse-x", "exp(x-lse)", "exp(log_softmax)", "log1p", "online")
_SEQUENCES = ("label_dtypes", "options", "layouts")
_FORMATS_NAMED = ("working_precision", "sum_format", "saved_format", "result_format")


@dataclass(frozen=True)
class Contract:
    """The claims of one implementation: the values given, looked up by `terms`."""

    given: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name, value in self.given.items():
            if name not in FIELDS:
                raise unknown("contract field", name, FIELDS)
            for key in _keys(name, value):
                _check_key(name, key)
        for op in operations.CORE:
            self.terms(op, "float32")

    @classmethod
    def from_toml(cls, path: str | Path) -> Contract:
        """The contract in a TOML file: its keys at top level, or under [contract] or [tool.softcert.contract]."""
        try:
            table = tomllib.loads(Path(path).read_text(encoding="utf-8"))
        except OSError as error:
            raise UsageError(f"contract={str(path)!r} cannot be read: {error.strerror}. Give a TOML file.") from None
        except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
            raise UsageError(f"contract={str(path)!r} is not TOML: {error}.") from None
        if "tool" in table:
            table = table["tool"].get("softcert", {})
        return cls(table.get("contract", table))

    def updated(self, other: Mapping[str, Any]) -> Contract:
        """This contract with further fields; those given later win."""
        return Contract({**self.given, **other})

    def terms(self, operation: str, format: str) -> Terms:
        """The contract as it stands for one operation in one format.

        Raises `UsageError` for a value that a field does not accept.
        """
        values: dict[str, Any] = {"operation": operation, "format": format}
        for name, value in self.given.items():
            chosen = _pick(name, value, operation, format)
            if chosen is not _ABSENT:
                values[name] = _checked(name, chosen)
        terms = Terms(**values)
        working = terms.working_precision or _default_working(format)
        filled = {
            "working_precision": working,
            "sum_format": terms.sum_format or working,
            "saved_format": terms.saved_format or working,
            "result_format": terms.result_format or format,
        }
        return Terms(**{**values, **filled})

    def deviations(self) -> dict[str, Any]:
        """The fields that were given and differ from the default, as plain data for the report."""
        plain = Terms("softmax", "float32")
        return {
            name: dict(value) if isinstance(value, Mapping) else value
            for name, value in self.given.items()
            if isinstance(value, Mapping) or _checked(name, value) != getattr(plain, name)
        }


_ABSENT = object()


def _default_working(format: str) -> str:
    return "float32" if formats.lookup(format).bits < 32 else format


def _keys(name: str, value: Any) -> list[str]:
    if not isinstance(value, Mapping):
        return []
    return [k for k in value if not (name == "special_values" and (k in SPECIAL_ROWS or k == "default"))]


def _check_key(name: str, key: str) -> None:
    accepted = ("default", *operations.OPERATIONS, *formats.FORMATS)
    for part in key.split("/"):
        if part not in accepted:
            raise unknown(f"key of contract field {name!r}", part, accepted)


def _pick(name: str, value: Any, operation: str, format: str) -> Any:
    if not isinstance(value, Mapping):
        return value
    for key in (f"{operation}/{format}", f"{format}/{operation}", operation, format):
        if key in value:
            return value[key]
    if name == "special_values" and any(k in SPECIAL_ROWS for k in value):
        return value
    return value.get("default", _ABSENT)


def _checked(name: str, value: Any) -> Any:
    if name == "special_values":
        return _special_values(value)
    if name in _CHOICES and value not in _CHOICES[name]:
        raise unknown(f"contract value of {name}", value, _CHOICES[name])
    if name == "algorithm" and value not in _ALGORITHMS:
        raise unknown("algorithm", value, _ALGORITHMS)
    if name in _FORMATS_NAMED and value:
        return formats.lookup(value).name
    if name in _SEQUENCES and value is not None:
        items = (value,) if isinstance(value, str) else tuple(value)
        for item in items if name == "options" else ():
            if item not in operations.OPTIONS:
                raise unknown("option", item, operations.OPTIONS)
        return items
    if name in ("exp_ulp", "log_ulp", "div_ulp") and not (isinstance(value, (int, float)) and 0 < value < 2**20):
        raise UsageError(f"contract field {name}={value!r}: give a positive number of ulp.")
    if name == "summation" and not (value in ("any", "pairwise") or (isinstance(value, int) and value > 0)):
        raise UsageError(f"contract field summation={value!r}: give 'any', 'pairwise' or a depth of at least 1.")
    if name in ("min_classes", "classes_multiple_of") and not (isinstance(value, int) and value >= 1):
        raise UsageError(f"contract field {name}={value!r}: give a whole number of at least 1.")
    return value


def _special_values(value: Any) -> Mapping[str, str]:
    table = {"default": value} if isinstance(value, str) else dict(value)
    for policy in table.values():
        if policy not in _SPECIAL_POLICIES:
            raise unknown("policy for special values", policy, _SPECIAL_POLICIES)
    return MappingProxyType({"default": "limit or nan", **table})
