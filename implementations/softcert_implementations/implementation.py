"""A subject: the functions to be certified, the formats and array library they take, and the contract."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from softcert_implementations.contract import Contract
from softcert_oracle import operations
from softcert_oracle.errors import UsageError
from softcert_oracle.numbers import formats


@dataclass(frozen=True)
class Implementation:
    """What is being certified.

    ``ops`` maps operation names to callables with the signatures of DESIGN (over the last axis):
    ``softmax(x)``, ``cross_entropy(x, labels)`` and so on. ``dtypes`` names the formats that it supports,
    ``arrays`` the array library in which it wants its arguments. ``batched=False`` marks functions of one
    row only; None finds that out by a trial call. Every further keyword is a field of the contract
    (see `softcert_implementations.contract.ResolvedContract`).

    Raises `UsageError` for names that are not in the tables, or values that are not callables.
    """

    name: str
    ops: Mapping[str, Callable[..., Any]]
    dtypes: tuple[str, ...] = ("float32", "float64")
    arrays: str = "numpy"
    batched: bool | None = None
    contract: Contract = field(default_factory=Contract)
    description: str = ""
    spec: str = ""
    inferred: tuple[str, ...] = ()

    def __init__(
        self,
        name: str,
        ops: Mapping[str, Callable[..., Any]],
        dtypes: tuple[str, ...] | list[str] | str = ("float32", "float64"),
        arrays: str = "numpy",
        batched: bool | None = None,
        contract: Contract | Mapping[str, Any] | None = None,
        description: str = "",
        spec: str = "",
        inferred: tuple[str, ...] = (),
        **claims: Any,
    ) -> None:
        put = object.__setattr__
        if not isinstance(name, str) or not name:
            raise UsageError(f"name={name!r}: give a non-empty string.")
        if not isinstance(ops, Mapping) or not ops:
            raise UsageError(f"ops={ops!r}: give a mapping from operation names to callables.")
        checked = {}
        for key, function in ops.items():
            if not callable(function):
                raise UsageError(f"ops[{key!r}]={function!r} cannot be called: give a function.")
            checked[operations.lookup(key).name] = function
        named = (dtypes,) if isinstance(dtypes, str) else tuple(dtypes)
        if not named:
            raise UsageError("dtypes=() names no format: give at least one.")
        base = contract if isinstance(contract, Contract) else Contract(dict(contract or {}))
        put(self, "name", name)
        put(self, "ops", checked)
        put(self, "dtypes", tuple(formats.lookup(d).name for d in named))
        put(self, "arrays", arrays)
        put(self, "batched", batched)
        put(self, "contract", base.updated(claims) if claims else base)
        put(self, "description", description)
        put(self, "spec", spec)
        put(self, "inferred", tuple(inferred))

    def supports(self, operation: str, format: str) -> bool:
        """Whether this pair is claimed: the operation has a function and the format is among ``dtypes``."""
        return operation in self.ops and format in self.dtypes
