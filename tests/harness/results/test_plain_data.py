"""Words of a subject in a file: nothing that it says costs the document."""

from __future__ import annotations

from dataclasses import replace

from tests.harness.cli.documents import certified, hostile
from tests.reports.sample import sample

from softcert.results.plain_data import storable
from softcert_reports import document as doc


def test_a_document_with_lone_surrogates_can_be_stored():
    """In a name, a message, a mapping and its keys; the rest of the text stays."""
    document = storable(replace(hostile("a\ud800b"), title="\udfff"))
    again = doc.loads(doc.dumps(document))
    assert again.subjects[0].name == again.findings[0].subject == "a⟨U+D800⟩b"
    assert again.environment == {"a⟨U+D800⟩b": "a⟨U+D800⟩b"}
    assert again.title == "⟨U+DFFF⟩"


def test_a_document_without_them_is_the_same():
    """Nothing else is changed, so digests of earlier releases hold."""
    for document in (sample(), certified("a\n::error::b")):
        assert doc.digest(storable(document)) == doc.digest(document)
