"""The arithmetic kernel: formats, rounding, scaled numbers, double-double and enclosures."""
