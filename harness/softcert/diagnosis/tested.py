"""How well tested a name is: on how many cases a candidate agrees with the subject, and on how many it does not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from softcert.diagnosis.candidates import CandidateDefect
from softcert.diagnosis.probes import Probe
from softcert.diagnosis.reproduction import Agreement, agreement
from softcert.diagnosis.running import Stand
from softcert.diagnosis.similarity import silently

CERTAIN = 0.9
"""Share of the failing cases that must agree before a name is called certain."""


@dataclass(frozen=True, kw_only=True)
class Tested:
    """A candidate beside the subject, on some cases.

    Attributes
    ----------
    failing
        Cases on which the subject fails, the candidate, or both.
    of_model
        Those of them on which the candidate fails.
    alike, same, bits
        Those of them on which both fail with errors that are alike, the same but for rounding, or the same bits. Each
        count holds those after it.
    """

    failing: int
    of_model: int
    alike: int
    same: int
    bits: int

    def precision(self, at_least: Agreement) -> float:
        """The share of the candidate's own failures that agree with the subject's."""
        return self.agreeing(at_least) / self.of_model if self.of_model else 0.0

    def agreeing(self, at_least: Agreement) -> int:
        """On how many cases the two agree so well."""
        return {Agreement.BITS: self.bits, Agreement.SAME: self.same}.get(at_least, self.alike)

    def confidence(self, witness: Agreement) -> str:
        """How sure the name is, in words.

        Parameters
        ----------
        witness
            How the candidate agrees on the witness of the finding itself.

        Examples
        --------
        >>> Tested(failing=37, of_model=37, alike=37, same=37, bits=37).confidence(Agreement.BITS)
        'certain: agrees bit for bit on 37 of 37 failing cases'
        >>> Tested(failing=40, of_model=12, alike=12, same=10, bits=0).confidence(Agreement.SAME)
        'likely: gives the error of this finding, and the same errors on 10 of 40 failing cases'
        """
        if witness == Agreement.ALIKE:
            return f"likely: gives errors like those of {self.alike} of {self.failing} failing cases"
        if self.failing and self.same >= CERTAIN * self.failing:
            if self.bits >= CERTAIN * self.failing:
                return f"certain: agrees bit for bit on {self.bits} of {self.failing} failing cases"
            return f"certain: gives the same errors on {self.same} of {self.failing} failing cases"
        counted = f"the same errors on {self.same} of {self.failing} failing cases"
        return f"likely: gives the error of this finding, and {counted}"


def tested(candidate: CandidateDefect, stands: Sequence[Stand]) -> Tested:
    """Run a candidate on some cases, and count where it agrees with the subject.

    Parameters
    ----------
    candidate
        The candidate; it meets the cases in their order.
    stands
        Cases with what the subject gave.
    """
    failing = of_model = 0
    found: list[Agreement] = []
    function = candidate.fresh()
    with silently():
        for stand in stands:
            probe = stand.probe
            if not candidate.takes(probe.case):
                continue
            answer = stand.run(candidate, function)
            fails = bool(answer.failed_properties) or (answer.got is not None and bool(probe.wrong(answer.got).any()))
            failing += fails or probe.failing
            of_model += fails
            if fails and probe.failing:
                if answer.failed_properties or probe.failed_properties:
                    alike = answer.failed_properties == probe.failed_properties
                    found.append(Agreement.SAME if alike else Agreement.NONE)
                elif answer.got is not None:
                    found.append(agreement(probe, answer.got))
    at_least = [sum(each >= level for each in found) for level in (Agreement.ALIKE, Agreement.SAME, Agreement.BITS)]
    return Tested(failing=failing, of_model=of_model, alike=at_least[0], same=at_least[1], bits=at_least[2])


def stands_of(probes: Sequence[Probe]) -> list[Stand]:
    """The cases made ready to be run on many candidates."""
    return [Stand(p) for p in probes]
