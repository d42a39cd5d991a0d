"""The parts of a results document that speak of softcert itself: is its truth true, and what does its suite catch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from softcert_reports.document.fields import Integer, Plain, Real, Record


@dataclass(frozen=True, kw_only=True)
class Proof(Record):
    """A statement derived symbolically: softmax's gradient, Jacobian, limits. ``mathml`` is presentation MathML."""

    name: str
    statement: str
    method: str = ""
    mathml: str = ""
    holds: bool = True


@dataclass(frozen=True, kw_only=True)
class Agreement(Record):
    """How two independent witnesses of the truth agreed: ``largest_in_radius`` is |a - b| over the proven radius."""

    pair: str
    format: str
    elements: Integer
    disagreements: Integer = 0
    largest_in_radius: Real | None = None
    operation: str = ""


@dataclass(frozen=True)
class GroundTruth(Record):
    """Claims (the ledger's own dictionaries), proofs and the agreement of the witnesses."""

    claims: tuple[Mapping[str, Plain], ...] = ()
    proofs: tuple[Proof, ...] = ()
    witnesses: tuple[Agreement, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Killed(Record):
    """How many models of known defects in one family the suite finds; ``missed`` names the survivors."""

    family: str
    defects: Integer
    killed: Integer
    missed: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Peer(Record):
    """Another check, held against the same gallery of defects and the same correct implementations.

    Nothing in softcert fills it today; documents of schema 1 have the field, so it stays until the schema changes.
    """

    name: str
    defects: Integer
    killed: Integer
    correct: Integer = 0
    false_alarms: Integer = 0
    text: str = ""


@dataclass(frozen=True, kw_only=True)
class Power(Record):
    """The power of the suite: defects killed by family, and alarms on implementations known to be right."""

    families: tuple[Killed, ...] = ()
    correct: Integer = 0
    false_alarms: tuple[str, ...] = ()
    peers: tuple[Peer, ...] = ()
    effort: str = ""
    command: str = ""
    seconds: Real | None = None
