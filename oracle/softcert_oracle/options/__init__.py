"""Options: the truth and the limits of calls that take weight, targets, mask, temperature and the rest.

docs/options.md has the definitions and derives the limits. The names of the options stand in
`softcert_oracle.operations.OPTIONS` and nowhere else.
"""

from softcert_oracle.options.canonical_call import CanonicalCall, canonical_call
from softcert_oracle.options.limits import limit
from softcert_oracle.options.reference import reference, refine
from softcert_oracle.options.vacuity import refuted, vacuous

__all__ = ["CanonicalCall", "canonical_call", "limit", "reference", "refine", "refuted", "vacuous"]
