"""``softcert verify`` of a proof: whether its counts fit together, and whether random leaves come again."""

from __future__ import annotations

from pathlib import Path

from softcert.commands.proofs.run import rerun
from softcert.commands.trust import Trust
from softcert.proofs.leaves import ProofStoppedError
from softcert_reports import document as doc
from softcert_reports.proofs import words
from softcert_reports.proofs.files import load

OTHERWISE, INCOMPLETE = 1, 3
"""Exit codes: a leaf comes out otherwise; the part is no whole proof, or could not be run again."""


def verify_proof(path: Path, again: bool, trust: Trust, *, leaves: int, seed: int) -> tuple[list[str], list[str], int]:
    """Hold a proof against its digest, and some of its leaves against a new run.

    Parameters
    ----------
    path
        A file that ``softcert prove`` or ``softcert merge`` wrote.
    again
        Whether leaves are run again.
    trust
        What may be run because the document names it.
    leaves, seed
        How many leaves, and what they are drawn by.

    Returns
    -------
    Problems, notes, and the exit code: 3 for a part that is not a whole proof.

    Raises
    ------
    DocumentError
        For a file that was changed or contradicts itself.
    UsageError
        For a subject that may not be run.
    """
    part = load(path)
    notes = [words.headline(part), "unsigned: the digest binds the counts to one another, not to a person"]
    problems: list[str] = []
    if again:
        named = doc.Subject(name=part.plan.subject, verdict="not run", spec=part.plan.spec)
        trust.require(named)
        try:
            problems, more = rerun(part, leaves, seed)
        except ProofStoppedError as error:
            return [str(error)], notes, INCOMPLETE
        notes += more
    if problems:
        return problems, notes, OTHERWISE
    return problems, notes, 0 if part.complete else INCOMPLETE
