"""The page of a proof, apart from the report of sampled results: one file that opens anywhere."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

from softcert_reports.document.atomic import write_whole
from softcert_reports.page.render import page
from softcert_reports.proofs import badge, files, words
from softcert_reports.proofs.merge import missing
from softcert_reports.proofs.record import BINS, ProofPart


def render(part: ProofPart) -> str:
    """The page of a part or of a whole proof, the same bytes for the same part.

    Parameters
    ----------
    part
        A part, from `softcert_reports.proofs.files.load`.

    Returns
    -------
    str
        HTML without scripts and without any request.
    """
    tally, plan = part.tally, part.plan
    counts = [
        ("inputs of the shape", plan.rows),
        ("inputs that were run", tally.rows),
        ("with a finite maximum", tally.rows - tally.special),
        ("special: the contract decides", tally.special),
        ("special with a wrong result", tally.special_wrong),
        ("with a NaN in the result", tally.nan),
        ("correctly rounded", tally.correctly_rounded),
        ("faithful", tally.faithful),
        ("failing at the level", tally.failing),
        ("undecided", tally.undecided),
        ("the limit says nothing", tally.not_judged),
    ]
    named = (("Largest error", tally.largest), ("First that fails", tally.first_failing))
    facts = [(name.replace("_", " "), str(value)) for name, value in asdict(plan).items()]
    return page(
        "proof.html",
        f"{part.verdict}: {plan.subject}, {plan.operation}",
        {
            "part": part,
            "headline": words.headline(part),
            "counts": counts,
            "histogram": [(b, n) for b, n in zip(BINS, tally.histogram, strict=True) if n],
            "witnesses": [(label, words.of_witness(w)) for label, w in named if w is not None],
            "facts": [*facts, ("missing leaves", missing(part) or "none")],
            "digest": files.content_digest(part),
        },
        data=None,
        libraries=[],
    )


def save(part: ProofPart, folder: Path) -> None:
    """Write ``proof.json``, ``badge.json`` and ``index.html`` into a folder, each whole or not at all.

    Raises
    ------
    DocumentError
        For a folder that cannot be written.
    """
    files.save(part, folder / "proof.json")
    write_whole(folder / "badge.json", badge.badge(part))
    write_whole(folder / "index.html", render(part))
