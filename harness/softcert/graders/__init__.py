"""Graders: verdicts on many candidates of one task, sealed, isolated, one line of JSON each."""
