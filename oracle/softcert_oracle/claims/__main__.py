"""Prints the catalogue as Markdown: ``python -m softcert_oracle.claims > docs/claims.md``."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from itertools import groupby

from softcert_oracle.claims.catalogue import DOCUMENTS, count, rulings
from softcert_oracle.claims.claim import VERDICTS, Ruling

_HEAD = """\
# The ledger of claims

What the five documents that this project started from say about softmax and its loss, claim by claim. Nothing here is
written by hand: this page is what `python -m softcert_oracle.claims` prints, and every line of every argument was
executed. A claim counts as *proved* only if the same argument refutes a wrong version of it; a *corrected* one is a
misprint or a slip that is true once mended; a *refuted* one is false, and the counterexample's numbers are computed.
"""


def markdown() -> str:
    """The whole page."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield _HEAD
    counts = count()
    yield ", ".join(f"{counts[v]} {v}" for v in VERDICTS if v in counts) + "."
    for seed, group in groupby(rulings(), key=lambda r: r.claim.seed):
        yield f"\n## {seed}: {DOCUMENTS[seed]}"
        for ruling in group:
            yield from _entry(ruling)


def _entry(ruling: Ruling) -> Iterator[str]:
    claim = ruling.claim
    yield f"\n### {claim.id}: {ruling.verdict}\n"
    lost = ", formula reconstructed" if claim.reconstructed else ""
    yield f"> `{claim.quote}`{lost}\n"
    yield f"- **Claim.** {_plain(ruling.claimed.statement)}"
    if ruling.claimed.counterexample:
        yield f"- **Counterexample.** {_plain(ruling.claimed.counterexample)}"
    if ruling.correction is not None:
        yield f"- **True instead.** {_plain(ruling.correction.statement)}"
    if claim.remark:
        yield f"- **Remark.** {_plain(claim.remark)}"
    yield f"- **Method.** {ruling.claimed.method}"
    yield "- **Argument.**"
    for number, step in enumerate(ruling.steps, 1):
        yield f"    {number}. {_plain(step)}"


def _plain(text: str) -> str:
    """Text as Markdown shows it unchanged: what would be emphasis, a link or a tag is escaped."""
    for sign in "\\*_<>[]":
        text = text.replace(sign, "\\" + sign)
    return text


if __name__ == "__main__":
    sys.stdout.write(markdown())
