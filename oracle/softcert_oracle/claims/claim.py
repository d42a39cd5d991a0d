"""A claim of a seed document, and how it is judged.

A verdict is declared beside each claim, and counts only if the arguments, executed, bear it out: a proved claim
must hold *and* the same argument must refute a wrong version of it; a refuted or corrected one must fail and
its correction must hold. Anything else is "unsettled".
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import KW_ONLY, dataclass
from typing import Any

from softcert_oracle.symbolic.proof import Outcome, Proof, prove

VERDICTS = ("proved", "refuted", "corrected", "unsettled")
"""True; false; a misprint or slip that is true once mended; none of these shown by what was executed."""

SYMPY = "SymPy: differentiated from the definition, cancelled exactly in the field of rational functions"
EXACT = "exact rational arithmetic; exponentials enclosed by Taylor sums with their remainder"
FINITE = "a finite probability table, summed and cancelled exactly as rational functions of its entries"

Parts = Iterable[tuple[str, Outcome]]


@dataclass(frozen=True)
class Thesis:
    """A statement that can be decided: words, an argument to be executed, and formulas (SymPy) to be shown."""

    statement: str
    argument: Callable[[], Parts]
    _: KW_ONLY
    formulas: tuple[Any, ...] = ()
    method: str = SYMPY

    def decide(self) -> Proof:
        """Execute the argument."""
        from softcert_oracle.symbolic.mathml import mathml

        return prove(self.statement, self.argument(), method=self.method, mathml=mathml(*self.formulas))


@dataclass(frozen=True, kw_only=True)
class Claim:
    """What a seed document says, and what is true.

    ``quote`` is exact, from the document; ``reconstructed`` marks a formula that was lost or garbled in its
    text and restored by us. ``mutant`` is a wrong version that the argument must refute (proved claims);
    ``correction`` is what is true instead (refuted and corrected ones).
    """

    id: str
    quote: str
    verdict: str
    claimed: Thesis
    correction: Thesis | None = None
    mutant: Thesis | None = None
    reconstructed: bool = False
    remark: str = ""

    @property
    def seed(self) -> str:
        """Number of the document."""
        return self.id.split("-")[0]


@dataclass(frozen=True, kw_only=True)
class Ruling:
    """A claim with the verdict that the executed arguments support."""

    claim: Claim
    verdict: str
    claimed: Proof
    correction: Proof | None
    mutant: Proof | None

    @property
    def steps(self) -> tuple[str, ...]:
        """What was carried out, the refutation of the wrong version or the proof of the correction included."""
        steps = self.claimed.steps
        if self.mutant is not None:
            outcome = f"refuted, {self.mutant.counterexample}" if not self.mutant.holds else "NOT refuted"
            steps += (f"Wrong version, same argument ({self.mutant.statement}): {outcome}",)
        if self.correction is not None:
            steps += tuple(f"Corrected: {step}" for step in self.correction.steps)
        return steps

    def as_json(self) -> dict[str, Any]:
        """Plain data for the results document."""
        correction = self.correction
        return {
            "id": self.claim.id,
            "seed": self.claim.seed,
            "quote": self.claim.quote,
            "statement": self.claimed.statement,
            "verdict": self.verdict,
            "reconstructed": self.claim.reconstructed,
            "mathml": self.claimed.mathml,
            "proof_steps": list(self.steps),
            "corrected": correction.statement if correction else "",
            "corrected_mathml": correction.mathml if correction else "",
            "counterexample": self.claimed.counterexample,
            "method": self.claimed.method,
            "remark": self.claim.remark,
        }


def check(claim: Claim) -> Ruling:
    """Execute the claim's arguments and say which verdict they support."""
    claimed = claim.claimed.decide()
    correction = claim.correction.decide() if claim.correction else None
    mutant = claim.mutant.decide() if claim.mutant else None
    if claim.verdict == "proved":
        borne_out = claimed.holds and mutant is not None and not mutant.holds
    else:
        borne_out = not claimed.holds and correction is not None and correction.holds
    return Ruling(
        claim=claim,
        verdict=claim.verdict if borne_out else "unsettled",
        claimed=claimed,
        correction=correction,
        mutant=mutant,
    )
