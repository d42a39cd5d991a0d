"""The catalogue: every mathematical claim of the five seed documents, each proved, refuted or corrected."""

from __future__ import annotations

from collections import Counter
from functools import cache
from typing import Any

from softcert_oracle.claims.claim import Claim, Ruling, check

DOCUMENTS = {
    "000": "NN Softmax loss function (blog)",
    "001": "Softmax-function.md (lecture notes)",
    "002": "Softmax Loss Function for single example (course forum)",
    "003": "Simple and understandable derivation of Softmax cross-entropy loss function (translated blog)",
    "004": "Softmax derivative, four classes, by the chain rule (worked solution)",
}
"""The documents whose claims are checked: number and title."""


def claims() -> tuple[Claim, ...]:
    """The claims in the order of the documents."""
    # Imported here, since they import SymPy: naming the documents must not.
    from softcert_oracle.claims.documents import (
        chain_rule,
        chain_rule_samples,
        forum,
        lecture_notes,
        nn_blog,
        translated_blog,
    )

    modules = (nn_blog, lecture_notes, forum, translated_blog, chain_rule, chain_rule_samples)
    found = (claim for module in modules for claim in module.CLAIMS)
    return tuple(sorted(found, key=lambda claim: [int(part) for part in claim.id.split("-")]))


@cache
def rulings() -> tuple[Ruling, ...]:
    """Every claim judged, all arguments executed once in a process (seconds)."""
    return tuple(check(claim) for claim in claims())


def rulings_json() -> list[dict[str, Any]]:
    """The rulings as plain data: one dict a claim, see `Ruling.as_json` for its keys."""
    return [ruling.as_json() for ruling in rulings()]


def count() -> dict[str, int]:
    """How many claims have each verdict."""
    return dict(Counter(ruling.verdict for ruling in rulings()))
