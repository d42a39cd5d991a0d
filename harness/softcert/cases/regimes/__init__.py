"""Families of logits, each made to provoke one thing, and special values put among them."""
