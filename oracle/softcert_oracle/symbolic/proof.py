"""What an executed argument returns: a proof or a refutation, with the steps that were carried out.

A `Proof` is never written down by hand: `prove` builds it from the outcomes of decisions that ran, so
that a changed formula, or a changed SymPy, shows as ``holds=False`` and not as a stale claim.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Outcome:
    """One decided question: whether it holds, and where it does not, the numbers that show it."""

    holds: bool
    detail: str
    counterexample: str = ""


@dataclass(frozen=True, kw_only=True)
class Proof:
    """A statement with the argument that was executed for it.

    ``mathml`` is presentation MathML of the statement (empty where words say it all), ``steps`` what was
    carried out, in order, ``method`` by what means. Where ``holds`` is False, ``counterexample`` names
    the numbers that refute it, behind the sentence of the part that failed.
    """

    statement: str
    mathml: str
    steps: tuple[str, ...]
    holds: bool
    method: str
    counterexample: str = ""


def every(outcomes: Iterable[Outcome], detail: str) -> Outcome:
    """One outcome for many of a kind: holds if all do; the first that fails gives the counterexample."""
    count = 0
    for outcome in outcomes:
        count += 1
        if not outcome.holds:
            return outcome
    if count == 0:
        raise ValueError(f"nothing was decided for: {detail}")
    return Outcome(True, f"{detail} ({count} decided)" if count > 1 else detail)


def prove(statement: str, parts: Iterable[tuple[str, Outcome]], *, method: str, mathml: str = "") -> Proof:
    """The proof made of these parts, each a sentence and its outcome; one that fails refutes the statement."""
    steps: list[str] = []
    for sentence, outcome in parts:
        steps.append(f"{sentence}: {outcome.detail}")
        if not outcome.holds:
            shown = f"{sentence}: {outcome.counterexample}"
            return Proof(
                statement=statement, mathml=mathml, steps=tuple(steps), holds=False, method=method, counterexample=shown
            )
    if not steps:
        raise ValueError(f"no argument was given for: {statement}")
    return Proof(statement=statement, mathml=mathml, steps=tuple(steps), holds=True, method=method)
