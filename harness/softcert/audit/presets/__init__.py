"""Presets: the rules of public checks as data, and the few that are more than a comparison."""
