"""The parts of a results document that speak of softcert itself: is its truth true, and what does its suite catch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Proof:
    """A statement derived symbolically: softmax's gradient, Jacobian, limits. ``mathml`` is presentation MathML."""

    name: str
    statement: str
    method: str = ""
    mathml: str = ""
    holds: bool = True


@dataclass(frozen=True)
class Agreement:
    """How two independent witnesses of the truth agreed: ``largest_in_radius`` is |a - b| over the proven radius."""

    pair: str
    format: str
    elements: int
    disagreements: int = 0
    largest_in_radius: float | None = None
    operation: str = ""


@dataclass(frozen=True)
class GroundTruth:
    """Claims (the ledger's own dictionaries), proofs and the agreement of the witnesses."""

    claims: tuple[Mapping[str, Any], ...] = ()
    proofs: tuple[Proof, ...] = ()
    witnesses: tuple[Agreement, ...] = ()


@dataclass(frozen=True)
class Killed:
    """How many models of known defects in one family the suite finds; ``missed`` names the survivors."""

    family: str
    defects: int
    killed: int
    missed: tuple[str, ...] = ()


@dataclass(frozen=True)
class Peer:
    """Another check, held against the same gallery of defects and the same correct implementations."""

    name: str
    defects: int
    killed: int
    correct: int = 0
    false_alarms: int = 0
    text: str = ""


@dataclass(frozen=True)
class Power:
    """The power of the suite: defects killed by family, and alarms on implementations known to be right."""

    families: tuple[Killed, ...] = ()
    correct: int = 0
    false_alarms: tuple[str, ...] = ()
    peers: tuple[Peer, ...] = ()
    effort: str = ""
    command: str = ""
    seconds: float | None = field(default=None, metadata={"time": True})
