"""What an assertion is given, in one form: the call as rows of classes, and the contract that limits it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from softcert.assertions.arrays import as_numpy, flushes, library_of
from softcert_implementations.contract import Contract, ResolvedContract
from softcert_oracle import operations
from softcert_oracle.errors import UsageError, unknown
from softcert_oracle.numbers import formats

if TYPE_CHECKING:
    from softcert_oracle.options import CanonicalCall

Terms = Contract | Mapping[str, Any] | str | Path | None

_PLACED = frozenset({"axis", "reduction"})
"""Options that say how rows are laid out and joined: the compiled kernels judge calls that have no others."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Given:
    """A call with its contract.

    Attributes
    ----------
    operation, format
        Their names.
    arguments, options
        NumPy arrays and plain values by name, as `softcert_oracle.options.canonical_call` takes them.
    terms
        The contract of the operation in the format, its reduction that of the call.
    library
        The array library of the first argument.
    """

    operation: str
    format: str
    arguments: Mapping[str, np.ndarray]
    options: Mapping[str, Any] = field(default_factory=dict)
    terms: ResolvedContract
    library: str

    @property
    def plain(self) -> bool:
        """Whether the call is one of the five core operations without further options."""
        return self.operation in operations.CORE and set(self.options) <= _PLACED

    @property
    def reduction(self) -> str:
        """How losses are joined."""
        return str(self.options.get("reduction", self.terms.reduction))

    @cached_property
    def canonical(self) -> CanonicalCall:
        """The call as rows of classes, checked."""
        from softcert_oracle.options.canonical_call import canonical_call

        takes = "reduction" in operations.lookup(self.operation).options
        given = {**self.options, "reduction": self.reduction} if takes else dict(self.options)
        return canonical_call(self.operation, self.arguments, given)


def given(op: str, x: Any, labels: Any, contract: Terms, options: Mapping[str, Any]) -> Given:
    """The arguments of an assertion, brought into one form.

    Parameters
    ----------
    op
        Name or alias of an operation.
    x
        Its first argument: logits with the classes along the last axis, or along the option ``axis``.
    labels
        Class indices, one for each row; None where the operation takes none.
    contract
        What is claimed; None for the defaults.
    options
        Options of the operation by name, and its further arguments (upstream; W and b of the linear operations).

    Raises
    ------
    UsageError
        For an unknown operation, option or format, and for logits that are not floating point.
    """
    entry = operations.lookup(op)
    first = as_numpy("x", x)
    format = formats.of_array(first)
    if format is None:
        raise UsageError(f"x has dtype {first.dtype}: give logits in {', '.join(formats.FORMATS)}.")
    names = [argument.name for argument in entry.arguments]
    arguments = {names[0]: first}
    if labels is not None:
        arguments["labels"] = as_numpy("labels", labels)
    chosen: dict[str, Any] = {}
    for name, value in options.items():
        if name in names:
            arguments[name] = as_numpy(name, value)
        elif name in entry.options:
            array = operations.OPTIONS[name].kind == "array"
            chosen[name] = as_numpy(name, value) if array and value is not None else value
        else:
            raise unknown(f"option of {entry.name}", name, (*entry.options, *names[1:]))
    library = library_of(x)
    terms = _terms(contract, entry.name, format.name, flushes(library), chosen.get("reduction"))
    return Given(
        operation=entry.name, format=format.name, arguments=arguments, options=chosen, terms=terms, library=library
    )


def _terms(contract: Terms, operation: str, format: str, flush: bool, reduction: object) -> ResolvedContract:
    extra = () if reduction is None else (("reduction", reduction),)
    if contract is None:
        return _default_terms(operation, format, flush, extra)
    if isinstance(contract, str | Path):
        claimed = Contract.from_toml(contract)
    else:
        claimed = contract if isinstance(contract, Contract) else Contract(contract)
    return _resolved(claimed, operation, format, flush, extra)


@lru_cache(maxsize=64)
def _default_terms(operation: str, format: str, flush: bool, extra: tuple[tuple[str, Any], ...]) -> ResolvedContract:
    return _resolved(Contract(), operation, format, flush, extra)


def _resolved(
    contract: Contract, operation: str, format: str, flush: bool, extra: tuple[tuple[str, Any], ...]
) -> ResolvedContract:
    defaults = {"flush_subnormals": True} if flush and "flush_subnormals" not in contract.given else {}
    return contract.updated({**defaults, **dict(extra)}).terms(operation, format)
