"""Defects of the call: what depends on earlier calls, other rows or chance, and the form of a result."""
