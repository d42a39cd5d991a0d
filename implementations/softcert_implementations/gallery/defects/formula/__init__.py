"""Defects of the formula: axis, labels, normalisation, losses and their derivatives."""
