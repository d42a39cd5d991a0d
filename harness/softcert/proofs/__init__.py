"""Proofs by exhaustion: every row of a shape is run and judged, in leaves that any engine may run."""
