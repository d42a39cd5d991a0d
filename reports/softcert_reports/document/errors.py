"""The one error for what a person gave: a document, a certificate or an argument that cannot be used."""

from __future__ import annotations


class DocumentError(ValueError):
    """A results document, certificate or argument that cannot be used; the message is one sentence for a person."""
