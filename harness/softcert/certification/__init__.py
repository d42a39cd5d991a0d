"""Certification of one subject: the plan, the run over its units, and the result."""
