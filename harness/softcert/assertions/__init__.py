"""Assertions for other people's tests: a result held against the exact one, and exact results in a format."""
