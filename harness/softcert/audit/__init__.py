"""Audits: the kill rate of somebody else's check, measured on the gallery, on degenerate ones and on exploits."""
