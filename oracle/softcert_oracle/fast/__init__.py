"""The fast path: enclosures of whole rows in double-double, compiled by Numba."""

from softcert_oracle.fast.enclose import PARTS, enclose

__all__ = ["PARTS", "enclose"]
