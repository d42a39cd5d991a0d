"""Defects of the formula: another function, axis, label, divisor or derivative than the right one."""
