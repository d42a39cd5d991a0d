"""What the seed documents claim about softmax and its loss, each claim proved, refuted or corrected.

Nothing is stored as true: `rulings` executes every argument. ``python -m softcert_oracle.claims`` prints the
rulings as the page docs/claims.md.
"""

from softcert_oracle.claims.catalogue import DOCUMENTS, claims, rulings, rulings_json
from softcert_oracle.claims.claim import Claim, Ruling, Thesis, check

__all__ = ["DOCUMENTS", "Claim", "Ruling", "Thesis", "check", "claims", "rulings", "rulings_json"]
