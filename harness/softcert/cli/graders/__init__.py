"""Commands for those who check other implementations: ``audit``, ``tolerance`` and ``judge``."""
