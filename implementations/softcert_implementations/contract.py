"""What an implementation claims about itself: the contract, per operation and format.

Every field has a default; deviations from it are shown beside each verdict, so that nobody loosens a contract unseen.
The fields that limits depend on, their defaults and their checks are the oracle's `LimitParameters`; `ResolvedContract`
adds the others, whose values `contract_values` checks; both together are the one table of fields. A plain dataclass
does, without a validation library: the keys of a mapping need rules of their own.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import MISSING, dataclass, field, fields
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any

from softcert_implementations import call_form, contract_values
from softcert_implementations.contract_values import SPECIAL_ROWS
from softcert_oracle import operations
from softcert_oracle.errors import UsageError, shown, unknown
from softcert_oracle.limit_parameters import LimitParameters
from softcert_oracle.numbers import formats

_LABEL_POLICIES = ("untested", "refuse", "nan")
_KEYS = ("default", *operations.OPERATIONS, *formats.FORMATS)
"""What the parts of a key may name, where a field has several values."""


@dataclass(frozen=True, kw_only=True)
class ResolvedContract(LimitParameters):
    """The contract as it stands for one operation in one format: plain values, nothing left to look up.

    Parameters
    ----------
    operation
        The operation, by its name in the table of operations. `LimitParameters` has the format, and the fields that
        limits depend on.
    special_values
        A policy for each row of `SPECIAL_ROWS`, and for the others under "default": "limit" (the result is the limit
        of the mathematics), "nan", or "limit or nan". A single policy is meant for every row.
    label_dtypes
        The integer types in which labels may be given.
    invalid_labels
        What happens for a label outside of 0 .. C - 1: "refuse" (an exception), "nan", or "untested".
    repeatable
        Whether the same call gives the same bits each time.
    batch_invariant
        Whether the result of a row has the same bits in every batch: of any size, at any place, beside any other rows,
        and in every layout in which the classes of a row lie side by side, or that ``layouts`` names.
    empty_batch
        What comes of a batch without rows: "result" (an empty result; the loss of no rows is NaN or 0), or "any", which
        may be an exception.
    input_kinds
        The kinds of logits that the function accepts, names of `softcert_implementations.contract_values.INPUT_KINDS`.
        Arrays of the format are among them whether they are named or not.
    options
        Names of the options that the function accepts, of `softcert_oracle.operations.OPTIONS`.
    device
        The device on which the array library places the arguments.
    call
        The form of a call, as `softcert_implementations.call_form` reads it; "" lets trial calls find out.
    min_classes, max_classes, classes_multiple_of
        The numbers of classes C that the function accepts; ``max_classes=None`` is no bound.
    max_rows, max_abs_logit
        The most rows m, and the largest absolute logit, that the function accepts; None is no bound.
    layouts
        The memory layouts that the function accepts; None means every one that the array library can express.

    Raises
    ------
    UsageError
        For a value that a field does not accept.
    """

    operation: str
    special_values: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({"default": "limit or nan"}))
    label_dtypes: tuple[str, ...] = ("int64",)
    invalid_labels: str = "untested"
    repeatable: bool = False
    batch_invariant: bool = False
    empty_batch: str = "any"
    input_kinds: tuple[str, ...] = ("arrays",)
    options: tuple[str, ...] = ()
    device: str = "cpu"
    call: str = ""
    min_classes: int = 1
    max_classes: int | None = None
    classes_multiple_of: int = 1
    max_rows: int | None = None
    max_abs_logit: float | None = None
    layouts: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        for name in _CONVERTERS:
            object.__setattr__(self, name, _converted(name, getattr(self, name)))
        if self.invalid_labels not in _LABEL_POLICIES:
            raise unknown("contract value of invalid_labels", self.invalid_labels, _LABEL_POLICIES)
        if self.empty_batch not in contract_values.EMPTY_BATCHES:
            raise unknown("contract value of empty_batch", self.empty_batch, contract_values.EMPTY_BATCHES)
        for name in ("repeatable", "batch_invariant"):
            contract_values.check_flag(name, getattr(self, name))
        for name, accepted in contract_values.NAMES.items():
            if getattr(self, name) is not None or _DEFAULTS[name] is not None:
                contract_values.check_names(name, getattr(self, name), accepted, empty=_DEFAULTS[name] == ())
        contract_values.check_device(self.device)
        call_form.given(self.call)
        self._check_domain()

    def _check_domain(self) -> None:
        """Refuse a domain that is none: no number, or bounds that leave no number of classes."""
        for name, least in (("min_classes", 1), ("max_classes", 0), ("classes_multiple_of", 1), ("max_rows", 0)):
            if getattr(self, name) is not None or _DEFAULTS[name] is not None:
                contract_values.check_count(name, getattr(self, name), least)
        if self.max_abs_logit is not None:
            contract_values.check_size("max_abs_logit", self.max_abs_logit)
        if self.max_classes is not None:
            step = self.classes_multiple_of
            smallest = -(-self.min_classes // step) * step
            if smallest > self.max_classes:
                raise UsageError(
                    f"the contract's domain is empty: min_classes={self.min_classes}, max_classes={self.max_classes}, "
                    f"classes_multiple_of={step}. Give bounds that some number of classes meets."
                )

    @cached_property
    def claimed_kinds(self) -> tuple[str, ...]:
        """The kinds of logits that are claimed, each by itself: "integers" are four of them."""
        named = ("arrays", *self.input_kinds)
        return tuple(dict.fromkeys(kind for name in named for kind in contract_values.INPUT_KINDS[name]))

    @cached_property
    def limit_parameters(self) -> LimitParameters:
        """The part of the contract that limits depend on; equal for contracts that differ in other fields only."""
        return LimitParameters(**{f.name: getattr(self, f.name) for f in fields(LimitParameters)})


_DEFAULTS: Mapping[str, Any] = {
    f.name: f.default if f.default_factory is MISSING else f.default_factory()
    for f in fields(ResolvedContract)
    if f.name not in ("operation", "format")
}
FIELDS = tuple(_DEFAULTS)
"""Names of the fields of a contract, in the order of the documentation."""


@dataclass(frozen=True)
class Contract:
    """The claims of one implementation, as they were given; `terms` looks them up.

    Parameters
    ----------
    given
        The claimed fields of `ResolvedContract`, by name. A field has one value, or a mapping whose keys are
        operations, formats or "operation/format": the most specific key wins, and "default" covers the rest. A mapping
        of ``special_values`` may have rows of `SPECIAL_ROWS` as keys instead.

    Raises
    ------
    UsageError
        For a field or a key that does not exist, or a value that the field accepts in no format. `check` looks at the
        operations and formats that a subject claims.

    Examples
    --------
    >>> contract = Contract({"exp_ulp": {"softmax": 1, "softmax/float16": 2}, "reduction": "sum"})
    >>> contract.terms("softmax", "float16").exp_ulp
    2
    >>> contract.terms("logsumexp", "float16").exp_ulp
    4.0
    >>> contract.terms("softmax", "bfloat16").working_precision
    'float32'
    """

    given: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not isinstance(self.given, Mapping):
            raise UsageError(f"contract={shown(self.given)}: give a mapping of fields, or the path of a TOML file.")
        for name, value in self.given.items():
            if name not in FIELDS:
                raise unknown("contract field", name, FIELDS)
            _check_keys(name, value)
        for operation in operations.OPERATIONS:
            self._check_in_some_format(operation)

    def _check_in_some_format(self, operation: str) -> None:
        """Refuse values that an operation has in no format; the subject's own formats are not known here."""
        first: UsageError | None = None
        for format in ("float32", *formats.FORMATS):
            try:
                self.terms(operation, format)
            except UsageError as error:
                first = first or error
            else:
                return
        assert first is not None
        raise first

    def check(self, claimed: Iterable[tuple[str, str]]) -> None:
        """Refuse what the contract says of some operations and formats, before anything runs.

        Parameters
        ----------
        claimed
            Pairs of an operation and a format, those that a subject claims.

        Raises
        ------
        UsageError
            For the first value that its field does not accept there.
        """
        for operation, format in claimed if self.given else ():
            try:
                self.terms(operation, format)
            except UsageError as error:
                raise UsageError(f"the contract of {operation} in {format}: {error}") from None

    @classmethod
    def from_toml(cls, path: str | Path) -> Contract:
        """The contract in a TOML file.

        Parameters
        ----------
        path
            The file. It has the fields at top level, or under ``[contract]``, ``[tool.softcert.contract]`` or
            ``[tool.softcert]``.

        Raises
        ------
        UsageError
            If the file cannot be read, is not TOML, or holds something that is no contract.
        """
        try:
            table = tomllib.loads(Path(path).read_text(encoding="utf-8"))
        except OSError as error:
            raise UsageError(f"contract={str(path)!r} cannot be read: {error.strerror}. Give a TOML file.") from None
        except (ValueError, RecursionError) as error:  # bad TOML, bad UTF-8, a number of 5000 digits, a NUL in the name
            raise UsageError(f"contract={str(path)!r} is not TOML: {error}.") from None
        return cls(_section(table, str(path)))

    def updated(self, other: Mapping[str, Any]) -> Contract:
        """This contract with further fields; those given later win.

        >>> Contract({"reduction": "sum"}).updated({"reduction": "none", "exp_ulp": 2}).given
        {'reduction': 'none', 'exp_ulp': 2}
        """
        return Contract({**self.given, **other})

    def claiming(self, name: str, claims: Mapping[str, Any]) -> Contract:
        """This contract with a field claimed for some keys, whatever it says of the others.

        >>> Contract({"exp_ulp": 2}).claiming("exp_ulp", {"softmax": 1}).given
        {'exp_ulp': {'default': 2, 'softmax': 1}}
        """
        given = self.given.get(name, {})
        others = given if isinstance(given, Mapping) else {"default": given}
        return self.updated({name: {**others, **claims}})

    def terms(self, operation: str, format: str) -> ResolvedContract:
        """The contract as it stands for one operation in one format.

        Parameters
        ----------
        operation, format
            Their names in the tables of the oracle.

        Raises
        ------
        UsageError
            For a value that a field does not accept.
        """
        values = {name: _chosen(name, value, operation, format) for name, value in self.given.items()}
        return ResolvedContract(operation=operation, format=format, **values)

    def value(self, name: str, operation: str, format: str) -> Any:
        """One field as it stands for one operation in one format, without the others.

        >>> Contract({"device": {"softmax": "cuda", "default": "cpu"}}).value("device", "softmax", "float32")
        'cuda'
        """
        return _chosen(name, self.given[name], operation, format) if name in self.given else _DEFAULTS[name]

    def deviations(self) -> dict[str, Any]:
        """The fields that differ from their default, or have several values, as plain data for the report.

        >>> Contract({"exp_ulp": 4, "reduction": "sum"}).deviations()
        {'reduction': 'sum'}
        """
        return {
            name: dict(value) if isinstance(value, Mapping) else value
            for name, value in self.given.items()
            if isinstance(value, Mapping) or _converted(name, value) != _DEFAULTS[name]
        }


def _section(table: Mapping[str, Any], path: str) -> Mapping[str, Any]:
    """The fields of a contract in a TOML file: at top level, or in the sections where they may stand."""
    place: tuple[str, ...] = ()
    for name in ("tool", "softcert") if "tool" in table else ():
        place = (*place, name)
        table = table.get(name, None)
        if not isinstance(table, Mapping):
            raise UsageError(f"contract={path!r} has no table [{'.'.join(place)}]. Give a contract's fields there.")
    if "contract" not in table:
        return table
    if not isinstance(table["contract"], Mapping):
        where = ".".join((*place, "contract"))
        raise UsageError(f"contract={path!r}: {where}={shown(table['contract'])} is no table. Write [{where}].")
    section: Mapping[str, Any] = table["contract"]
    return section


def _check_keys(name: str, value: Any) -> None:
    rows = SPECIAL_ROWS if name == "special_values" else ()
    for key in value if isinstance(value, Mapping) else ():
        if not isinstance(key, str):
            raise unknown(f"key of contract field {name!r}", key, _KEYS)
        for part in () if key in rows else key.split("/"):
            if part not in _KEYS:
                raise unknown(f"key of contract field {name!r}", part, _KEYS)


def _chosen(name: str, value: Any, operation: str, format: str) -> Any:
    """The value of a field for one operation in one format: that of the most specific key."""
    if not isinstance(value, Mapping):
        return value
    for key in (f"{operation}/{format}", f"{format}/{operation}", operation, format):
        if key in value:
            return value[key]
    if name == "special_values" and any(key in SPECIAL_ROWS for key in value):
        return value
    return value.get("default", _DEFAULTS[name])


_CONVERTERS: Mapping[str, Callable[[Any], Any]] = {
    "special_values": contract_values.special_values,
    "label_dtypes": contract_values.sequence,
    "input_kinds": contract_values.input_kinds,
    "options": contract_values.sequence,
    "layouts": contract_values.sequence,
}
"""The fields that users may write in a shorter form, with the function that gives the full one."""


def _converted(name: str, value: Any) -> Any:
    return _CONVERTERS[name](value) if name in _CONVERTERS else value
