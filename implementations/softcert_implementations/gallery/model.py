"""What the gallery is made of: models of defects, correct implementations, and how either becomes a subject.

A model of a defect is a few lines that go wrong exactly as a real implementation did. The gallery measures the suite
(how many defects it catches, how many false alarms it raises) and explains a failing subject ("behaves like").
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

import numpy as np

from softcert_implementations.implementation import Implementation
from softcert_oracle import operations
from softcert_oracle.errors import UsageError
from softcert_oracle.levels import Level
from softcert_oracle.numbers import formats

Function = Callable[..., Any]
F = TypeVar("F", bound=Function)
Witness = Callable[[str], dict[str, Any]]
"""Given a format's name, the arguments that show a defect.

Keys are the names of the operation's arguments (``x``, ``labels``, ``upstream``) and of its options;
``history`` is a tuple of such mappings: calls that come before.
"""


@dataclass(frozen=True, eq=False, kw_only=True)
class Defect:
    """One defect: what goes wrong, when, and what to do about it.

    Parameters
    ----------
    name
        Unique in the gallery; begins with the operation's name.
    family
        The name of the `Family`.
    operation
        The name of the operation that the model computes.
    formats
        The formats in which the model is wrong.
    function
        A function with the operation's signature; with ``factory``, a function without arguments that makes one.
    trigger
        The inputs on which the defect shows.
    remedy
        What to do about it.
    reference
        A public issue as ``owner/repository#number``, or "common mistake".
    behaves
        What it does, as the rest of a sentence that begins with its name.
    witness
        Makes a small input on which the model is wrong.
    ordinary
        The shape (m, C) of normal logits on which the model is right; None if it never is.
    debated
        Whether some project wants this behaviour, or level "stable" permits it.
    option
        The option that a subject must claim for the defect to show.
    arrays
        The array library of the function's arguments.
    factory
        Whether ``function`` makes the function, so that one which remembers calls starts afresh.
    contract
        The claims that the model is judged by.
    """

    name: str
    family: str
    operation: str
    formats: tuple[str, ...]
    function: Function
    trigger: str
    remedy: str
    reference: str
    behaves: str
    witness: Witness
    ordinary: tuple[int, int] | None = (3, 8)
    debated: bool = False
    option: str | None = None
    arrays: str = "numpy"
    factory: bool = False
    contract: Mapping[str, Any] = field(default_factory=dict)

    def fresh(self) -> Function:
        """The function, with no call behind it."""
        return np.errstate(all="ignore")(self.function()) if self.factory else self.function

    def implementation(self, format: str | None = None) -> Implementation:
        """The defect as a subject.

        Parameters
        ----------
        format
            The one format to support; all of the defect's own unless given.

        Raises
        ------
        UsageError
            If the defect is not modelled in that format.
        """
        if format is not None and format not in self.formats:
            raise UsageError(f"format={format!r}: the defect {self.name!r} is modelled in {', '.join(self.formats)}.")
        claims = dict(self.contract)
        if self.option in operations.OPTIONS:
            claims.setdefault("options", (self.option,))
        return Implementation(
            self.name,
            {self.operation: self.fresh()},
            (format,) if format else self.formats,
            arrays=self.arrays,
            batched=True,
            description=self.behaves,
            spec="" if self.factory else f"{self.function.__module__}:{self.function.__name__}",
            **claims,
        )


@dataclass(frozen=True)
class Family:
    """One thing that goes wrong, with its remedy; `defect` adds its members when their module is imported.

    Parameters
    ----------
    name
        Unique among the families; the diagnosis names it.
    remedy
        What to do about its defects, as an imperative sentence.
    members
        The defects, in the order in which they are written.

    Examples
    --------
    >>> from softcert_implementations.gallery import witness
    >>> family = Family("wrong base", "Use exp.")
    >>> @family.defect("float32", trigger="any input", behaves="takes 2^x", witness=witness.rows([0, 1]))
    ... def softmax_in_base_two(x):
    ...     e = np.exp2(x - x.max(-1, keepdims=True))
    ...     return e / e.sum(-1, keepdims=True)
    >>> [(defect.name, defect.operation, defect.formats) for defect in family.members]
    [('softmax_in_base_two', 'softmax', ('float32',))]
    """

    name: str
    remedy: str
    members: list[Defect] = field(default_factory=list)

    def defect(
        self,
        format_names: str,
        *,
        trigger: str,
        behaves: str,
        witness: Witness,
        reference: str = "common mistake",
        remedy: str | None = None,
        op: str | None = None,
        **more: Any,
    ) -> Callable[[F], F]:
        """Decorator: the function below models a defect of this family.

        Floating-point warnings inside the model are off, as a compiled kernel gives none; what it does becomes its
        docstring.

        Parameters
        ----------
        format_names
            Names of the formats in which the model is wrong, separated by spaces.
        trigger, behaves, witness, reference
            As in `Defect`.
        remedy
            What to do about this defect, if that is not the remedy of the family.
        op
            The operation; unless given, the one that the function's name begins with.
        **more
            Further fields of `Defect`: ordinary, debated, option, arrays, factory, contract.

        Raises
        ------
        UsageError
            If a format is unknown, or if the function's name begins with no operation and ``op`` is not given.
        """

        def register(function: F) -> F:
            function.__doc__ = f"{behaves[0].upper()}{behaves[1:]}."
            silent: F = np.errstate(all="ignore")(function)
            self.members.append(
                Defect(
                    name=function.__name__,
                    family=self.name,
                    operation=op or _operation_of(function.__name__),
                    formats=tuple(formats.lookup(name).name for name in format_names.split()),
                    function=silent,
                    trigger=trigger,
                    remedy=remedy or self.remedy,
                    reference=reference,
                    behaves=behaves,
                    witness=witness,
                    **more,
                )
            )
            return silent

        return register

    def everywhere(
        self, function: Function, *, op: str, name: str, behaves: str, witness: Witness, factory: bool = False
    ) -> None:
        """Add a function made for an operation, named ``op_name``, that is wrong on any input in every wide format."""
        function.__name__ = f"{op}_{name}"
        self.defect(
            "float16 bfloat16 float32 float64",
            trigger="any input",
            behaves=behaves,
            witness=witness,
            op=op,
            ordinary=None,
            factory=factory,
        )(function)


def _operation_of(name: str) -> str:
    fitting = [op for op in operations.OPERATIONS if name == op or name.startswith(op + "_")]
    if not fitting:
        raise UsageError(f"function name {name!r} begins with no operation: name it like softmax_..., or give op=.")
    return max(fitting, key=len)


@dataclass(frozen=True, eq=False, kw_only=True)
class Correct:
    """An implementation that is right, however unusual it looks: a check that fails it raises a false alarm.

    Parameters
    ----------
    name
        Unique in the gallery.
    ops
        Functions by the names of their operations.
    formats
        The formats in which they are right.
    level
        The level that each operation must hold in each format; or levels by "operation/format", operation or format,
        of which the first that is given counts, and "default" for the rest.
    note
        Why it is right.
    arrays
        The array library of the functions' arguments.
    contract
        The claims that its author would make.
    """

    name: str
    ops: Mapping[str, Function]
    formats: tuple[str, ...]
    level: Level | Mapping[str, Level] = Level.STABLE
    note: str
    arrays: str = "numpy"
    contract: Mapping[str, Any] = field(default_factory=dict)

    def expected_level(self, operation: str, format: str) -> Level:
        """The level that this implementation must hold for one operation in one format.

        Raises
        ------
        UsageError
            If levels are given and none of them is for this operation and format.

        Examples
        --------
        >>> levels = {"softmax/float16": Level.SOUND, "softmax": Level.ACCURATE, "default": Level.STABLE}
        >>> each = Correct(name="mine", ops={}, formats=("float16",), level=levels, note="")
        >>> [str(each.expected_level(op, "float16")) for op in ("softmax", "logsumexp")]
        ['sound', 'stable']
        """
        if isinstance(self.level, Level):
            return self.level
        for key in (f"{operation}/{format}", operation, format, "default"):
            if key in self.level:
                return self.level[key]
        raise UsageError(f"{self.name!r} states no level for {operation} in {format}: add a 'default'.")

    def implementation(self, format: str | None = None) -> Implementation:
        """The implementation as a subject, in one format or in all of its own."""
        return Implementation(
            self.name,
            self.ops,
            (format,) if format else self.formats,
            arrays=self.arrays,
            batched=True,
            description=self.note,
            **self.contract,
        )
