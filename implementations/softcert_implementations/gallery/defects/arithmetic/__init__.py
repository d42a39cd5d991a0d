"""Defects of the arithmetic: shifts, sums, exponentials, precision, special values."""
