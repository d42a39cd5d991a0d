"""Defects of memory: elements that are left out, read twice, read from the wrong place, or overwritten."""
