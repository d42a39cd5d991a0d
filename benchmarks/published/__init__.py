"""Figures that others published, measured again with exact truth."""
