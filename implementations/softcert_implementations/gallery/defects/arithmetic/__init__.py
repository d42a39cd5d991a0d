"""Defects of the arithmetic: range, rounding, cancellation and special values."""
