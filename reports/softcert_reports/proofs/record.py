"""The records of a proof: its plan, the tally of its rows, and the leaves that were run.

A leaf is a fixed range of rows, the same for every way of sharing out the work. A part holds some leaves; the part
that holds all of them is the proof.
"""

from __future__ import annotations

from dataclasses import dataclass

BINS = ("correctly rounded", *(f"up to {2**k} ulp" for k in range(13)), "more", "infinite or NaN")
"""The histogram of a proof: rows by their largest error, in powers of two of an ulp."""


@dataclass(frozen=True, kw_only=True)
class ProofPlan:
    """What is proved, and how: everything that a result may depend on.

    Parameters
    ----------
    subject, spec
        The name of the subject, and the SPEC that it is found by ("" for a function without one).
    source_digest
        The digest of the subject's source, "" where it is not known.
    operation, format, classes, shape
        The inputs: ``shape`` is "all" or "zero".
    level
        The level that every result is held to.
    rows
        How many inputs there are, labels included.
    rows_per_call
        How many rows a call of the subject has.
    leaves
        How many ranges of rows the proof is made of.
    contract
        Deviations of the subject's contract from the default, as JSON text.
    limits_version
        The version of the limits.
    """

    subject: str
    spec: str
    source_digest: str
    operation: str
    format: str
    classes: int
    shape: str
    level: str
    rows: int
    rows_per_call: int
    leaves: int
    contract: str
    limits_version: str

    def leaf(self, number: int) -> tuple[int, int]:
        """The rows of a leaf: the first, and one beyond the last."""
        calls = -(-self.rows // self.rows_per_call)
        first, last = (calls * k // self.leaves for k in (number, number + 1))
        return first * self.rows_per_call, min(self.rows, last * self.rows_per_call)


@dataclass(frozen=True, kw_only=True)
class Witness:
    """A row, by its number, with its logits, its result and its error in ulp, all as hexadecimal floats."""

    row: int
    logits: tuple[str, ...]
    label: int | None
    result: tuple[str, ...]
    ulp: str


@dataclass(frozen=True, kw_only=True)
class ProofTally:
    """Counts of rows.

    Parameters
    ----------
    rows
        All of them: the special ones, and those with a finite maximum.
    special
        Rows whose result is a special value by the contract (NaN, +inf, only -inf, a loss of infinity).
    special_wrong
        How many of these have another result.
    nan
        Rows of which some result is NaN.
    correctly_rounded, faithful
        Rows with a finite maximum whose results are all so; the second count includes the first.
    failing
        Rows that do not hold the level, special ones included.
    undecided, not_judged
        Rows that could not be decided, and rows whose limit says nothing (vacuous).
    histogram
        Rows with a finite maximum that were judged, by `BINS`.
    largest, first_failing
        The row of the largest error and the first one that fails, the smallest number at ties.
    """

    rows: int = 0
    special: int = 0
    special_wrong: int = 0
    nan: int = 0
    correctly_rounded: int = 0
    faithful: int = 0
    failing: int = 0
    undecided: int = 0
    not_judged: int = 0
    histogram: tuple[int, ...] = (0,) * len(BINS)
    largest: Witness | None = None
    first_failing: Witness | None = None


@dataclass(frozen=True, kw_only=True)
class Leaf:
    """A range of rows that was run: its number, and the digest of its results and its tally."""

    number: int
    digest: str


@dataclass(frozen=True, kw_only=True)
class ProofPart:
    """Some leaves of a proof, or all of them.

    Parameters
    ----------
    plan
        What is proved.
    leaves
        The leaves that were run, by their numbers.
    tally
        Of the rows of these leaves.
    seconds
        Processor time in the processes that called and judged, of all leaves; it is in no digest.
    subject_seconds
        Time inside the subject's calls, as its worker measured it.
    """

    plan: ProofPlan
    leaves: tuple[Leaf, ...]
    tally: ProofTally
    seconds: float = 0.0
    subject_seconds: float = 0.0

    @property
    def complete(self) -> bool:
        """Whether every leaf was run."""
        return len(self.leaves) == self.plan.leaves

    @property
    def verdict(self) -> str:
        """One of "proved", "refuted" and "incomplete": a single row that fails refutes, every row proves."""
        if self.tally.failing:
            return "refuted"
        if not self.complete or self.tally.undecided or self.tally.not_judged:
            return "incomplete"
        return "proved"

    @property
    def exit_code(self) -> int:
        """0 for a proof, 1 for a refutation, 3 for what is incomplete."""
        return {"proved": 0, "refuted": 1, "incomplete": 3}[self.verdict]
