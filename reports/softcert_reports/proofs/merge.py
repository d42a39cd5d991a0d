"""Parts of a proof put together: associative and commutative, and refused where rows would count twice."""

from __future__ import annotations

from dataclasses import fields

from softcert_reports.document.errors import DocumentError
from softcert_reports.proofs.record import ProofPart, ProofPlan, ProofTally, Witness

_COUNTS = tuple(f.name for f in fields(ProofTally) if f.name not in ("histogram", "largest", "first_failing"))


def merged(a: ProofPart, b: ProofPart) -> ProofPart:
    """The part that has the leaves of both.

    Parameters
    ----------
    a, b
        Parts of one plan without a common leaf.

    Returns
    -------
    ProofPart
        Counts and histograms are sums, witnesses those of the larger error, or the smaller row.

    Raises
    ------
    DocumentError
        For parts of different plans, and for a leaf that both have.
    """
    _same_plan(a.plan, b.plan)
    twice = sorted({leaf.number for leaf in a.leaves} & {leaf.number for leaf in b.leaves})
    if twice:
        raise DocumentError(
            f"leaves {_ranges(twice)} stand in two parts: their rows would count twice. Give each part once."
        )
    return ProofPart(
        plan=a.plan,
        leaves=tuple(sorted((*a.leaves, *b.leaves), key=lambda leaf: leaf.number)),
        tally=added(a.tally, b.tally),
        seconds=a.seconds + b.seconds,
        subject_seconds=a.subject_seconds + b.subject_seconds,
    )


def added(a: ProofTally, b: ProofTally) -> ProofTally:
    """The tally of the rows of both."""
    return ProofTally(
        **{name: getattr(a, name) + getattr(b, name) for name in _COUNTS},
        histogram=tuple(m + n for m, n in zip(a.histogram, b.histogram, strict=True)),
        largest=_larger(a.largest, b.largest),
        first_failing=_earlier(a.first_failing, b.first_failing),
    )


def missing(part: ProofPart) -> str:
    """The leaves that were not run, such as "3, 8 to 15"; "" where none is missing."""
    have = {leaf.number for leaf in part.leaves}
    return _ranges([k for k in range(part.plan.leaves) if k not in have])


def _same_plan(a: ProofPlan, b: ProofPlan) -> None:
    for field in fields(ProofPlan):
        mine, theirs = getattr(a, field.name), getattr(b, field.name)
        if mine != theirs:
            raise DocumentError(
                f"the parts are of different proofs: {field.name} is {mine!r} in one and {theirs!r} in the other. "
                "Merge parts of one plan."
            )


def _larger(a: Witness | None, b: Witness | None) -> Witness | None:
    if a is None or b is None:
        return a or b
    return min(a, b, key=lambda w: (-float.fromhex(w.ulp), w.row))


def _earlier(a: Witness | None, b: Witness | None) -> Witness | None:
    if a is None or b is None:
        return a or b
    return min(a, b, key=lambda w: w.row)


def _ranges(numbers: list[int]) -> str:
    runs: list[list[int]] = []
    for k in numbers:
        if runs and runs[-1][1] == k - 1:
            runs[-1][1] = k
        else:
            runs.append([k, k])
    return ", ".join(str(a) if a == b else f"{a} to {b}" for a, b in runs)
