"""Defects of the call: memory, layout, state, the form of a result, options and shapes."""
