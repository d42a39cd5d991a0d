"""Tolerances: the atol and rtol that follow from derived limits, and what a given pair lets pass."""
