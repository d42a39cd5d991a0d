"""Exact values of whole rows, as enclosures, by the fast path and by Arb."""
