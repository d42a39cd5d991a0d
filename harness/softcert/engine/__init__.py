"""The engine: calls a subject on the cases of one unit, judges each reply, and tallies the outcomes."""
