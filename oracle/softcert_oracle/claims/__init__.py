"""What the seed documents claim about softmax and its loss, each claim proved, refuted or corrected.

Nothing is stored as true: `ledger` executes every argument. ``python -m softcert_oracle.claims`` prints the
ledger as the page docs/claims.md.
"""

from softcert_oracle.claims.claim import Claim, Ruling, Thesis, check
from softcert_oracle.claims.ledger import SEEDS, claims, ledger, ledger_json

__all__ = ["SEEDS", "Claim", "Ruling", "Thesis", "check", "claims", "ledger", "ledger_json"]
