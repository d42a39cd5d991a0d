"""The results document of a run, and everything decided from it or written beside it."""
