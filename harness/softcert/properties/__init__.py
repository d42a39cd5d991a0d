"""The properties that must hold: their table, and one module for each family of checks."""
