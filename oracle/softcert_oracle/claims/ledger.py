"""The ledger: every mathematical claim of the five seed documents, each proved, refuted or corrected."""

from __future__ import annotations

from collections import Counter
from functools import cache
from importlib import import_module
from typing import Any

from softcert_oracle.claims.claim import Claim, Ruling, check

SEEDS = {
    "000": "NN Softmax loss function (blog)",
    "001": "Softmax-function.md (lecture notes)",
    "002": "Softmax Loss Function for single example (course forum)",
    "003": "Simple and understandable derivation of Softmax cross-entropy loss function (translated blog)",
    "004": "Softmax derivative, four classes, by the chain rule (worked solution)",
}
"""The documents that the project started from: number and title."""


def claims() -> tuple[Claim, ...]:
    """The claims in the order of the documents."""
    found: list[Claim] = []
    for seed in SEEDS:
        found += import_module(f"softcert_oracle.claims.seed_{seed}").CLAIMS
    return tuple(found)


@cache
def ledger() -> tuple[Ruling, ...]:
    """Every claim judged, all arguments executed once in a process (seconds)."""
    return tuple(check(claim) for claim in claims())


def ledger_json() -> list[dict[str, Any]]:
    """The ledger as plain data: one dict a claim, see `Ruling.as_json` for its keys."""
    return [ruling.as_json() for ruling in ledger()]


def count() -> dict[str, int]:
    """How many claims have each verdict."""
    return dict(Counter(ruling.verdict for ruling in ledger()))
