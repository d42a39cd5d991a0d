"""What the gallery is made of: models of defects, correct implementations, and how either becomes a subject.

A model of a defect is a few lines that go wrong exactly as a real implementation did. The gallery measures
the suite (how many defects it kills, whom it accuses wrongly) and explains a failing subject ("behaves like").
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


@dataclass(frozen=True, eq=False)
class Defect:
    """One defect: what goes wrong, when, and what to do about it.

    ``function`` has the operation's signature; with ``factory`` it takes nothing and makes such a function,
    so that one which remembers calls starts afresh. ``witness`` gives a small input on which it is wrong.
    ``ordinary`` is the shape (m, C) of normal logits on which it is right, None where it never is.
    ``option`` names the option that must be claimed for it to show. ``debated`` marks behaviour that some
    project wants, or that level "stable" permits. ``contract`` holds the claims it is judged by.
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
        """The defect as a subject, in one format or in all of its own.

        Raises `UsageError` for a format that the defect does not have.
        """
        if format is not None and format not in self.formats:
            raise UsageError(f"format={format!r}: the defect {self.name!r} is modelled in {', '.join(self.formats)}.")
        chosen = (format,) if format else self.formats
        claims = dict(self.contract)
        if self.option in operations.OPTIONS:
            claims.setdefault("options", (self.option,))
        spec = "" if self.factory else f"{self.function.__module__}:{self.function.__name__}"
        return Implementation(
            self.name,
            {self.operation: self.fresh()},
            chosen,
            arrays=self.arrays,
            batched=True,
            description=self.behaves,
            spec=spec,
            **claims,
        )


@dataclass(frozen=True)
class Family:
    """One mechanism with its remedy; its members are gathered by `defect` as their module is imported."""

    name: str
    remedy: str
    members: list[Defect] = field(default_factory=list)

    def defect(
        self,
        named: str,
        *,
        trigger: str,
        behaves: str,
        witness: Witness,
        reference: str = "common mistake",
        remedy: str | None = None,
        op: str | None = None,
        **more: Any,
    ) -> Callable[[F], F]:
        """Decorator: the function below models a defect of this family in the formats ``named``.

        The operation is what the function's name begins with, unless ``op`` says otherwise. Floating-point
        warnings inside the model are off: a kernel gives none.
        """

        def register(function: F) -> F:
            function.__doc__ = f"{behaves[0].upper()}{behaves[1:]}."
            silent: F = np.errstate(all="ignore")(function)
            self.members.append(
                Defect(
                    name=function.__name__,
                    family=self.name,
                    operation=op or _operation_of(function.__name__),
                    formats=tuple(formats.lookup(f).name for f in named.split()),
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


def _operation_of(name: str) -> str:
    fitting = [op for op in operations.OPERATIONS if name == op or name.startswith(op + "_")]
    if not fitting:
        raise UsageError(f"function name {name!r} begins with no operation: name it like softmax_..., or give op=.")
    return max(fitting, key=len)


@dataclass(frozen=True, eq=False)
class Correct:
    """An implementation that is right, however unusual it looks.

    ``level`` is the one it deserves ("sound", "stable", "accurate", "faithful"), or a mapping from operations,
    formats or "operation/format" to levels, the most specific key winning, "default" for the rest. ``note`` says why
    it is right. ``contract`` holds the claims that its author would make.
    """

    name: str
    ops: Mapping[str, Function]
    formats: tuple[str, ...]
    level: str | Mapping[str, str]
    note: str
    arrays: str = "numpy"
    contract: Mapping[str, Any] = field(default_factory=dict)

    def expected_level(self, operation: str, format: str) -> Level:
        """The level that this implementation must hold for one operation in one format."""
        if isinstance(self.level, str):
            return Level(self.level)
        for key in (f"{operation}/{format}", operation, format, "default"):
            if key in self.level:
                return Level(self.level[key])
        raise UsageError(f"{self.name!r} states no level for {operation} in {format}: add a 'default'.")

    def implementation(self, format: str | None = None) -> Implementation:
        """The implementation as a subject, in one format or in all of its own."""
        chosen = (format,) if format else self.formats
        return Implementation(
            self.name,
            self.ops,
            chosen,
            arrays=self.arrays,
            batched=True,
            description=self.note,
            **self.contract,
        )
