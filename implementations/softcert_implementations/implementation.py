"""A subject: the functions to be certified, the formats and array library they take, and the contract."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from softcert_implementations.contract import Contract
from softcert_oracle import operations
from softcert_oracle.errors import UsageError
from softcert_oracle.numbers import formats


@dataclass(frozen=True)
class Implementation:
    """What is certified: functions by operation, and what they claim.

    Parameters
    ----------
    name
        The name under which reports show the subject.
    ops
        Functions by operation. They work along the last axis of logits x of shape (m, C), with labels of shape (m,):
        ``softmax(x)`` and ``log_softmax(x)`` give (m, C), ``logsumexp(x)`` gives (m,), ``cross_entropy(x, labels)`` a
        scalar (or (m,), where the contract claims reduction "none"), ``cross_entropy_grad(x, labels)`` gives (m, C).
        Aliases of operations are accepted as keys.
    dtypes
        The names of the formats that the functions support; one name may stand alone.
    arrays
        The array library of the arguments: one of `softcert_implementations.adapters.LIBRARIES`, or
        ``array_api:MODULE``.
    batched
        False for functions of a single row, which are then called once for each row. None lets a trial call find out.
    contract
        The claims, as a `Contract` or as a mapping of its fields.
    description
        One sentence for reports.
    spec
        The SPEC from which the implementation can be resolved again; "" if there is none.
    inferred
        One sentence for everything that was inferred, not declared.
    **claims
        Further fields of the contract (`softcert_implementations.contract.ResolvedContract`). They win over those in
        ``contract``.

    Raises
    ------
    UsageError
        For an operation, a format or a field of the contract that does not exist, for a value of the contract that a
        field does not accept in one of the formats, for a function that cannot be called, and for an empty ``name``,
        ``ops`` or ``dtypes``.

    Examples
    --------
    >>> import numpy as np
    >>> def softmax(x):
    ...     e = np.exp(x - x.max(axis=-1, keepdims=True))
    ...     return e / e.sum(axis=-1, keepdims=True)
    >>> mine = Implementation("mine", {"softmax": softmax}, ("float32",), exp_ulp=2)
    >>> mine.supports("softmax", "float32"), mine.supports("softmax", "float64")
    (True, False)
    >>> mine.contract.deviations()
    {'exp_ulp': 2}
    """

    name: str
    ops: Mapping[str, Callable[..., Any]]
    dtypes: tuple[str, ...]
    arrays: str
    batched: bool | None
    contract: Contract
    description: str
    spec: str
    inferred: tuple[str, ...]

    def __init__(
        self,
        name: str,
        ops: Mapping[str, Callable[..., Any]],
        dtypes: Iterable[str] | str = ("float32", "float64"),
        *,
        arrays: str = "numpy",
        batched: bool | None = None,
        contract: Contract | Mapping[str, Any] | None = None,
        description: str = "",
        spec: str = "",
        inferred: Iterable[str] = (),
        **claims: Any,
    ) -> None:
        if not isinstance(name, str) or not name:
            raise UsageError(f"name={name!r}: give a non-empty string.")
        claimed = contract if isinstance(contract, Contract) else Contract({} if contract is None else contract)
        # The generated __init__ of a dataclass could not take the claims; a frozen one is filled by its dictionary.
        vars(self).update(
            name=name,
            ops=_functions(ops),
            dtypes=_format_names(dtypes),
            arrays=arrays,
            batched=batched,
            contract=claimed.updated(claims) if claims else claimed,
            description=description,
            spec=spec,
            inferred=tuple(inferred),
        )
        self.contract.check((operation, format) for operation in self.ops for format in self.dtypes)

    def supports(self, operation: str, format: str) -> bool:
        """Whether this pair is claimed: the operation has a function and the format is among ``dtypes``."""
        return operation in self.ops and format in self.dtypes


def operations_in(namespace: Mapping[str, Any]) -> dict[str, Callable[..., Any]]:
    """The functions of a namespace that bear the names of operations, in the order of the table of operations.

    A module that defines its functions under these names declares itself with ``ops=operations_in(globals())``.

    >>> operations_in({"logsumexp": max, "softmax": min, "helper": len})
    {'softmax': <built-in function min>, 'logsumexp': <built-in function max>}
    """
    return {name: namespace[name] for name in operations.OPERATIONS if callable(namespace.get(name))}


def _functions(ops: Any) -> dict[str, Callable[..., Any]]:
    if not isinstance(ops, Mapping) or not ops:
        raise UsageError(f"ops={ops!r}: give a mapping from operation names to callables.")
    for name, function in ops.items():
        if not callable(function):
            raise UsageError(f"ops[{name!r}]={function!r} cannot be called: give a function.")
    return {operations.lookup(name).name: function for name, function in ops.items()}


def _format_names(dtypes: Iterable[str] | str) -> tuple[str, ...]:
    names = tuple(formats.lookup(name).name for name in ((dtypes,) if isinstance(dtypes, str) else dtypes))
    if not names:
        raise UsageError("dtypes=() names no format: give at least one.")
    return names
