"""The table of docs/proofs.md, from the documents in docs/proofs: what was proved, and what it cost.

python benchmarks/proofs_table.py
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from softcert_reports.proofs.files import content_digest, load

FOLDER = Path(__file__).resolve().parents[1] / "docs" / "proofs"


def lines() -> Iterator[str]:
    """The rows of the table, by file name."""
    yield "| proof | inputs | special | correctly rounded | failing | calls, s | judging, s | digest |"
    yield "|---|---|---|---|---|---|---|---|"
    for path in sorted(FOLDER.glob("*.json")):
        proof = load(path)
        plan, tally = proof.plan, proof.tally
        what = f"{plan.subject}, {plan.operation}, {plan.classes} classes in {plan.format}"
        times = f"{proof.subject_seconds:,.0f} | {proof.seconds:,.0f}"
        yield (
            f"| [{what}](proofs/{path.name}) | {tally.rows:,} | {tally.special:,} | {tally.correctly_rounded:,} "
            f"| {tally.failing:,} | {times} | `{content_digest(proof)[7:19]}` |"
        )


if __name__ == "__main__":
    print("\n".join(lines()))
