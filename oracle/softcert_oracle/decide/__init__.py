"""Decisions about a computed result: distance, limit, rounding; undecided cases go on to higher precision."""
