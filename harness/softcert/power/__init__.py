"""What the suite catches, measured on models that the gallery does not hold: blind sets, and mutants of sources."""
