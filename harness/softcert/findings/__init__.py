"""Findings: one for each property and cause that is violated, with a shrunk witness and its text."""
