"""The results document and everything that is rendered from it."""
