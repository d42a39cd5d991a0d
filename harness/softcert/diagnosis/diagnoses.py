"""The records of a diagnosis; apart from its making, which loads the whole gallery."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class Diagnosis:
    """The known defect that a subject behaves like.

    Attributes
    ----------
    defect, family
        The model's name and family; "" where nothing is similar.
    text
        What it does, and when that shows.
    confidence
        How much of the telling cases it accounts for, in words.
    remedy, reference
        What to do, and where it was seen in public.
    """

    defect: str
    text: str
    family: str
    confidence: str
    remedy: str
    reference: str


UNKNOWN = Diagnosis(
    defect="",
    text="No model in the gallery of known defects behaves like this.",
    family="",
    confidence="none",
    remedy="Start from the witness: it is the smallest input found that shows the difference.",
    reference="",
)


@dataclass(frozen=True, kw_only=True)
class Diagnoses:
    """The diagnoses of one subject.

    Attributes
    ----------
    by_finding
        By the id of a finding.
    failures
        (operation, format) -> why no diagnosis could be made there: a failure of ours, which costs no finding.
    """

    by_finding: Mapping[str, Diagnosis] = field(default_factory=dict)
    failures: Mapping[tuple[str, str], str] = field(default_factory=dict)

    def lacks(self, finding: str) -> bool:
        """Whether a finding, by its id, was diagnosed and no cause was found."""
        known = self.by_finding.get(finding)
        return known is not None and not known.defect
