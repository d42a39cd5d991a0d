"""The state of the field: what shipping libraries answer, certified by one command."""
